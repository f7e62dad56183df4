//! Forms (multipart/form-data): fields, and the file as the last of them (xml-api.md §1.5).

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use multer::{Field, Multipart};
use tokio::time::timeout;

use super::content::{Content, Pieces};
use super::refusal::{Refusal, code};
use crate::body::PATIENCE;

/// All that comes before the file. [guess]
const MAX_FIELDS: usize = 1 << 20;

/// What the sender's name for the file is put in the place of.
const FILE_NAME: &str = "${filename}";

/// Fields that become headers of the object, beside those of the service's own.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-md5",
    "content-type",
    "expires",
];

pub fn is_form(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content_type).ok()
}

/// All that comes before the file, by its names.
pub struct Fields(Vec<(String, String)>);

/// A form as far as it has come.
pub struct Form<'c> {
    parts: Multipart<'c>,
    pub fields: Fields,
    file: Option<Field<'c>>,
    /// Bytes of the file that may still come.
    room: Option<u64>,
}

impl Fields {
    /// A field; names of fields are as those of headers.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// One that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.field(name).ok_or_else(|| {
            let message = format!("the form has no field {name}");
            Refusal::new(code::ACCESS_DENIED, message)
        })
    }

    /// What a PUT would say in its head.
    pub fn headers(&self) -> Result<HeaderMap, Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.0 {
            let lower = match name.to_ascii_lowercase().as_str() {
                // The samples' name for it.
                "acl" => "x-cos-acl".to_owned(),
                name => name.to_owned(),
            };
            if !lower.starts_with("x-cos-") && !HEADERS.contains(&lower.as_str()) {
                continue;
            }
            let pair = (lower.parse::<HeaderName>(), value.parse::<HeaderValue>());
            let (Ok(name), Ok(value)) = pair else {
                let message = format!("the field {name} cannot be a header");
                return Err(Refusal::new(code::INVALID_ARGUMENT, message));
            };
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

impl<'c> Form<'c> {
    /// Reads up to the file. What comes after it is not looked at.
    pub async fn open(content: &'c mut Content, headers: &HeaderMap) -> Result<Form<'c>, Refusal> {
        let boundary = boundary(headers).ok_or(code::MALFORMED_POST)?;
        let stream = content.begun().ok_or(code::INCOMPLETE_BODY)?;
        let mut form = Form {
            parts: Multipart::new(stream, boundary),
            fields: Fields(Vec::new()),
            file: None,
            room: None,
        };
        let mut room = MAX_FIELDS;
        while let Some(mut part) = patiently(form.parts.next_field()).await? {
            let Some(name) = part.name().map(str::to_owned) else {
                return Err(malformed("a part of the form has no name"));
            };
            if name.eq_ignore_ascii_case("file") {
                form.file = Some(part);
                return Ok(form);
            }
            let mut value = Vec::new();
            while let Some(piece) = patiently(part.chunk()).await? {
                room = room.checked_sub(piece.len()).ok_or_else(|| {
                    malformed(&format!("the fields have more than {MAX_FIELDS} bytes"))
                })?;
                value.extend_from_slice(&piece);
            }
            let value = String::from_utf8(value)
                .map_err(|_| malformed(&format!("the field {name} is not UTF-8")))?;
            form.fields.0.push((name, value));
        }
        Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "the form has no field file",
        ))
    }

    /// Where the file goes.
    pub fn key(&self) -> Result<String, Refusal> {
        let file_name = self.file.as_ref().and_then(Field::file_name);
        match self.fields.field("key") {
            Some(key) if !key.is_empty() => {
                Ok(key.replace(FILE_NAME, file_name.unwrap_or_default()))
            }
            _ => Err(Refusal::new(
                code::INVALID_ARGUMENT,
                "the form has no field key",
            )),
        }
    }

    /// The file must not have more bytes.
    pub fn limit(&mut self, most: u64) {
        self.room = Some(most);
    }
}

impl Pieces for Form<'_> {
    /// Of the file.
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let Some(file) = &mut self.file else {
            return Ok(None);
        };
        let piece = patiently(file.chunk()).await?;
        let Some(piece) = piece else {
            self.file = None;
            // To the form's end: it may still be cut.
            while patiently(self.parts.next_field()).await?.is_some() {}
            return Ok(None);
        };
        if let Some(room) = &mut self.room {
            *room = room
                .checked_sub(piece.len() as u64)
                .ok_or_else(|| size_refusal(code::ENTITY_TOO_LARGE))?;
        }
        Ok(Some(piece))
    }
}

/// As the vendor's guide on sizes of uploads shows it (xml-api.md §1.5).
pub fn size_refusal(code: super::refusal::Code) -> Refusal {
    Refusal::new(
        code,
        "Condition key content-length-range doesn't match the value",
    )
}

async fn patiently<T>(read: impl Future<Output = multer::Result<T>>) -> Result<T, Refusal> {
    match timeout(PATIENCE, read).await {
        Ok(Ok(value)) => Ok(value),
        Err(_) => Err(code::REQUEST_TIMEOUT.into()),
        Ok(Err(
            multer::Error::StreamReadFailed(_)
            | multer::Error::IncompleteStream
            | multer::Error::IncompleteFieldData { .. },
        )) => Err(code::INCOMPLETE_BODY.into()),
        Ok(Err(error)) => Err(malformed(&format!("the form is malformed: {error}"))),
    }
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(code::MALFORMED_POST, message.to_owned())
}
