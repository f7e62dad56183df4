//! Which names a file can have on Windows. Others are taken too, but for another file: `dot.` for `dot`, `a:b` for
//! something that belongs to `a`, `NUL` for a device.

/// Devices, whatever follows behind a dot. The superscript digits count as digits.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

pub(super) fn is_file_name(name: &str) -> bool {
    let is_lawful = |c: char| c >= ' ' && !r#"<>:"/\|?*"#.contains(c);
    !name.is_empty()
        && name.chars().all(is_lawful)
        && !name.ends_with(['.', ' '])
        && !is_device(name)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    let is = |device: &&str| stem.eq_ignore_ascii_case(device);
    if DEVICES.iter().any(is) {
        return true;
    }
    let Some((head, digit)) = stem.char_indices().nth(3).map(|(at, _)| stem.split_at(at)) else {
        return false;
    };
    let is_digit = matches!(
        digit,
        "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"
    );
    let is_numbered = NUMBERED_DEVICES
        .iter()
        .any(|device| head.eq_ignore_ascii_case(device));
    is_digit && is_numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_another_file_are_none() {
        for name in [
            "a", ".a", "..a", "a b", "目录", "console", "nul1", "COM", "COM10", "com¹0", "LPTx",
            "a.con", "~", "a'b", "COM é",
        ] {
            assert!(is_file_name(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "dot.",
            "blank ",
            "back\\slash",
            "a/b",
            "a:b",
            "a*",
            "a?",
            "a\"",
            "<a>",
            "a|b",
            "a\nb",
            "a\0",
            "CON",
            "con",
            "con.txt",
            "Nul .tar.gz",
            "com1",
            "LPT9.x",
            "COM³",
            "CONIN$",
            "aux",
        ] {
            assert!(!is_file_name(name), "{name:?}");
        }
    }
}
