//! What a request may be about beside an object or a bucket, as its query tells.

use super::refusal::{Code, code};

/// Those that the emulator does not have are refused, lest they be taken for something else. With
/// the service's answer to a GET where none was set, if it is known.
const OTHERS: &[(&str, Option<Code>)] = &[
    ("accelerate", None),
    ("append", None),
    ("asyncfetch", None),
    ("ci-process", None),
    ("cors", Some(code::NO_SUCH_CORS)),
    ("domain", None),
    ("domaincertificate", None),
    ("encryption", Some(code::NO_SUCH_ENCRYPTION)),
    ("intelligenttiering", None),
    ("inventory", Some(code::NO_SUCH_INVENTORY)),
    ("lifecycle", Some(code::NO_SUCH_LIFECYCLE)),
    ("logging", None),
    ("notification", None),
    ("object-lock", Some(code::NO_SUCH_OBJECT_LOCK)),
    ("origin", Some(code::NO_SUCH_ORIGIN)),
    ("policy", Some(code::NO_SUCH_POLICY)),
    ("publicaccessblock", None),
    ("referer", None),
    ("rename", None),
    ("replication", Some(code::NO_SUCH_REPLICATION)),
    ("restore", None),
    ("retention", None),
    ("select", None),
    ("symlink", None),
    ("tagging", Some(code::NO_SUCH_TAG_SET)),
    ("torrent", None),
    ("versions", None), // of an object
    ("website", Some(code::NO_SUCH_WEBSITE)),
];
const OWN: &[&str] = &[
    "acl",
    "delete",
    "location",
    "partnumber",
    "uploadid",
    "uploads",
    "versioning",
];
const LISTING: &[&str] = &[
    "delimiter",
    "encoding-type",
    "key-marker",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "prefix",
    "upload-id-marker",
    "version-id-marker",
    "versionid",
];

/// Whether a query alone shows that the XML API is meant.
pub fn is_named_in(query: &str) -> bool {
    names(query).any(|name| {
        let name = name.to_ascii_lowercase();
        [OWN, LISTING]
            .iter()
            .any(|known| known.contains(&name.as_str()))
            || OTHERS.iter().any(|(other, _)| *other == name)
            || name.starts_with("response-")
    })
}

/// Whether a query names one that the emulator does not have.
pub fn unsupported(query: &str) -> Option<Option<Code>> {
    let is_named = |other: &&(&str, _)| names(query).any(|name| name.eq_ignore_ascii_case(other.0));
    let other = OTHERS.iter().find(is_named).map(|(_, unset)| *unset);
    other.or_else(|| has_unknown(query).then_some(None))
}

pub fn names(query: &str) -> impl Iterator<Item = &str> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

/// A parameter without value that is none of ours can only be a sub-resource.
fn has_unknown(query: &str) -> bool {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    // Python's SDK sends `name=`.
    let names = pairs.map(|pair| pair.strip_suffix('=').unwrap_or(pair));
    let mut bare = names.filter(|name| !name.contains('='));
    bare.any(|name| {
        let name = name.to_ascii_lowercase();
        let known = [OWN, LISTING];
        !known.iter().any(|known| known.contains(&name.as_str()))
            && !name.starts_with("response-")
            && !name.starts_with("x-cos-")
            && !name.starts_with("q-")
            && name != "sign"
    })
}
