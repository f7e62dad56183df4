//! A slice of a file, or all of it: read and hashed as it is sent, so that memory holds none of it.

use std::sync::{Mutex, PoisonError};

use super::source::Source;
use crate::base::crc64::Crc64;
use crate::error::Result;
use crate::transport::Stream;

pub(super) struct PartReader<'a> {
    source: &'a Source,
    offset: u64,
    length: u64,
    reading: Mutex<Reading>,
}

#[derive(Default)]
struct Reading {
    crc64: Crc64,
    /// What the file was read as once. It must not be read as anything else.
    whole: Option<u64>,
}

impl<'a> PartReader<'a> {
    pub(super) fn new(source: &'a Source, offset: u64, length: u64) -> PartReader<'a> {
        PartReader {
            source,
            offset,
            length,
            reading: Mutex::default(),
        }
    }

    /// One that was hashed before, with this CRC64.
    pub(super) fn known(
        source: &'a Source,
        offset: u64,
        length: u64,
        crc64: u64,
    ) -> PartReader<'a> {
        let slice = PartReader::new(source, offset, length);
        slice.reading().whole = Some(crc64);
        slice
    }

    /// The slice's CRC64, once it was read to its end.
    pub(super) fn crc64(&self) -> Option<u64> {
        self.reading().whole
    }

    fn reading(&self) -> std::sync::MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for PartReader<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let mut reading = self.reading();
        if offset == 0 {
            self.source.unchanged()?;
            reading.crc64 = Crc64::default();
        }
        self.source.read_at(buffer, self.offset + offset)?;
        reading.crc64.update(buffer);
        if offset + buffer.len() as u64 == self.length {
            let crc64 = reading.crc64.value();
            // Its last bytes stay here then, so that the service does not take it.
            if reading.whole.is_some_and(|whole| whole != crc64) {
                return Err(self.source.changed("changed"));
            }
            reading.whole = Some(crc64);
        }
        Ok(())
    }
}
