//! Memory in whole pages. It goes back to the system as soon as it is dropped, where allocators may keep what they
//! have had once; and where the system has none, that is an error.

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

use crate::error::{Error, Kind, Result};

/// Bytes that are zero until they are written; the system takes no memory for them before. Boxed, as the compiler looks at
/// the length of what is none, too, and valgrind would tell each user so.
#[derive(Default)]
pub(crate) struct Pages(Option<Box<MmapMut>>);

impl Pages {
    pub(crate) fn zeroed(len: usize) -> Result<Pages> {
        if len == 0 {
            return Ok(Pages::default());
        }
        let map = MmapMut::map_anon(len).map_err(|why| {
            let message = format!("there is no memory for {len} bytes: {why}");
            Error::new(Kind::System, message)
        })?;
        Ok(Pages(Some(Box::new(map))))
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |map| map)
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.0.as_mut().map_or(&mut [], |map| map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_zero_and_none_is_an_error() {
        let mut some = Pages::zeroed(300_000).unwrap();
        assert!(some.len() == 300_000 && some.iter().all(|byte| *byte == 0));
        some.fill(1);
        assert!(Pages::zeroed(0).unwrap().is_empty() && Pages::default().is_empty());
        let error = Pages::zeroed(usize::MAX).err().unwrap();
        assert_eq!((error.code, error.kind), (-8, Kind::System));
    }
}
