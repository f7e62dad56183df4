//! A piece that is appended to an object.

use crate::model::ObjectAttributes;

pub(crate) struct Piece<'a> {
    /// Where the object ends so far.
    pub(crate) position: u64,
    pub(crate) content: &'a [u8],
    /// Of an object that begins with it.
    pub(crate) biz_attr: &'a str,
    pub(crate) attributes: &'a ObjectAttributes,
}

impl Piece<'_> {
    /// Where the object ends with it.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.content.len() as u64
    }
}
