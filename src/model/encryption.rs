//! How the service encrypts an object (xml-api.md §3.15).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a key of AES-256.
pub(crate) const KEY_BYTES: usize = 32;

/// The headers that hold a key which only the caller has: that of an object, and that of a copy's source.
pub(crate) const KEY_HEADERS: [&str; 2] = [
    "x-cos-server-side-encryption-customer-key",
    "x-cos-copy-source-server-side-encryption-customer-key",
];

/// What an object is to be encrypted with, or is.
pub(crate) enum Encryption {
    /// A key that the service keeps (SSE-COS).
    Service,
    /// A key of KMS (SSE-KMS).
    Kms {
        /// `None`: the service's default key.
        key_id: Option<String>,
        /// A JSON object in Base64.
        context: Option<String>,
    },
    /// A key that only the caller has (SSE-C).
    Customer(CustomerKey),
}

/// Has no `Debug` on purpose: the key must not reach a message.
pub(crate) struct CustomerKey {
    /// In Base64.
    key: Zeroizing<String>,
    /// In Base64. It tells keys apart, and no key can be found by it.
    md5: String,
}

impl CustomerKey {
    /// `None` unless it is the Base64 of a key.
    pub(crate) fn of_base64(text: &str) -> Option<CustomerKey> {
        let mut bytes = STANDARD.decode(text).ok()?;
        let md5 = STANDARD.encode(Md5::digest(&bytes));
        let is_key = bytes.len() == KEY_BYTES;
        bytes.zeroize();
        is_key.then(|| CustomerKey {
            key: Zeroizing::new(text.to_owned()),
            md5,
        })
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn md5(&self) -> &str {
        &self.md5
    }
}

impl Encryption {
    pub(crate) fn customer_key(&self) -> Option<&CustomerKey> {
        match self {
            Encryption::Customer(key) => Some(key),
            Encryption::Service | Encryption::Kms { .. } => None,
        }
    }

    /// Tells one from another, without any key.
    pub(crate) fn identity(&self) -> [&str; 3] {
        match self {
            Encryption::Service => ["cos", "", ""],
            Encryption::Kms { key_id, context } => [
                "kms",
                key_id.as_deref().unwrap_or_default(),
                context.as_deref().unwrap_or_default(),
            ],
            Encryption::Customer(key) => ["c", key.md5(), ""],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_base64_of_32_bytes() {
        // The service's documentation has this one.
        let text = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
        let key = CustomerKey::of_base64(text).unwrap();
        assert_eq!((key.key(), key.md5()), (text, "U5L61r7jcwdNvT7frmUG8g=="));
        for wrong in ["", "MDEy", &text[..43], "not base64!", &format!("{text} ")] {
            assert!(CustomerKey::of_base64(wrong).is_none(), "{wrong}");
        }
    }
}
