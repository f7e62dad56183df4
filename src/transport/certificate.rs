//! Whom a certificate is for and who has signed it, as text for people: a proxy that inspects TLS shows in
//! these names. Nothing is decided by them.

/// Longest text of a name.
const NAME_MAX_CHARS: usize = 200;

/// Where a name has nothing that is known here, such as that of a certificate for domains alone.
const NAMELESS: &str = "(no name)";

/// Attributes of a name (RFC 5280 §4.1.2.4), by the last byte of 2.5.4.x.
const ATTRIBUTES: [(u8, &str); 6] = [
    (3, "CN"),
    (6, "C"),
    (7, "L"),
    (8, "ST"),
    (10, "O"),
    (11, "OU"),
];

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// Text of two bytes a character; all others are read as UTF-8.
const BMP_STRING: u8 = 0x1e;
/// The version, which is not always there.
const VERSION: u8 = 0xa0;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) subject: String,
    pub(crate) issuer: String,
}

impl Certificate {
    /// `None` for what is no certificate (RFC 5280 §4.1).
    pub(super) fn read(der: &[u8]) -> Option<Certificate> {
        let signed = element(element_of(SEQUENCE, der)?.content)?;
        let first = element(signed.content)?;
        let serial = match first.tag {
            VERSION => element(first.rest)?,
            _ => first,
        };
        let algorithm = element(serial.rest)?;
        let issuer = element_of(SEQUENCE, algorithm.rest)?;
        let validity = element(issuer.rest)?;
        let subject = element_of(SEQUENCE, validity.rest)?;
        Some(Certificate {
            subject: name(subject.content),
            issuer: name(issuer.content),
        })
    }
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

fn element(der: &[u8]) -> Option<Element<'_>> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // Up to 16 MiB.
        long @ 0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let shifted = |length: usize, byte: &u8| length << 8 | usize::from(*byte);
            (bytes.iter().fold(0, shifted), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some(Element {
        tag: *tag,
        content,
        rest,
    })
}

fn element_of(tag: u8, der: &[u8]) -> Option<Element<'_>> {
    element(der).filter(|element| element.tag == tag)
}

fn elements(mut der: &[u8], tag: u8) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let next = element_of(tag, der)?;
        der = next.rest;
        Some(next.content)
    })
}

/// Such as `C=CN, O=Example, CN=example.com`.
fn name(der: &[u8]) -> String {
    let mut parts = Vec::new();
    for set in elements(der, SET) {
        parts.extend(elements(set, SEQUENCE).filter_map(attribute));
    }
    match parts.is_empty() {
        true => NAMELESS.to_owned(),
        false => parts.join(", ").chars().take(NAME_MAX_CHARS).collect(),
    }
}

fn attribute(der: &[u8]) -> Option<String> {
    let kind = element_of(OBJECT_IDENTIFIER, der)?;
    let [0x55, 0x04, last] = kind.content else {
        return None;
    };
    let (_, label) = ATTRIBUTES.iter().find(|(known, _)| known == last)?;
    let value = element(kind.rest)?;
    let text = match value.tag {
        BMP_STRING => {
            let units = value.content.chunks_exact(2);
            let units: Vec<u16> = units
                .map(|two| u16::from_be_bytes([two[0], two[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(value.content).into_owned(),
    };
    Some(format!("{label}={}", text.replace(char::is_control, " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        match u8::try_from(content.len()) {
            Ok(short @ 0..=0x7f) => bytes.push(short),
            _ => {
                bytes.push(0x82);
                bytes.extend((content.len() as u16).to_be_bytes());
            }
        }
        bytes.extend(content);
        bytes
    }

    fn named(parts: &[(u8, u8, &[u8])]) -> Vec<u8> {
        let parts: Vec<u8> = parts
            .iter()
            .flat_map(|(kind, tag, text)| {
                let pair = [der(OBJECT_IDENTIFIER, &[0x55, 4, *kind]), der(*tag, text)].concat();
                der(SET, &der(SEQUENCE, &pair))
            })
            .collect();
        der(SEQUENCE, &parts)
    }

    fn certificate(version: &[u8], issuer: Vec<u8>, subject: Vec<u8>) -> Vec<u8> {
        let signed = [
            version.to_vec(),
            der(2, &[1]),
            der(SEQUENCE, &[]),
            issuer,
            der(SEQUENCE, &[0; 200]),
            subject,
        ];
        der(SEQUENCE, &der(SEQUENCE, &signed.concat()))
    }

    #[test]
    fn both_names_are_read_with_and_without_a_version() {
        for version in [&[][..], &der(VERSION, &der(2, &[2]))] {
            let issuer = named(&[
                (6, 0x13, b"CN"),
                (10, 0x0c, "中心".as_bytes()),
                (3, 0x0c, b"a\nb"),
            ]);
            let subject = named(&[(5, 0x13, b"a serial number"), (3, BMP_STRING, b"\0h\0i")]);
            let read = Certificate::read(&certificate(version, issuer, subject));
            let expected = Certificate {
                subject: "CN=hi".to_owned(),
                issuer: "C=CN, O=中心, CN=a b".to_owned(),
            };
            assert_eq!(read, Some(expected));
        }
    }

    #[test]
    fn what_is_no_certificate_or_has_no_names_is_said() {
        let whole = certificate(&[], named(&[(3, 0x0c, &[b'x'; 500])]), named(&[]));
        let read = Certificate::read(&whole).unwrap();
        assert_eq!(read.subject, NAMELESS);
        assert_eq!(read.issuer.len(), NAME_MAX_CHARS);
        for length in 0..whole.len() {
            assert_eq!(Certificate::read(&whole[..length]), None, "{length}");
        }
        for (at, byte) in (0..whole.len()).flat_map(|at| [0, 0x7f, 0x84, 0xff].map(|b| (at, b))) {
            let mut changed = whole.clone();
            changed[at] = byte;
            // It may be read or not, but comes to an end.
            let _ = Certificate::read(&changed);
        }
    }
}
