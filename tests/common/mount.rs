//! File systems that are full or cannot be written to.

use std::ffi::CString;
use std::time::{Duration, Instant};

use super::TempDir;
use super::library::c_path;

const MIB: u64 = 1 << 20;

/// A file system in memory, gone with the value.
pub struct Mount(pub TempDir);

impl Mount {
    pub fn new(options: &str) -> Mount {
        let folder = TempDir::new();
        let name = CString::new("tmpfs").unwrap();
        let options = CString::new(options).unwrap();
        // SAFETY: valid strings.
        let done = unsafe {
            libc::mount(
                name.as_ptr(),
                c_path(&folder.join("")).as_ptr(),
                name.as_ptr(),
                0,
                options.as_ptr().cast(),
            )
        };
        let why = std::io::Error::last_os_error();
        assert_eq!(done, 0, "a tmpfs is needed, as root: {why}");
        Mount(folder)
    }

    pub fn make_read_only(&self) {
        let place = c_path(&self.0.join(""));
        let flags = libc::MS_REMOUNT | libc::MS_RDONLY;
        // SAFETY: a valid string, and nothing where nothing is needed.
        let done = unsafe {
            libc::mount(
                std::ptr::null(),
                place.as_ptr(),
                std::ptr::null(),
                flags,
                std::ptr::null(),
            )
        };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
    }

    /// A child that another test has forked may hold the removed file for a moment.
    pub fn until_free(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        while self.free_bytes() < MIB && Instant::now() < end {
            std::thread::yield_now();
        }
    }

    fn free_bytes(&self) -> u64 {
        // SAFETY: plain data that the call fills.
        let mut about: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: a valid string and a place for the answer.
        let done = unsafe { libc::statvfs(c_path(&self.0.join("")).as_ptr(), &mut about) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
        about.f_bavail * about.f_bsize
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // SAFETY: a valid string.
        unsafe { libc::umount2(c_path(&self.0.join("")).as_ptr(), libc::MNT_DETACH) };
    }
}
