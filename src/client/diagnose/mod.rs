//! What is wrong between this program and the service, step by step: first the way there, then a question that
//! needs no signature, then the smallest requests that need one. Nothing is written.

mod open;
mod way;
mod words;

use super::Client;
use crate::base::{cancel, time};
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::Call;
use crate::exchange::secrets::Secrets;
use crate::model::diagnosis::{Diagnosis, Facts, Finding, Status, Step};
use crate::model::{Answer, Bucket, Path, Reply, Target};
use crate::transport::Request;
use way::{facts_of, gone_well};
use words::Remark;

/// Clocks that differ by more should be set: signatures are good for a minute by default.
const CLOCKS_DIFFER_S: u64 = 60;

/// A file that need not be there.
const ANY_FILE: &str = "qcos-diagnose";

impl Client {
    pub(crate) fn diagnose(&self, bucket: &str) -> Result<Reply> {
        let bucket = Target::new(Bucket::new(bucket)?, Path::root("bucket"));
        self.check(&bucket)?;
        self.call(|call| {
            let question = self.dialect().open_question(call.exchange(), &bucket)?;
            let mut examination = Examination {
                call,
                dialect: self.dialect(),
                bucket: &bucket,
                service: String::new(),
                proxy: None,
                told_host: host_header(&question),
                clock_ahead_s: None,
                findings: Vec::new(),
            };
            examination.examine(&question)?;
            Ok(call.answer(Answer::local(examination.diagnosis())).into())
        })
    }
}

struct Examination<'e> {
    call: &'e Call<'e>,
    dialect: &'static dyn Dialect,
    bucket: &'e Target,
    /// `host:port`
    service: String,
    /// The same of the proxy on the way to it.
    proxy: Option<String>,
    /// As the requests name it; the same, but for a service on this machine.
    told_host: Option<String>,
    clock_ahead_s: Option<i64>,
    /// At most one a step.
    findings: Vec<Finding>,
}

impl Examination<'_> {
    /// Each part needs those before it. An error is the call's own: a cancel.
    fn examine(&mut self, question: &Request) -> Result<()> {
        let goes_on = self.way(question)? && self.answer(question)?;
        if goes_on && self.credentials()? {
            self.rights()?;
        }
        Ok(())
    }

    /// From the name to TLS.
    fn way(&mut self, question: &Request) -> Result<bool> {
        let exchange = self.call.exchange();
        let limits = exchange.time_limits(self.call.deadline());
        let probe = exchange.transport().probe(&question.url, limits);
        cancel::check()?;
        self.service.clone_from(&probe.service);
        self.proxy.clone_from(&probe.proxy);
        let failed = probe.failure.as_ref().map(|(step, _)| *step);
        for step in [Step::Dns, Step::Tcp, Step::Proxy, Step::Tls] {
            if failed == Some(step) {
                break;
            }
            let (status, remark) = gone_well(step, &probe);
            self.find(step, status, remark, facts_of(step, &probe));
        }
        let Some((step, error)) = probe.failure.as_ref() else {
            return Ok(true);
        };
        let remark = match step {
            Step::Tls if probe.certificate.is_some() => Remark::NotTrusted,
            step => Remark::of_failure(*step, error),
        };
        let mut facts = facts_of(*step, &probe);
        facts.error = probe.failure.map(|(_, error)| error);
        self.find(failed.unwrap_or(Step::Tcp), Status::Failed, remark, facts);
        Ok(false)
    }

    /// What the service says to anybody: that it is the service, its time, and perhaps that the bucket is
    /// there.
    fn answer(&mut self, question: &Request) -> Result<bool> {
        let reported = open::ask(self.call, self.dialect, question)?;
        let error = reported.is_there.as_ref().err();
        let step = error.map(|error| self.step_of(error));
        let is_its_own = error.is_none_or(|error| error.kind == Kind::Service);
        // What is not the service, or has too much to do, has no clock of any interest.
        if is_its_own && step != Some(Step::Http) {
            self.succeed(Step::Http);
            self.clock(reported.date);
        }
        match reported.is_there {
            Ok(is_there) => {
                if is_there {
                    self.prove(&[Step::Region, Step::PathStyle]);
                }
                Ok(true)
            }
            // What only this question meets is no reason to stop.
            Err(_) if step == Some(Step::List) => Ok(true),
            Err(error) => self.fail(error),
        }
    }

    fn clock(&mut self, date: Option<u64>) {
        let Some(date) = date else {
            let facts = Facts::default();
            return self.find(Step::Clock, Status::Skipped, Remark::ClockUnknown, facts);
        };
        let here = time::now();
        let difference = i64::try_from(here.abs_diff(date)).unwrap_or(i64::MAX);
        let ahead = if here < date { -difference } else { difference };
        self.clock_ahead_s = Some(ahead);
        let (status, remark) = match clocks_differ(ahead) {
            true => (Status::Warning, Remark::ClockOff),
            false => (Status::Ok, Remark::ClockRight),
        };
        self.find(Step::Clock, status, remark, self.facts(Step::Clock));
    }

    /// Key, signature and token, by a list.
    fn credentials(&mut self) -> Result<bool> {
        if let Err(error) = self.call.signer() {
            cancel::check()?;
            let facts = Facts {
                error: Some(error),
                ..Facts::default()
            };
            self.find(Step::Key, Status::Failed, Remark::NoCredentials, facts);
            return Ok(false);
        }
        let Err(error) = self.dialect.try_list(self.call, self.bucket) else {
            self.prove(&[Step::Region, Step::PathStyle, Step::List]);
            self.prove(&[Step::Key, Step::Signature, Step::Token]);
            return Ok(true);
        };
        let step = self.step_of(&error);
        self.prove(match step {
            Step::List => &[Step::Key, Step::Signature, Step::Token],
            Step::Signature | Step::Token => &[Step::Key],
            _ => &[],
        });
        self.fail(error)?;
        Ok(step == Step::List)
    }

    fn rights(&mut self) -> Result<()> {
        let file = self
            .bucket
            .beside(self.dialect.file_path("bucket", ANY_FILE)?);
        let Err(error) = self.dialect.try_read(self.call, &file) else {
            self.succeed(Step::Read);
            // Many programs need not list.
            let list = self.findings.iter_mut().find(|it| it.step == Step::List);
            if let Some(list) = list.filter(|list| list.status == Status::Failed) {
                list.status = Status::Warning;
            }
            return Ok(());
        };
        let step = match self.step_of(&error) {
            Step::List => Step::Read,
            other => other,
        };
        self.fail_at(step, error).map(drop)
    }

    fn prove(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.succeed(*step));
    }

    fn succeed(&mut self, step: Step) {
        let has_token = || {
            let credentials = self.call.exchange().credentials();
            credentials.is_some_and(|credentials| credentials.token().is_some())
        };
        let remark = match step {
            Step::Http => Remark::Answered,
            Step::Region => Remark::BucketThere,
            Step::PathStyle if self.facts(step).addressing.is_none() => Remark::NoAddressing,
            Step::PathStyle => Remark::AddressingRight,
            Step::Key => Remark::KeyKnown,
            Step::Signature => Remark::SignatureRight,
            Step::Token if has_token() => Remark::TokenRight,
            Step::Token => Remark::NoToken,
            Step::List => Remark::MayList,
            _ => Remark::MayRead,
        };
        self.find(step, Status::Ok, remark, self.facts(step));
    }

    fn step_of(&self, error: &Error) -> Step {
        match error.kind {
            Kind::Dns => Step::Dns,
            Kind::Connect => Step::Tcp,
            Kind::Proxy => Step::Proxy,
            Kind::Tls => Step::Tls,
            Kind::Redirect => Step::Region,
            Kind::Service if error.retryable() => Step::Http,
            Kind::Service => self.dialect.blamed(error).unwrap_or(Step::List),
            _ => Step::Http,
        }
    }

    /// The step that the error is about has failed. Never goes on.
    fn fail(&mut self, error: Error) -> Result<bool> {
        self.fail_at(self.step_of(&error), error)
    }

    fn fail_at(&mut self, step: Step, error: Error) -> Result<bool> {
        cancel::check()?;
        let mut remark = Remark::of_failure(step, &error);
        let is_denial = self.dialect.blamed(&error) == Some(Step::List);
        if matches!(step, Step::List | Step::Read) && !is_denial {
            remark = Remark::Refused;
        }
        let mut facts = self.facts(step);
        facts.error = Some(error);
        if step == Step::Clock && self.clock_ahead_s.is_some_and(clocks_differ) {
            remark = Remark::ClockWrong;
        }
        if matches!(remark, Remark::NoBucket) {
            facts.region = self.other_region()?;
            if facts.region.is_some() {
                remark = Remark::OtherRegion;
            }
        }
        self.find(step, Status::Failed, remark, facts);
        Ok(false)
    }

    /// Where the bucket is, if the account has it in another region and may list its buckets.
    fn other_region(&self) -> Result<Option<String>> {
        let buckets = self.dialect.list_buckets(self.call).unwrap_or_default();
        cancel::check()?;
        let name = self.bucket.bucket.as_str();
        let whole = format!("{name}-{}", self.call.exchange().appid());
        let found = buckets
            .into_iter()
            .find(|bucket| bucket.name == name || bucket.name == whole);
        let is_elsewhere = |region: &String| {
            let host = self.told_host.as_ref().unwrap_or(&self.service);
            !region.is_empty() && !host.split('.').any(|label| label == region)
        };
        Ok(found.map(|bucket| bucket.region).filter(is_elsewhere))
    }

    fn facts(&self, step: Step) -> Facts {
        let mut facts = Facts::default();
        match step {
            Step::Clock => facts.clock_ahead_s = self.clock_ahead_s,
            Step::Proxy => facts.proxy.clone_from(&self.proxy),
            Step::PathStyle => facts.addressing = self.dialect.addressing(self.call.exchange()),
            Step::Key | Step::Signature | Step::Token => {}
            _ => facts.host = Some(self.service.clone()),
        }
        if matches!(step, Step::Region | Step::List | Step::Read) {
            facts.bucket = Some(self.bucket.bucket.as_str().to_owned());
        }
        facts
    }

    /// In the place of what was found before.
    fn find(&mut self, step: Step, status: Status, remark: Remark, facts: Facts) {
        self.findings.retain(|finding| finding.step != step);
        self.findings.push(Finding {
            step,
            status,
            words: remark.words(&facts),
            facts,
        });
    }

    /// All steps in their order, without secrets.
    fn diagnosis(mut self) -> Diagnosis {
        for step in Step::ALL {
            let found = self
                .findings
                .iter()
                .position(|finding| finding.step == step);
            match found {
                // To the end, as those before it.
                Some(at) => {
                    let finding = self.findings.remove(at);
                    self.findings.push(finding);
                }
                None => {
                    let facts = Facts::default();
                    self.find(step, Status::Skipped, Remark::NotChecked, facts);
                }
            }
        }
        let credentials = self.call.exchange().credentials();
        if let Some(secrets) = credentials.map(|credentials| Secrets::of(&credentials)) {
            for finding in &mut self.findings {
                finding.texts().for_each(|text| secrets.hide_in_text(text));
                let error = finding.facts.error.take();
                finding.facts.error = error.map(|error| secrets.hide_in(error));
            }
        }
        Diagnosis {
            findings: self.findings,
        }
    }
}

fn clocks_differ(ahead_s: i64) -> bool {
    ahead_s.unsigned_abs() > CLOCKS_DIFFER_S
}

fn host_header(request: &Request) -> Option<String> {
    let mut headers = request.headers.iter();
    let (_, host) = headers.find(|(name, _)| name == "host")?;
    Some(host.clone())
}
