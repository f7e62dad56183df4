//! Digests of a file before its first slice is sent: SHA-1 of the whole, which the JSON API wants
//! first, and CRC64 of its slices, which tell later whether the bytes sent are those that were
//! hashed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;

use sha1::{Digest, Sha1};

use super::progress::Progress;
use super::source::Source;
use crate::base::cancel::GLANCE;
use crate::base::crc64::{self, Crc64};
use crate::base::hex::hex;
use crate::base::page_aligned::PageAligned;
use crate::base::panics;
use crate::base::size::{self, IO_BLOCK};
use crate::base::threads;
use crate::error::Result;

/// Blocks on their way from the reader to the hasher. Both are woken for each, which takes as long as
/// reading some KiB.
const BLOCKS: usize = 4;
const BLOCK: usize = 1 << 20;

pub(super) struct FileDigests {
    /// SHA-1, in hex.
    pub(super) whole: String,
    hash_chunk: u64,
    hash_chunks: Vec<u64>,
}

/// All sizes of slices that the service takes are multiples of it, whichever it decides for.
const HASH_CHUNK: u64 = 512 << 10;

impl FileDigests {
    /// One pass over the file: a thread reads it and hashes its hash_chunks, this one hashes the whole.
    /// `between` is called now and then, on this thread, and may end it.
    pub(super) fn of(
        source: &Source,
        hash_chunk: u64,
        between: &mut dyn FnMut() -> Result<()>,
    ) -> Result<FileDigests> {
        let (filled, blocks) = mpsc::sync_channel::<Block>(BLOCKS);
        let (emptied, free) = mpsc::sync_channel::<Block>(BLOCKS);
        for _ in 0..BLOCKS {
            let _ = emptied.send(Block::default());
        }
        let mut whole = Sha1::new();
        let hash_chunks = thread::scope(|scope| {
            let read = move || panics::catch(|| hash_chunks(source, hash_chunk, &free, &filled));
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
            let hash_chunks = reader.join().expect("its panics are caught")?;
            ended.and(hash_chunks)
        })?;
        source.unchanged()?;
        Ok(FileDigests {
            whole: hex(&whole.finalize()),
            hash_chunk,
            hash_chunks,
        })
    }

    /// The same before an upload: what takes long is reported, so that it can be cancelled.
    pub(super) fn before_upload(source: &Source, progress: &mut Progress) -> Result<FileDigests> {
        FileDigests::of(source, HASH_CHUNK, &mut || progress.advance(0))
    }

    /// Whether slices of this size are made of whole hash_chunks.
    pub(super) fn fits(&self, slice_size: u64) -> bool {
        slice_size % self.hash_chunk == 0
    }

    /// CRC64 of a slice; the last of them may end with less than a hash_chunk.
    pub(super) fn of_slice(&self, offset: u64, length: u64) -> u64 {
        let hash_chunks = &self.hash_chunks[size::index(offset / self.hash_chunk)..];
        let starts =
            (0..length.div_ceil(self.hash_chunk)).map(|hash_chunk| hash_chunk * self.hash_chunk);
        let lengths = starts.map(|start| (length - start).min(self.hash_chunk));
        crc64::joined(hash_chunks.iter().copied().zip(lengths))
    }
}

#[derive(Default)]
struct Block {
    bytes: PageAligned,
    length: usize,
}

/// Reads the file block by block and hashes its hash_chunks; hands each block on.
fn hash_chunks(
    source: &Source,
    hash_chunk: u64,
    free: &Receiver<Block>,
    filled: &SyncSender<Block>,
) -> Result<Vec<u64>> {
    let size = source.size();
    let mut hash_chunks = HashChunks::new(hash_chunk);
    let mut offset = 0;
    while offset < size {
        let Ok(mut block) = free.recv() else {
            break;
        };
        if block.bytes.is_empty() {
            block.bytes = PageAligned::zeroed(BLOCK);
        }
        block.length = size::within(BLOCK, size - offset);
        for piece in block.bytes[..block.length].chunks_mut(IO_BLOCK) {
            source.read_at(piece, offset)?;
            hash_chunks.update(piece);
            offset += piece.len() as u64;
        }
        // Ended by the other side, which has its own reason to tell.
        if filled.send(block).is_err() {
            break;
        }
    }
    Ok(hash_chunks.all())
}

/// CRC64s of bytes, so many at a time.
struct HashChunks {
    hash_chunk: u64,
    done: Vec<u64>,
    /// Of the one that is not full yet.
    crc64: Crc64,
    length: u64,
}

impl HashChunks {
    fn new(hash_chunk: u64) -> HashChunks {
        HashChunks {
            hash_chunk,
            done: Vec::new(),
            crc64: Crc64::default(),
            length: 0,
        }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let missing = size::within(bytes.len(), self.hash_chunk - self.length);
            let (now, later) = bytes.split_at(missing);
            self.crc64.update(now);
            self.length += missing as u64;
            if self.length == self.hash_chunk {
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
        for (hash_chunk, slice) in [(1, 10), (7, 7), (64, 128), (100, 1_000), (600, 1_200)] {
            let mut hash_chunks = HashChunks::new(hash_chunk);
            for piece in bytes.chunks(33) {
                hash_chunks.update(piece);
            }
            let digests = FileDigests {
                whole: String::new(),
                hash_chunk,
                hash_chunks: hash_chunks.all(),
            };
            assert!(digests.fits(slice));
            for (number, content) in bytes.chunks(slice as usize).enumerate() {
                let got = digests.of_slice(number as u64 * slice, content.len() as u64);
                assert_eq!(got, crc64(content), "{hash_chunk} {slice} {number}");
            }
        }
    }
}
