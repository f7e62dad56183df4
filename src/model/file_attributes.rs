//! What an object can keep of a local file beside its content: metadata of names and forms that other programs
//! write and read as well.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Unix seconds, in decimal digits with a fraction.
const MTIME: &str = "x-cos-meta-mtime";

/// Octal digits.
const MODE: &str = "x-cos-meta-mode";

/// What the owner, the group and all others may do. Rights beyond that are nothing that an object gives.
pub(crate) const PLAIN_RIGHTS: u32 = 0o777;

/// Of a file, as far as they are known or wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileAttributes {
    pub(crate) modified: Option<SystemTime>,
    pub(crate) mode: Option<u32>,
}

impl FileAttributes {
    /// The same without what is not wanted.
    pub(crate) fn only(self, times: bool, modes: bool) -> FileAttributes {
        FileAttributes {
            modified: self.modified.filter(|_| times),
            mode: self.mode.filter(|_| modes),
        }
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mtime = self.modified.map(|at| (MTIME.to_owned(), decimal(at)));
        let octal = |mode| format!("{:04o}", mode & PLAIN_RIGHTS);
        let mode = self.mode.map(|mode| (MODE.to_owned(), octal(mode)));
        mtime.into_iter().chain(mode).collect()
    }

    /// Of an object's headers; one that tells no time was made when it was uploaded.
    pub(crate) fn of_headers<'h>(header: impl Fn(&str) -> Option<&'h str>) -> FileAttributes {
        let uploaded = || httpdate::parse_http_date(header("last-modified")?).ok();
        let mode = header(MODE).and_then(|mode| u32::from_str_radix(mode, 8).ok());
        FileAttributes {
            modified: header(MTIME).and_then(time).or_else(uploaded),
            mode: mode.map(|mode| mode & PLAIN_RIGHTS),
        }
    }

    /// Whether the headers of these names are written.
    pub(crate) fn is_header(name: &str) -> bool {
        [MTIME, MODE].contains(&name)
    }
}

fn decimal(at: SystemTime) -> String {
    let (sign, since) = match at.duration_since(UNIX_EPOCH) {
        Ok(since) => ("", since),
        Err(before) => ("-", before.duration()),
    };
    format!("{sign}{}.{:09}", since.as_secs(), since.subsec_nanos())
}

fn time(text: &str) -> Option<SystemTime> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let fraction = format!("{:0<9.9}", fraction);
    let since = Duration::new(seconds.parse().ok()?, fraction.parse().ok()?);
    match digits.len() < text.len() {
        true => UNIX_EPOCH.checked_sub(since),
        false => UNIX_EPOCH.checked_add(since),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_give_back_what_they_were_made_of() {
        let at = |seconds, nanos| UNIX_EPOCH + Duration::new(seconds, nanos);
        for (modified, mode, header) in [
            (at(0, 0), 0o644, "0.000000000"),
            (at(1_700_000_000, 5), 0o755, "1700000000.000000005"),
            (
                UNIX_EPOCH - Duration::new(1, 500_000_000),
                0,
                "-1.500000000",
            ),
        ] {
            let attributes = FileAttributes {
                modified: Some(modified),
                mode: Some(mode),
            };
            let headers = attributes.headers();
            assert_eq!(headers[0].1, header);
            let told = |name: &str| {
                let found = headers.iter().find(|(other, _)| other == name);
                found.map(|(_, value)| value.as_str())
            };
            assert_eq!(FileAttributes::of_headers(told), attributes);
        }
    }

    #[test]
    fn what_others_have_written_is_read_as_far_as_it_makes_sense() {
        let read = |name: &'static str, value: &'static str| {
            FileAttributes::of_headers(|wanted| (wanted == name).then_some(value))
        };
        let seconds = |seconds| Some(UNIX_EPOCH + Duration::from_millis(seconds));
        assert_eq!(read(MTIME, "12.25").modified, seconds(12_250));
        assert_eq!(read(MTIME, "12").modified, seconds(12_000));
        assert_eq!(
            read("last-modified", "Thu, 01 Jan 1970 00:00:12 GMT").modified,
            seconds(12_000)
        );
        for nonsense in ["", "-", ".5", "1e9", "12.x", "+1", "99999999999999999999"] {
            assert_eq!(read(MTIME, nonsense).modified, None, "{nonsense}");
        }
        assert_eq!(read(MODE, "100644").mode, Some(0o644));
        assert_eq!(read(MODE, "4755").mode, Some(0o755));
        assert_eq!(read(MODE, "rwx").mode, None);
    }
}
