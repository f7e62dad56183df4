//! An object's attribute replaced, and everything else of it kept: by a copy onto itself, unless
//! somebody else changes it meanwhile (xml-api.md §4).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::acl::{self, Acl};
use super::copy::copy_object;
use super::copy_source::{CopySpec, changed, if_match, source, source_name};
use super::encryption;
use super::head::Head;
use super::metadata::{self, STANDARD, STORAGE_CLASS};
use super::request::lost_then_refused;
use super::same::{Content, compare, is_fresh, is_unchanged};
use crate::error::{ErrorClass, Result};
use crate::exchange::{Call, wait};
use crate::model::object::META_BIZ_ATTR;
use crate::model::{ObjectChanges, Target};
use crate::transport::Header;

/// How often somebody else may change an object while its attribute is changed here.
const RACES_MAX: u32 = 3;

/// Whatever is changed so long after a look at it has another time than it had.
const SECOND: Duration = Duration::from_millis(1_050);

pub(super) fn update(call: &Call, target: &Target, biz_attr: &str) -> Result<()> {
    let changes = ObjectChanges {
        biz_attr: Some(biz_attr.to_owned()),
        ..ObjectChanges::default()
    };
    rewrite(call, target, &changes)
}

/// The same of all that can be changed; whether anything was. Where everything is as it is to be, nothing is
/// written; who may read it is told by no HEAD, so that is always said.
pub(super) fn change(call: &Call, target: &Target, changes: &ObjectChanges) -> Result<bool> {
    changes
        .biz_attr
        .as_deref()
        .map(metadata::biz_attr)
        .transpose()?;
    let is_other = !changes.is_acl_alone() && !is_done(changes, &source(call, target)?);
    if is_other {
        rewrite(call, target, changes)?;
    }
    if let Some(acl) = &changes.acl {
        acl::set_acl(call, target, acl).map_err(|error| match is_other {
            true => error.context("all was changed but who may read the file"),
            false => error,
        })?;
    }
    Ok(is_other || changes.acl.is_some())
}

fn rewrite(call: &Call, target: &Target, changes: &ObjectChanges) -> Result<()> {
    let header = changes.biz_attr.as_deref().map(metadata::biz_attr);
    let header = header.transpose()?.flatten();
    source_name(call.exchange(), target)?;
    let is_done = |held: &Head| is_done(changes, held);
    let mut races = 0;
    loop {
        let held = settled(call, target)?;
        let access = acl::of_source(call, target)?;
        let spec = copy_spec((target, &held), &access, changes, header.clone())?;
        let error = match copy_object(call, (target, &held), target, &spec, &mut |_, _| Ok(())) {
            Ok(_) => {
                let now = source(call, target)?;
                let is_other = compare(&now, &held) == Content::Differs;
                if is_other || (!is_done(&now) && !is_unchanged(&held, &now)) {
                    return Err(changed());
                }
                acl::check_kept(call, target, &access)?;
                return Ok(());
            }
            Err(error) if error.is(ErrorClass::Changed) || lost_then_refused(&error) => error,
            Err(error) => return Err(error),
        };
        if error.maybe_applied && is_done(&source(call, target)?) {
            // Changed by the first attempt, whose answer was lost.
            return Ok(());
        }
        if !error.is(ErrorClass::Changed) {
            return Err(error);
        }
        races += 1;
        if races == RACES_MAX {
            return Err(error);
        }
    }
}

/// Whether an object is as it is to be, but for who may read it.
fn is_done(changes: &ObjectChanges, held: &Head) -> bool {
    let has =
        |(name, value): &(String, Option<String>)| held.headers.text(name) == value.as_deref();
    let biz_attr = held.attributes.biz_attr.as_deref().unwrap_or_default();
    let class = held.headers.text(STORAGE_CLASS).unwrap_or(STANDARD);
    changes.headers.iter().all(has)
        && changes.biz_attr.as_ref().is_none_or(|it| it == biz_attr)
        && changes.storage_class.as_ref().is_none_or(|it| it == class)
}

/// All that is there, but for what is changed. `access` is who may read it.
fn copy_spec(
    (target, held): (&Target, &Head),
    access: &Acl,
    changes: &ObjectChanges,
    header: Option<Header>,
) -> Result<CopySpec> {
    let param = target.path.param();
    let mut headers = metadata::kept(&held.headers, param)?;
    headers.extend(metadata::not_inherited_of(target, &held.headers, param)?);
    headers.retain(|(name, _)| {
        let is_named = changes.headers.iter().any(|(changed, _)| changed == name);
        let is_attribute = changes.biz_attr.is_some() && name == META_BIZ_ATTR;
        let is_class = changes.storage_class.is_some() && name == STORAGE_CLASS;
        !(is_named || is_attribute || is_class)
    });
    headers.extend(header);
    let said = changes.headers.iter().cloned();
    headers.extend(said.filter_map(|(name, value)| Some((name.into(), value?))));
    let class = changes.storage_class.clone();
    headers.extend(class.map(|class| (STORAGE_CLASS.into(), class)));
    headers.extend(access.headers(param)?);
    // What is named adds to what is there.
    metadata::check_given("options_json", &headers)?;
    // The time alone: it changes with the metadata, which the ETag does not tell; and beside a tag
    // that matches, a service may leave a time unlooked at (RFC 9110 §13.2.2).
    let modified = held.headers.text("last-modified").map(|modified| {
        let guard = "x-cos-copy-source-if-unmodified-since";
        (guard.into(), modified.to_owned())
    });
    Ok(CopySpec {
        headers,
        is_whole: true,
        conditions: [
            vec![modified.unwrap_or_else(|| if_match(held))],
            encryption::key_of_source(target.encryption()),
        ]
        .concat(),
        overwrite: true,
    })
}

/// The object, once every later change will show in its time, which tells whole seconds.
fn settled(call: &Call, target: &Target) -> Result<Head> {
    let mut held = source(call, target)?;
    let mut seen_at = Instant::now();
    let mut races = 0;
    while is_fresh(&held, call.exchange().now()) && seen_at.elapsed() < SECOND {
        let left = call
            .deadline()
            .map(|end| end.saturating_duration_since(Instant::now()));
        wait(left.unwrap_or(SECOND).min(to_next_second()), &mut || Ok(()))?;
        let now = source(call, target)?;
        if !is_unchanged(&held, &now) {
            races += 1;
            seen_at = Instant::now();
        }
        if races == RACES_MAX {
            return Err(changed());
        }
        held = now;
    }
    Ok(held)
}

/// Until clocks that go right tell another second; the service's own word is what counts.
fn to_next_second() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let gone = now.map_or(0, |now| now.subsec_millis());
    Duration::from_millis(u64::from(1_020 - gone))
}
