//! Digests of a file before its first slice is sent: SHA-1 of the whole, which the JSON API wants
//! first, and CRC64 of its slices, which tell later whether the bytes sent are those that were
//! hashed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;

use sha1::{Digest, Sha1};

use super::progress::Progress;
use super::source::Source;
use crate::cancel::GLANCE;
use crate::crc64::{self, Crc64};
use crate::error::Result;
use crate::hex::hex;
use crate::panics;
use crate::size;
use crate::threads;

/// Blocks on their way from the reader to the hasher. Both are woken for each, which takes as long as
/// reading some KiB.
const BLOCKS: usize = 4;
const BLOCK: usize = 1 << 20;

/// A block is read in pieces that stay in the processor's cache until they are hashed.
const PIECE: usize = 256 << 10;

pub(super) struct FileDigests {
    /// SHA-1, in hex.
    pub(super) whole: String,
    grain: u64,
    grains: Vec<u64>,
}

/// All sizes of slices that the service takes are multiples of it, whichever it decides for.
const GRAIN: u64 = 512 << 10;

impl FileDigests {
    /// One pass over the file: a thread reads it and hashes its grains, this one hashes the whole.
    /// `between` is called now and then, on this thread, and may end it.
    pub(super) fn of(
        source: &Source,
        grain: u64,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<FileDigests> {
        let (filled, blocks) = mpsc::sync_channel::<Block>(BLOCKS);
        let (emptied, free) = mpsc::sync_channel::<Block>(BLOCKS);
        for _ in 0..BLOCKS {
            let _ = emptied.send(Block::default());
        }
        let mut whole = Sha1::new();
        let grains = thread::scope(|scope| {
            let read = move || panics::catch(|| grains(source, grain, &free, &filled));
            let reader = threads::start_scoped(scope, "reader", read)?;
            let mut ended = Ok(());
            while ended.is_ok() {
                match blocks.recv_timeout(GLANCE) {
                    Ok(block) => {
                        whole.update(&block.bytes[..block.length]);
                        let _ = emptied.send(block);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                ended = between();
            }
            // The reader ends when nobody takes its blocks.
            drop((blocks, emptied));
            let grains = reader.join().expect("its panics are caught")?;
            ended.and(grains)
        })?;
        source.unchanged()?;
        Ok(FileDigests {
            whole: hex(&whole.finalize()),
            grain,
            grains,
        })
    }

    /// The same before an upload: what takes long is reported, so that it can be cancelled, and an
    /// earlier session stays as good as it was.
    pub(super) fn before_upload(
        source: &Source,
        session: Option<&str>,
        progress: &mut Progress,
    ) -> Result<FileDigests> {
        let digests = FileDigests::of(source, GRAIN, || progress.advance(0));
        digests.map_err(|error| match session {
            // The service was not asked yet.
            Some(session) => error.with_data("session", session),
            None => error,
        })
    }

    /// Whether slices of this size are made of whole grains.
    pub(super) fn fits(&self, slice_size: u64) -> bool {
        slice_size % self.grain == 0
    }

    /// CRC64 of a slice; the last of them may end with less than a grain.
    pub(super) fn of_slice(&self, offset: u64, length: u64) -> u64 {
        let grains = &self.grains[size::index(offset / self.grain)..];
        let starts = (0..length.div_ceil(self.grain)).map(|grain| grain * self.grain);
        let lengths = starts.map(|start| (length - start).min(self.grain));
        crc64::joined(grains.iter().copied().zip(lengths))
    }
}

#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    length: usize,
}

/// Reads the file block by block and hashes its grains; hands each block on.
fn grains(
    source: &Source,
    grain: u64,
    free: &Receiver<Block>,
    filled: &SyncSender<Block>,
) -> Result<Vec<u64>> {
    let size = source.size();
    let mut grains = Grains::new(grain);
    let mut offset = 0;
    while offset < size {
        let Ok(mut block) = free.recv() else {
            break;
        };
        block.bytes.resize(BLOCK, 0);
        block.length = size::within(BLOCK, size - offset);
        for piece in block.bytes[..block.length].chunks_mut(PIECE) {
            source.read_at(piece, offset)?;
            grains.update(piece);
            offset += piece.len() as u64;
        }
        // Ended by the other side, which has its own reason to tell.
        if filled.send(block).is_err() {
            break;
        }
    }
    Ok(grains.all())
}

/// CRC64s of bytes, so many at a time.
struct Grains {
    grain: u64,
    done: Vec<u64>,
    /// Of the one that is not full yet.
    crc64: Crc64,
    length: u64,
}

impl Grains {
    fn new(grain: u64) -> Grains {
        Grains {
            grain,
            done: Vec::new(),
            crc64: Crc64::default(),
            length: 0,
        }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let missing = size::within(bytes.len(), self.grain - self.length);
            let (now, later) = bytes.split_at(missing);
            self.crc64.update(now);
            self.length += missing as u64;
            if self.length == self.grain {
                self.end();
            }
            bytes = later;
        }
    }

    fn end(&mut self) {
        self.done.push(std::mem::take(&mut self.crc64).value());
        self.length = 0;
    }

    fn all(mut self) -> Vec<u64> {
        if self.length > 0 {
            self.end();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grains_of_any_size_make_slices_of_their_multiples() {
        let bytes: Vec<u8> = (0..1_000u32).map(|n| ((n * n) >> 3) as u8).collect();
        let crc64 = |bytes: &[u8]| {
            let mut crc64 = Crc64::default();
            crc64.update(bytes);
            crc64.value()
        };
        for (grain, slice) in [(1, 10), (7, 7), (64, 128), (100, 1_000), (600, 1_200)] {
            let mut grains = Grains::new(grain);
            for piece in bytes.chunks(33) {
                grains.update(piece);
            }
            let digests = FileDigests {
                whole: String::new(),
                grain,
                grains: grains.all(),
            };
            assert!(digests.fits(slice));
            for (number, content) in bytes.chunks(slice as usize).enumerate() {
                let got = digests.of_slice(number as u64 * slice, content.len() as u64);
                assert_eq!(got, crc64(content), "{grain} {slice} {number}");
            }
        }
    }
}
