//! Content, one file for each blob. Their names are random: nothing that a client sends becomes
//! part of a path on disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Blobs { folder })
    }

    pub fn create(&self) -> io::Result<NewBlob> {
        let id = random_id()?;
        let path = self.path(&id);
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(NewBlob {
            id,
            file,
            path,
            kept: false,
        })
    }

    pub fn read(&self, id: &str) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Never creates: a blob that was removed meanwhile stays removed.
    pub fn write(&self, id: &str) -> io::Result<File> {
        File::options().write(true).open(self.path(id))
    }

    /// A file that cannot be removed is no client's trouble, and the next start sweeps it.
    pub fn remove(&self, id: &str) {
        remove(&self.path(id));
    }

    /// Removes the files that no row knows: a crash came between writing one and committing.
    pub fn sweep<E: From<io::Error>>(
        &self,
        is_used: impl Fn(&str) -> Result<bool, E>,
    ) -> Result<(), E> {
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            let Some(id) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if !is_used(id)? {
                remove(&path);
            }
        }
        Ok(())
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }
}

/// A blob that goes away again unless its metadata was committed.
pub struct NewBlob {
    pub id: String,
    pub file: File,
    path: PathBuf,
    kept: bool,
}

impl NewBlob {
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewBlob {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        eprintln!("qcos-emulator: cannot remove {}: {error}", path.display());
    }
}

/// 32 hexadecimal digits that nobody can guess: the name of a blob, or a session.
pub fn random_id() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
