//! What the beginning of a request body tells before anyone has read the request: its operation.

/// A body that has not told its operation by then will not.
const MOST: usize = 64 << 10;

#[derive(Default)]
pub struct Sniff {
    head: Vec<u8>,
    pub op: Option<String>,
    pub offset: Option<String>,
    pub has_content: bool,
    has_filesize: bool,
    is_over: bool,
}

impl Sniff {
    /// The next bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_decided() {
            return;
        }
        let room = MOST.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.is_over = bytes.len() >= room;
        self.read();
    }

    pub fn end(&mut self) {
        if !self.is_decided() {
            self.is_over = true;
            self.read();
        }
    }

    /// Whether more of the body would tell nothing new.
    pub fn is_decided(&self) -> bool {
        self.is_over
            || match self.op.as_deref() {
                None => false,
                Some("upload_slice") => self.offset.is_some() || self.has_content,
                Some(_) => true,
            }
    }

    /// A slice, as opposed to a control request.
    pub fn is_data(&self) -> bool {
        self.offset.is_some() || (self.has_content && !self.has_filesize)
    }

    fn read(&mut self) {
        let head = std::mem::take(&mut self.head);
        if head.trim_ascii_start().starts_with(b"{") {
            self.op = json_text(&head, "op");
            self.offset = json_text(&head, "offset");
        } else {
            self.read_form(&head);
        }
        self.op = self.op.as_ref().map(|op| op.to_ascii_lowercase());
        if !self.is_decided() {
            self.head = head;
        }
    }

    fn read_form(&mut self, head: &[u8]) {
        let mut rest = head;
        while let Some((part, next)) = split(rest, b"\r\n\r\n") {
            // The value ends where the next boundary begins.
            let (value, after) = match split(next, b"\r\n--") {
                Some((value, after)) => (Some(value), after),
                None => (None, &b""[..]),
            };
            let name = part_name(&String::from_utf8_lossy(part));
            match (name.as_deref(), value) {
                (Some("filecontent"), _) => self.has_content = true,
                (Some("filesize"), _) => self.has_filesize = true,
                (Some("op"), Some(value)) => self.op = Some(text(value)),
                (Some("offset"), Some(value)) => self.offset = Some(text(value)),
                _ => {}
            }
            rest = after;
        }
    }
}

fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(by.len()).position(|window| window == by)?;
    Some((&bytes[..at], &bytes[at + by.len()..]))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// The name in `Content-Disposition: form-data; name="op"`.
fn part_name(head: &str) -> Option<String> {
    let head = head.to_ascii_lowercase();
    let mut fields = head.split([';', '\r', '\n']);
    let name = fields.find_map(|field| field.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"').to_owned())
}

/// The text or number of a field, in JSON that may not be all there.
fn json_text(json: &[u8], name: &str) -> Option<String> {
    let json = String::from_utf8_lossy(json);
    let (_, rest) = json.split_once(&format!("\"{name}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    match rest.strip_prefix('"') {
        Some(rest) => Some(rest.split_once('"')?.0.to_owned()),
        None => {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            (end > 0).then(|| rest[..end].to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniff(body: &str, size: usize) -> Sniff {
        let mut sniff = Sniff::default();
        for piece in body.as_bytes().chunks(size) {
            sniff.push(piece);
        }
        sniff.end();
        sniff
    }

    #[test]
    fn operations_are_told_however_the_body_is_cut() {
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let data = part("op", "upload_slice") + &part("offset", "512") + &part("filecontent", "x");
        let control = part("op", "Upload_Slice") + &part("filesize", "9") + "--b--\r\n";
        let upload = part("op", "upload") + &part("filecontent", "x");
        for size in [1, 2, 7, 1000] {
            let seen = sniff(&data, size);
            assert_eq!(seen.offset.as_deref(), Some("512"));
            assert!(seen.is_data());
            let seen = sniff(&control, size);
            assert_eq!(seen.op.as_deref(), Some("upload_slice"));
            assert!(!seen.is_data());
            assert_eq!(sniff(&upload, size).op.as_deref(), Some("upload"));
            let seen = sniff(r#"{"biz_attr": "a", "op" : "delete"}"#, size);
            assert_eq!(seen.op.as_deref(), Some("delete"));
        }
        assert_eq!(sniff("nonsense", 3).op, None);
        assert_eq!(sniff("", 1).op, None);
    }
}
