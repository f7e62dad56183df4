//! Digests of a file before its first slice is sent: SHA-1 of the whole, which the JSON API wants
//! first, and CRC64 of each slice, which tells later whether the bytes sent are those that were
//! hashed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use sha1::{Digest, Sha1};

use super::progress::Progress;
use super::source::{BLOCK, Source};
use crate::crc64::Crc64;
use crate::error::Result;
use crate::hex::hex;
use crate::panics;

/// Blocks on their way from the reader to the hasher.
const BLOCKS: usize = 6;

/// Longer hashing is reported; in less time nobody asks for that.
const QUIET: Duration = Duration::from_secs(1);

/// How often a slow disk is no reason not to look around.
const TICK: Duration = Duration::from_millis(100);

pub(super) struct Digests {
    /// SHA-1, in hex.
    pub(super) whole: String,
    slice_size: u64,
    slices: Vec<u64>,
}

impl Digests {
    /// One pass over the file: a thread reads it and hashes the slices, this one hashes the whole.
    /// `between` is called now and then, on this thread, and may end it.
    pub(super) fn of(
        source: &Source,
        slice_size: u64,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<Digests> {
        let (filled, blocks) = mpsc::sync_channel::<Block>(BLOCKS);
        let (emptied, free) = mpsc::sync_channel::<Block>(BLOCKS);
        for _ in 0..BLOCKS {
            let _ = emptied.send(Block::default());
        }
        let mut whole = Sha1::new();
        let slices = thread::scope(|scope| {
            let read = move || panics::catch(|| slices(source, slice_size, &free, &filled));
            let reader = thread::Builder::new().spawn_scoped(scope, read);
            let reader = reader.map_err(|e| source.unreadable(&e))?;
            let mut ended = Ok(());
            while ended.is_ok() {
                match blocks.recv_timeout(TICK) {
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
            let slices = reader.join().expect("its panics are caught")?;
            ended.and(slices)
        })?;
        source.unchanged()?;
        Ok(Digests {
            whole: hex(&whole.finalize()),
            slice_size,
            slices,
        })
    }

    /// The same before an upload: what takes long is reported, so that it can be cancelled, and an
    /// earlier session stays as good as it was.
    pub(super) fn before_upload(
        source: &Source,
        slice_size: u64,
        session: Option<&str>,
        progress: &mut Progress,
    ) -> Result<Digests> {
        let begun = Instant::now();
        let digests = Digests::of(source, slice_size, || match begun.elapsed() > QUIET {
            true => progress.advance(0),
            false => Ok(()),
        });
        digests.map_err(|error| match session {
            // The service was not asked yet.
            Some(session) => error.with_data("session", session),
            None => error,
        })
    }

    /// Whether the digests are those of slices of this size.
    pub(super) fn fits(&self, slice_size: u64) -> bool {
        self.slice_size == slice_size
    }

    /// CRC64 of the slice that begins at `offset`.
    pub(super) fn of_slice(&self, offset: u64) -> u64 {
        self.slices[(offset / self.slice_size) as usize]
    }
}

#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    length: usize,
}

/// Reads the file block by block and hashes its slices; hands each block on.
fn slices(
    source: &Source,
    slice_size: u64,
    free: &Receiver<Block>,
    filled: &SyncSender<Block>,
) -> Result<Vec<u64>> {
    let size = source.size();
    let mut slices = Vec::new();
    let mut offset = 0;
    while offset < size {
        let end = size.min(offset + slice_size);
        let mut slice = Crc64::default();
        while offset < end {
            let Ok(mut block) = free.recv() else {
                return Ok(slices);
            };
            block.bytes.resize(BLOCK, 0);
            block.length = (end - offset).min(BLOCK as u64) as usize;
            let bytes = &mut block.bytes[..block.length];
            source.read_at(bytes, offset)?;
            slice.update(bytes);
            offset += block.length as u64;
            // Ended by the other side, which has its own reason to tell.
            if filled.send(block).is_err() {
                return Ok(slices);
            }
        }
        slices.push(slice.value());
    }
    Ok(slices)
}
