//! A part on its way: read and hashed as it is sent, wherever its bytes are.

use std::sync::{Mutex, MutexGuard};

use crate::base::crc64::Crc64;
use crate::base::lock::lock;
use crate::base::size;
use crate::error::{Error, Result};
use crate::transport::{Lent, Stream};

/// Where the bytes of a part are.
pub(super) trait PartBytes: Send + Sync {
    /// Fills `buffer` with those from `offset` on.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()>;

    /// An error when they are known not to be what they were.
    fn unchanged(&self) -> Result<()> {
        Ok(())
    }

    /// `length` of them from `offset` on without a copy, if they can be lent.
    fn lend(&self, _offset: u64, _length: usize) -> Option<Lent> {
        None
    }

    /// What to say where they were read as something else before.
    fn changed(&self) -> Error;
}

pub(super) struct PartReader<'a> {
    bytes: Box<dyn PartBytes + 'a>,
    length: u64,
    reading: Mutex<Reading>,
}

#[derive(Default)]
struct Reading {
    crc64: Crc64,
    /// What the part was read as once. It must not be read as anything else.
    whole: Option<u64>,
}

impl<'a> PartReader<'a> {
    pub(super) fn new(bytes: impl PartBytes + 'a, length: u64) -> PartReader<'a> {
        PartReader {
            bytes: Box::new(bytes),
            length,
            reading: Mutex::default(),
        }
    }

    /// One that was hashed before, with this CRC64.
    pub(super) fn known(self, crc64: u64) -> PartReader<'a> {
        self.reading().whole = Some(crc64);
        self
    }

    /// The part's CRC64, once it was read to its end.
    pub(super) fn crc64(&self) -> Option<u64> {
        self.reading().whole
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        lock(&self.reading)
    }
}

impl Stream for PartReader<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        self.begin(offset)?;
        self.bytes.read_at(buffer, offset)?;
        self.hash(buffer, offset)
    }

    fn lend(&self, offset: u64, length: usize) -> Result<Option<Lent>> {
        let Some(lent) = self.bytes.lend(offset, length) else {
            return Ok(None);
        };
        self.begin(offset)?;
        self.hash(lent.bytes(), offset)?;
        Ok(Some(lent))
    }
}

impl PartReader<'_> {
    fn begin(&self, offset: u64) -> Result<()> {
        if offset == 0 {
            self.bytes.unchanged()?;
            self.reading().crc64 = Crc64::default();
        }
        Ok(())
    }

    fn hash(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let mut reading = self.reading();
        reading.crc64.update(bytes);
        if offset + bytes.len() as u64 == self.length {
            let crc64 = reading.crc64.value();
            // Its last bytes stay here if it is not what it was, so that the service does not take it.
            self.bytes.unchanged()?;
            if reading.whole.is_some_and(|whole| whole != crc64) {
                return Err(self.bytes.changed());
            }
            reading.whole = Some(crc64);
        }
        Ok(())
    }
}

/// Fills `buffer` with the bytes from `offset` on.
pub(super) fn copy(bytes: &[u8], buffer: &mut [u8], offset: u64) {
    let start = size::index(offset);
    buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
}
