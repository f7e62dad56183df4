//! Digests of a file before its first slice is sent: SHA-1 of the whole, which the JSON API wants
//! first, and CRC64 of its slices, which tell later whether the bytes sent are those that were
//! hashed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use sha1::{Digest, Sha1};

use super::progress::Progress;
use super::source::{BLOCK, Source};
use crate::crc64::{Crc64, combine};
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
    grain: u64,
    grains: Vec<u64>,
}

/// All sizes of slices that the service takes are multiples of it, whichever it decides for.
const GRAIN: u64 = 512 << 10;

impl Digests {
    /// One pass over the file: a thread reads it and hashes its grains, this one hashes the whole.
    /// `between` is called now and then, on this thread, and may end it.
    pub(super) fn of(
        source: &Source,
        grain: u64,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<Digests> {
        let (filled, blocks) = mpsc::sync_channel::<Block>(BLOCKS);
        let (emptied, free) = mpsc::sync_channel::<Block>(BLOCKS);
        for _ in 0..BLOCKS {
            let _ = emptied.send(Block::default());
        }
        let mut whole = Sha1::new();
        let grains = thread::scope(|scope| {
            let read = move || panics::catch(|| grains(source, grain, &free, &filled));
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
            let grains = reader.join().expect("its panics are caught")?;
            ended.and(grains)
        })?;
        source.unchanged()?;
        Ok(Digests {
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
    ) -> Result<Digests> {
        let begun = Instant::now();
        let digests = Digests::of(source, GRAIN, || match begun.elapsed() > QUIET {
            true => progress.advance(0),
            false => Ok(()),
        });
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
        let (mut all, mut left) = (0, length);
        for crc64 in &self.grains[(offset / self.grain) as usize..] {
            if left == 0 {
                break;
            }
            let length = left.min(self.grain);
            all = combine(all, *crc64, length);
            left -= length;
        }
        all
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
    let mut grains = Vec::new();
    let mut offset = 0;
    while offset < size {
        let end = size.min(offset + grain);
        let mut crc64 = Crc64::default();
        while offset < end {
            let Ok(mut block) = free.recv() else {
                return Ok(grains);
            };
            block.bytes.resize(BLOCK, 0);
            block.length = (end - offset).min(BLOCK as u64) as usize;
            let bytes = &mut block.bytes[..block.length];
            source.read_at(bytes, offset)?;
            crc64.update(bytes);
            offset += block.length as u64;
            // Ended by the other side, which has its own reason to tell.
            if filled.send(block).is_err() {
                return Ok(grains);
            }
        }
        grains.push(crc64.value());
    }
    Ok(grains)
}
