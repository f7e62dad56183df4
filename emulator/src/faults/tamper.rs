//! Faults of what is stored, by the store's own calls.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::target::Target;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::store::{Digests, Entry, FileState, Session};

/// Drops the upload that the request names, or the one by slices at its path, as the service does
/// with old ones.
pub async fn forget_session(service: &Arc<Service>, target: &Arc<Target>) -> Result<(), Refusal> {
    let target = Arc::clone(target);
    service
        .blocking(move |service| {
            let (bucket, key) = (target.bucket.as_str(), target.key());
            service.store.transaction(|tx| {
                if let Some(id) = &target.upload {
                    if let Some(upload) = tx.upload(bucket, key, id)? {
                        tx.end_upload(&upload)?;
                    }
                    return Ok(());
                }
                tx.end_session_at(bucket, key)?;
                let entry = tx.entry(bucket, key)?;
                let is_unfinished = entry.and_then(|e| e.file).is_some_and(|f| f.blob.is_none());
                if is_unfinished {
                    tx.remove_entry(bucket, key)?;
                }
                Ok(())
            })
        })
        .await
}

/// Gives a session that has no slice yet another size of slice.
pub async fn set_slice_size(
    service: &Arc<Service>,
    id: String,
    slice_size: u64,
) -> Result<(), Refusal> {
    service
        .blocking(move |service| {
            service.store.transaction(|tx| {
                if let Some(old) = tx.session(&id)?.filter(|old| old.received == 0) {
                    tx.end_session(&old)?;
                    tx.begin_session(&Session { slice_size, ..old })?;
                }
                Ok(())
            })
        })
        .await
}

/// Flips a byte of what is stored at the target's path: of the file, else of the upload in progress
/// the byte at `offset`. The file's sha becomes that of what is there now.
pub async fn corrupt(
    service: &Arc<Service>,
    target: &Arc<Target>,
    offset: u64,
) -> Result<(), Refusal> {
    let target = Arc::clone(target);
    service
        .blocking(move |service| {
            let (bucket, key) = (target.bucket.as_str(), target.key());
            // A slice's bytes are not shared; a file's may be, so it gets a blob of its own.
            let entry = service.store.transaction(|tx| {
                if let Some(session) = tx.session_at(bucket, key)? {
                    flip(service, &session.blob, offset).map_err(Refusal::fault)?;
                    return Ok(None);
                }
                Ok::<_, Refusal>(tx.entry(bucket, key)?)
            })?;
            match entry.and_then(|e| Some((e.clone(), e.file?))) {
                Some((entry, file)) => replace(service, bucket, entry, file),
                None => Ok(()),
            }
        })
        .await
}

fn flip(service: &Service, blob: &str, offset: u64) -> std::io::Result<()> {
    let mut byte = [0];
    let mut file = service.store.blobs.read(blob)?;
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut byte)?;
    let mut file = service.store.blobs.write(blob)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(&[byte[0] ^ 1])
}

fn replace(service: &Service, bucket: &str, entry: Entry, file: FileState) -> Result<(), Refusal> {
    let Some(old) = &file.blob else {
        return Ok(());
    };
    let mut content = Vec::new();
    let read = service.store.blobs.read(old);
    read.and_then(|mut file| file.read_to_end(&mut content))
        .map_err(Refusal::fault)?;
    if let Some(byte) = content.first_mut() {
        *byte ^= 1;
    }
    let mut blob = service.store.blobs.create().map_err(Refusal::fault)?;
    blob.file.write_all(&content).map_err(Refusal::fault)?;
    let mut new = FileState::complete(file.size, Digests::of(&content), &blob.id);
    // That of an upload in parts is no digest.
    if file.etag != file.digests.md5 {
        new.etag = file.etag;
    }
    let file = FileState {
        session: file.session,
        ..new
    };
    let entry = Entry {
        file: Some(file),
        ..entry
    };
    service
        .store
        .transaction(|tx| tx.put_entry(bucket, &entry))?;
    blob.keep();
    Ok(())
}
