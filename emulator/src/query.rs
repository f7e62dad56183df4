//! Query strings.

use crate::names::decode;
use crate::refusal::Refusal;

/// Names in lower case, and values, in order. A `+` is a blank, as forms encode it.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, Refusal> {
    raw_pairs(query)
        .map(|(name, value)| {
            Ok((
                decode(&name.replace('+', " "))?.to_lowercase(),
                decode(&value.replace('+', " "))?,
            ))
        })
        .collect()
}

/// The `sign` of a download link or a form, empty if there is none. A `+` stays: it is Base64's.
pub fn signature(query: &str) -> Result<String, Refusal> {
    raw_pairs(query)
        .find(|(name, _)| name.eq_ignore_ascii_case("sign"))
        .map_or(Ok(String::new()), |(_, value)| decode(value))
}

fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}
