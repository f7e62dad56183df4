//! GET Bucket: objects by key (xml-api.md §3.6), and what all lists have in common.

use axum::response::Response;

use super::Call;
use super::refusal::{Refusal, code};
use super::reply::{iso_millis, put_header, quoted, xml};
use super::xml::Xml;
use crate::names::encode;
use crate::store::{Object, ScanFrom, behind};

/// xml-api.md §3.6.
pub const MAX_KEYS: usize = 1000;
/// How many are read at first where groups may come.
const FEW: usize = 8;

/// A page of anything that is ordered by keys.
pub struct Page<'a, T> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    marker: &'a str,
    limit: usize,
    pub items: Vec<T>,
    pub common_prefixes: Vec<String>,
    /// The last key or common prefix that was added.
    pub last: String,
    pub is_truncated: bool,
}

impl<'a, T> Page<'a, T> {
    pub fn new(
        prefix: &'a str,
        delimiter: Option<&'a str>,
        marker: &'a str,
        limit: usize,
    ) -> Page<'a, T> {
        Page {
            prefix,
            delimiter,
            marker,
            limit,
            items: Vec::new(),
            common_prefixes: Vec::new(),
            last: String::new(),
            is_truncated: false,
        }
    }

    /// The next in order; false when the page is full.
    pub fn add(&mut self, key: &str, item: T) -> bool {
        let group = self.group(key);
        if let Some(group) = &group {
            // Either the last that was added, or that where the page before ended.
            if self.common_prefixes.last() == Some(group) || self.marker == group {
                return true;
            }
        }
        if self.items.len() + self.common_prefixes.len() == self.limit {
            self.is_truncated = true;
            return false;
        }
        match group {
            Some(group) => {
                self.last.clone_from(&group);
                self.common_prefixes.push(group);
            }
            None => {
                key.clone_into(&mut self.last);
                self.items.push(item);
            }
        }
        true
    }

    /// The common prefix that a key belongs to.
    pub fn group(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter?;
        let rest = key.strip_prefix(self.prefix)?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        Some(key[..end].to_owned())
    }

    /// Behind the marker; None if nothing can be there.
    pub fn begin(&self) -> Option<ScanFrom> {
        match self.group(self.marker) {
            Some(group) if group == self.marker => behind(&group).map(ScanFrom::At),
            _ => Some(ScanFrom::After(self.marker.to_owned())),
        }
    }

    pub fn put_common_prefixes(&self, body: &mut Xml, encoding: Encoding) {
        for prefix in &self.common_prefixes {
            body.open("CommonPrefixes");
            body.text("Prefix", &encoding.of(prefix));
            body.close("CommonPrefixes");
        }
    }
}

pub fn list_objects(call: &Call) -> Result<Response, Refusal> {
    let encoding = Encoding::read(call)?;
    let limit = max(call, "max-keys", MAX_KEYS)?;
    let prefix = call.param("prefix").unwrap_or("");
    let marker = call.param("marker").unwrap_or("");
    let delimiter = call.given("delimiter");
    let mut page = Page::new(prefix, delimiter, marker, limit);
    let bucket = call.transaction(|tx| {
        let bucket = call.list_bucket(tx)?;
        let Some(from) = page.begin() else {
            return Ok::<_, Refusal>(bucket);
        };
        let scan = |from: &ScanFrom, most| Ok(tx.objects(&call.bucket, prefix, from, most)?);
        fill(&mut page, from, scan, |object: &Object| {
            ScanFrom::After(object.key.clone())
        })?;
        Ok(bucket)
    })?;

    let mut body = Xml::document();
    body.open("ListBucketResult");
    body.text("Name", &call.full_bucket());
    encoding.put(&mut body, "EncodingType");
    body.text("Prefix", &encoding.of(prefix));
    body.text("Marker", &encoding.of(marker));
    body.text("MaxKeys", &limit.to_string());
    if let Some(delimiter) = delimiter {
        body.text("Delimiter", &encoding.of(delimiter));
    }
    body.text("IsTruncated", &page.is_truncated.to_string());
    if page.is_truncated {
        body.text("NextMarker", &encoding.of(&page.last));
    }
    page.put_common_prefixes(&mut body, encoding);
    for object in &page.items {
        body.open("Contents");
        body.text("Key", &encoding.of(&object.key));
        body.text("LastModified", &iso_millis(object.mtime));
        body.text("ETag", &quoted(&object.etag));
        body.text("Size", &object.size.to_string());
        call.put_person(&mut body, "Owner");
        body.text("StorageClass", &object.attributes.storage_class);
        body.close("Contents");
    }
    body.close("ListBucketResult");
    let mut response = xml(body);
    let region = call.region_of(bucket.as_ref());
    put_header(response.headers_mut(), "x-cos-bucket-region", region);
    Ok(response)
}

/// Reads no more of a group than its first key, however many it has. `after` says where a scan goes on
/// behind an item.
pub fn fill<T>(
    page: &mut Page<T>,
    mut from: ScanFrom,
    scan: impl Fn(&ScanFrom, usize) -> Result<Vec<T>, Refusal>,
    after: impl Fn(&T) -> ScanFrom,
) -> Result<(), Refusal> {
    // One more than fits tells whether anything is left. What is behind the first of a group is
    // read for nothing.
    let most = page.limit + 1;
    let least = if page.delimiter.is_some() {
        most.min(FEW)
    } else {
        most
    };
    let mut count = least;
    loop {
        let items = scan(&from, count)?;
        let is_end = items.len() < count;
        count = most.min(count * 2);
        let mut skip = None;
        for item in items {
            from = after(&item);
            let key = from.key();
            if !page.add(key, item) {
                return Ok(());
            }
            skip = page.group(key);
            if skip.is_some() {
                break;
            }
        }
        match skip.map(|group| behind(&group)) {
            Some(Some(next)) => (from, count) = (ScanFrom::At(next), least),
            Some(None) => return Ok(()),
            None if is_end => return Ok(()),
            None => {}
        }
    }
}

/// How keys are written in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub fn read(call: &Call) -> Result<Encoding, Refusal> {
        match call.given("encoding-type") {
            None => Ok(Encoding::Plain),
            Some("url") => Ok(Encoding::Url),
            Some(_) => Err(Refusal::new(
                code::INVALID_ARGUMENT,
                "encoding-type is not url",
            )),
        }
    }

    pub fn of(self, key: &str) -> String {
        match self {
            Encoding::Plain => key.to_owned(),
            Encoding::Url => encode(key),
        }
    }

    pub fn put(self, body: &mut Xml, node: &str) {
        if self == Encoding::Url {
            body.text(node, "url");
        }
    }
}

/// From 1 up; `most` stands for all above it, and for none given.
pub fn max(call: &Call, name: &str, most: usize) -> Result<usize, Refusal> {
    let Some(text) = call.given(name) else {
        return Ok(most);
    };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    // A number that has no room is above it, too.
    let number = text.parse::<usize>().unwrap_or(usize::MAX);
    if !is_number || number == 0 {
        let message = format!("{name} is no number from 1 up");
        return Err(Refusal::new(code::INVALID_ARGUMENT, message));
    }
    Ok(number.min(most))
}

impl Call {
    /// The account, as lists name an owner.
    pub fn put_person(&self, body: &mut Xml, node: &str) {
        let appid = &self.service.account.appid;
        body.open(node);
        body.text("ID", appid);
        body.text("DisplayName", appid);
        body.close(node);
    }
}
