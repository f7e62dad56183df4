//! What a copy is to be beside what it is copied from.

use crate::config::CopyOptions;
use crate::error::Result;
use crate::model::{ObjectAttributes, Tags};

/// Larger ones are copied in parts (xml-api.md §3.5).
pub(crate) const COPY_MAX_BYTES: u64 = 5 << 30;

/// Is told how many bytes of how many are copied; its error ends the copy.
pub(crate) type Copied<'a> = dyn FnMut(u64, u64) -> Result<()> + 'a;

#[derive(Clone, Copy)]
pub(crate) struct CopyRequest<'a> {
    pub(crate) overwrite: bool,
    /// The source is deleted once its copy is proven.
    pub(crate) is_move: bool,
    /// What is at the target already with the same content counts as the copy.
    pub(crate) takes_same: bool,
    /// What the copy has instead of what the source has.
    pub(crate) attributes: &'a ObjectAttributes,
    /// `None`: those of the source.
    pub(crate) tags: Option<&'a Tags>,
}

impl<'a> CopyRequest<'a> {
    pub(crate) fn of(options: &'a CopyOptions) -> CopyRequest<'a> {
        CopyRequest {
            overwrite: options.overwrite,
            is_move: options.is_move,
            takes_same: false,
            attributes: &options.attributes,
            tags: options.tags.as_ref(),
        }
    }
}
