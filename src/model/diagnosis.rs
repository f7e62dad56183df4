//! What a diagnosis has found: the steps between a program and the service, and how each of them went.

use crate::error::Error;

/// In the order in which they are needed: each is of use only where those before it went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Dns,
    Tcp,
    Proxy,
    Tls,
    Http,
    Clock,
    Region,
    PathStyle,
    Key,
    Signature,
    Token,
    List,
    Read,
}

impl Step {
    pub(crate) const ALL: [Step; 13] = [
        Step::Dns,
        Step::Tcp,
        Step::Proxy,
        Step::Tls,
        Step::Http,
        Step::Clock,
        Step::Region,
        Step::PathStyle,
        Step::Key,
        Step::Signature,
        Step::Token,
        Step::List,
        Step::Read,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Step::Dns => "dns",
            Step::Tcp => "tcp",
            Step::Proxy => "proxy",
            Step::Tls => "tls",
            Step::Http => "http",
            Step::Clock => "clock",
            Step::Region => "region",
            Step::PathStyle => "path_style",
            Step::Key => "key",
            Step::Signature => "signature",
            Step::Token => "token",
            Step::List => "list",
            Step::Read => "read",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    /// It works, and something about it should be known.
    Warning,
    Failed,
    /// Nothing is known about it.
    Skipped,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
            Status::Skipped => "skipped",
        }
    }
}

/// What is known of a step.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) host: Option<String>,
    pub(crate) addresses: Vec<String>,
    pub(crate) proxy: Option<String>,
    /// Whom the server's certificate is for, and who has signed it.
    pub(crate) subject: Option<String>,
    pub(crate) issuer: Option<String>,
    /// Seconds that this machine's clock is ahead of the service's.
    pub(crate) clock_ahead_s: Option<i64>,
    pub(crate) bucket: Option<String>,
    /// Where the bucket is.
    pub(crate) region: Option<String>,
    pub(crate) addressing: Option<&'static str>,
    pub(crate) error: Option<Error>,
}

/// How a step went.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) step: Step,
    pub(crate) status: Status,
    pub(crate) facts: Facts,
    /// The message and the advice, each in English and in Chinese; "" where there is nothing to do.
    pub(crate) words: [String; 4],
}

impl Finding {
    /// Every text in it that may come from elsewhere.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let Facts {
            host,
            addresses,
            proxy,
            subject,
            issuer,
            bucket,
            region,
            ..
        } = &mut self.facts;
        let facts = [host, proxy, subject, issuer, bucket, region];
        let facts = facts.into_iter().flatten().chain(addresses);
        facts.chain(&mut self.words)
    }
}

#[derive(Debug)]
pub(crate) struct Diagnosis {
    pub(crate) findings: Vec<Finding>,
}

impl Diagnosis {
    pub(super) fn is_ok(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.status != Status::Failed)
    }
}
