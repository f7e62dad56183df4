//! Digests of a file: of the whole, which the service wants before the first slice, and of each
//! slice, which tells later whether the bytes sent are the bytes that were hashed.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use sha1::{Digest, Sha1};

use super::progress::Progress;
use super::source::Source;
use crate::api::Api;
use crate::crc64::Crc64;
use crate::error::Result;
use crate::hex::hex;
use crate::panics;

/// Small enough for the processor's cache, large enough for few system calls.
const BLOCK: usize = 256 << 10;

/// Blocks on their way from the reader to the hasher.
const BLOCKS: usize = 6;

/// Longer hashing is reported; in less time nobody asks for that.
const QUIET: Duration = Duration::from_secs(1);

/// How often a slow disk is no reason not to look around.
const TICK: Duration = Duration::from_millis(100);

pub(super) struct Digests {
    /// SHA-1, in hex.
    pub(super) whole: String,
    /// CRC64 of the whole.
    pub(super) crc64: u64,
    slice_size: u64,
    api: Api,
    slices: Vec<SliceDigest>,
}

/// What each API compares a slice by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SliceDigest {
    Sha1([u8; 20]),
    Crc64(u64),
}

impl SliceDigest {
    fn of(api: Api, slice: &[u8]) -> SliceDigest {
        let mut hasher = SliceHasher::new(api);
        hasher.update(slice);
        hasher.digest()
    }
}

enum SliceHasher {
    Sha1(Sha1),
    Crc64(Crc64),
}

impl SliceHasher {
    fn new(api: Api) -> SliceHasher {
        match api {
            Api::Json => SliceHasher::Sha1(Sha1::new()),
            Api::Xml => SliceHasher::Crc64(Crc64::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            SliceHasher::Sha1(sha1) => sha1.update(bytes),
            SliceHasher::Crc64(crc64) => crc64.update(bytes),
        }
    }

    fn digest(self) -> SliceDigest {
        match self {
            SliceHasher::Sha1(sha1) => SliceDigest::Sha1(sha1.finalize().into()),
            SliceHasher::Crc64(crc64) => SliceDigest::Crc64(crc64.value()),
        }
    }
}

impl Digests {
    /// One pass over the file: a thread reads and hashes the slices, this one hashes the whole.
    /// `between` is called now and then, on this thread, and may end it.
    pub(super) fn of(
        source: &Source,
        slice_size: u64,
        api: Api,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<Digests> {
        let (filled, blocks) = mpsc::sync_channel::<Block>(BLOCKS);
        let (emptied, free) = mpsc::sync_channel::<Block>(BLOCKS);
        for _ in 0..BLOCKS {
            let _ = emptied.send(Block::default());
        }
        let mut whole = Sha1::new();
        let mut crc64 = Crc64::default();
        let slices = thread::scope(|scope| {
            let read = move || panics::catch(|| slices(source, slice_size, api, &free, &filled));
            let reader = thread::Builder::new().spawn_scoped(scope, read);
            let reader = reader.map_err(|e| source.unreadable(&e))?;
            let mut ended = Ok(());
            while ended.is_ok() {
                match blocks.recv_timeout(TICK) {
                    Ok(block) => {
                        let bytes = &block.bytes[..block.length];
                        whole.update(bytes);
                        if api == Api::Xml {
                            crc64.update(bytes);
                        }
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
            crc64: crc64.value(),
            slice_size,
            api,
            slices,
        })
    }

    /// The same before an upload: what takes long is reported, so that it can be cancelled, and an
    /// earlier session stays as good as it was.
    pub(super) fn before_upload(
        source: &Source,
        slice_size: u64,
        api: Api,
        session: Option<&str>,
        progress: &mut Progress,
    ) -> Result<Digests> {
        let begun = Instant::now();
        let digests = Digests::of(source, slice_size, api, || match begun.elapsed() > QUIET {
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

    /// The digest of a slice just read, if it is still what was hashed before.
    pub(super) fn confirm(&self, offset: u64, slice: &[u8]) -> Option<SliceDigest> {
        let number = usize::try_from(offset / self.slice_size).ok()?;
        let expected = self.slices.get(number)?;
        let digest = SliceDigest::of(self.api, slice);
        (digest == *expected).then_some(digest)
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
    api: Api,
    free: &Receiver<Block>,
    filled: &SyncSender<Block>,
) -> Result<Vec<SliceDigest>> {
    let size = source.size();
    let mut slices = Vec::new();
    let mut offset = 0;
    while offset < size {
        let end = size.min(offset + slice_size);
        let mut slice = SliceHasher::new(api);
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
        slices.push(slice.digest());
    }
    Ok(slices)
}

/// SHA-1 of content in memory, in hex.
pub(super) fn of_bytes(content: &[u8]) -> String {
    hex(&Sha1::digest(content))
}
