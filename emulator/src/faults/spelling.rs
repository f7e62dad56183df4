//! Names of headers as the XML API's service spells them: some clients mind the case. HTTP libraries
//! of Rust write them in lower case.

/// The head that the bytes begin with, spelt anew. Nothing changes its length.
pub fn respell(bytes: &mut [u8]) {
    let mut start = 0;
    let mut is_interim = false;
    while let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let line = &mut bytes[start..=start + length];
        match line {
            // `100 Continue` has a head of its own, and may come in the same piece.
            [b'\r', b'\n'] if is_interim => is_interim = false,
            [b'\r', b'\n'] => return,
            _ if line.starts_with(b"HTTP/") => is_interim = line[8..].starts_with(b" 1"),
            _ => {
                let end = line.iter().position(|byte| *byte == b':').unwrap_or(0);
                respell_name(&mut line[..end]);
            }
        }
        start += length + 1;
    }
}

pub fn respell_name(name: &mut [u8]) {
    if name.starts_with(b"x-") {
        return;
    }
    let is_acronym = |word: &[u8]| matches!(word, b"etag" | b"md5");
    for word in name.split_mut(|byte| *byte == b'-') {
        if is_acronym(word) && word.starts_with(b"m") {
            word.make_ascii_uppercase();
        } else if is_acronym(word) {
            word[..2].make_ascii_uppercase();
        } else if let Some(first) = word.first_mut() {
            first.make_ascii_uppercase();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_spelt_as_the_service_does() {
        let mut bytes = *b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\netag: \"x\"\r\n\
            content-md5: a:b\r\nx-cos-request-id: y\r\nlast-modified: z\r\n\r\ncontent: c\r\n";
        respell(&mut bytes);
        assert_eq!(
            std::str::from_utf8(&bytes),
            Ok(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nETag: \"x\"\r\n\
                Content-MD5: a:b\r\nx-cos-request-id: y\r\nLast-Modified: z\r\n\r\ncontent: c\r\n"
            )
        );
        respell(&mut []);
        respell(&mut b"no head at all".to_owned());
    }
}
