//! Text as it was before it was escaped: for a URL (`%2F`, also twice over), for JSON (`\/`, `\u002f`)
//! or for XML (`&amp;`, `&#47;`).

/// The bytes, each with where it begins and ends in the text. With `may_be_cut`, what looks like an escape
/// that is cut off by the end of the text is none.
pub(super) fn unescaped(text: &[u8], may_be_cut: bool) -> impl Iterator<Item = (u8, usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = at;
        let rest = text.get(begin..).filter(|rest| !rest.is_empty())?;
        let escape = match rest[0] {
            b'%' => of_url(rest),
            b'\\' => of_json(rest),
            b'&' => of_xml(rest),
            byte => Some((byte, 1)),
        };
        let (byte, length) = match escape {
            None if may_be_cut => return None,
            escape => escape.unwrap_or((rest[0], 1)),
        };
        at = begin + length;
        Some((byte, begin, at))
    })
}

/// `None` where the text ends too early.
fn of_url(rest: &[u8]) -> Option<(u8, usize)> {
    let mut digits = 1;
    // "%252F" is "%2F" escaped again.
    while rest[digits..].starts_with(b"25")
        && number(rest.get(digits + 2..digits + 4), 16).is_some()
    {
        digits += 2;
    }
    if rest.len() < digits + 2 {
        return None;
    }
    let byte = number(rest.get(digits..digits + 2), 16);
    Some(byte.map_or((b'%', 1), |byte| (byte, digits + 2)))
}

fn of_json(rest: &[u8]) -> Option<(u8, usize)> {
    match rest.get(1)? {
        b'u' if rest.len() < 6 => None,
        b'u' => {
            let byte = number(rest.get(2..6), 16);
            Some(byte.map_or((b'\\', 1), |byte| (byte, 6)))
        }
        byte @ (b'/' | b'"' | b'\\') => Some((*byte, 2)),
        _ => Some((b'\\', 1)),
    }
}

/// `None` where the text ends too early.
fn of_xml(rest: &[u8]) -> Option<(u8, usize)> {
    const NAMED: [(&[u8], u8); 4] = [
        (b"lt;", b'<'),
        (b"gt;", b'>'),
        (b"quot;", b'"'),
        (b"apos;", b'\''),
    ];
    // "&amp;amp;" is "&amp;" escaped again.
    let mut name = 1;
    while rest[name..].starts_with(b"amp;") {
        name += 4;
    }
    let ampersand = (b'&', name);
    let end = &rest[name..rest.len().min(name + 8)];
    for (entity, byte) in NAMED {
        if end.starts_with(entity) {
            return Some((byte, name + entity.len()));
        }
    }
    let Some(semicolon) = end.iter().position(|b| *b == b';') else {
        let in_entity = |b: &u8| b.is_ascii_alphanumeric() || *b == b'#';
        let is_cut = name + end.len() == rest.len() && end.iter().all(in_entity);
        return if is_cut { None } else { Some(ampersand) };
    };
    let byte = match end {
        [b'#', b'x' | b'X', ..] => number(end.get(2..semicolon), 16),
        [b'#', ..] => number(end.get(1..semicolon), 10),
        _ => None,
    };
    Some(byte.map_or(ampersand, |byte| (byte, name + semicolon + 1)))
}

/// Digits that make a byte.
fn number(digits: Option<&[u8]>, radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits?).ok()?;
    let lawful = |b: u8| char::from(b).is_digit(radix);
    if !digits.bytes().all(lawful) {
        return None;
    }
    u8::from_str_radix(digits, radix).ok()
}
