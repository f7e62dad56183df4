//! Random words from the system.

pub(crate) fn word() -> u32 {
    u32::from_ne_bytes(bytes())
}

/// 128 random bits in hex.
pub(crate) fn hex128() -> String {
    format!("{:032x}", u128::from_ne_bytes(bytes()))
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::getrandom(&mut bytes).expect("the system gives random bytes");
    bytes
}
