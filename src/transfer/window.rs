//! How much of a transfer's content is in memory at once: who wants more waits until there is room.

use std::sync::{Condvar, Mutex, MutexGuard};

use crate::base::cancel::{self, GLANCE};
use crate::base::lock::{self, lock};
use crate::error::Result;

pub(super) struct Window {
    /// Bytes.
    size: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

/// Room for some bytes, until it is dropped.
pub(super) struct Room<'w> {
    window: &'w Window,
    bytes: u64,
}

impl Window {
    pub(super) fn new(size: u64) -> Window {
        Window {
            size,
            used: Mutex::new(0),
            freed: Condvar::new(),
        }
    }

    /// Waits for room, or until this thread's work is to end. More than the whole window gets in alone.
    pub(super) fn enter(&self, bytes: u64) -> Result<Room<'_>> {
        let mut used = self.used();
        loop {
            cancel::check()?;
            if *used == 0 || *used + bytes <= self.size {
                *used += bytes;
                return Ok(Room {
                    window: self,
                    bytes,
                });
            }
            // In steps: a cancel rings no bell here.
            used = lock::wait(&self.freed, used, GLANCE);
        }
    }

    fn used(&self) -> MutexGuard<'_, u64> {
        lock(&self.used)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        *self.window.used() -= self.bytes;
        self.window.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::cancel::Cancel;
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn who_finds_no_room_waits_for_it() {
        let window = Window::new(10);
        let first = window.enter(6).unwrap();
        let second = window.enter(4).unwrap();
        thread::scope(|scope| {
            let third = scope.spawn(|| window.enter(5).map(drop).is_ok());
            drop((first, second));
            assert!(third.join().unwrap());
        });
        assert_eq!(*window.used(), 0);
    }

    #[test]
    fn what_is_larger_than_the_window_gets_in_alone() {
        let window = Window::new(10);
        drop(window.enter(11).unwrap());
        assert_eq!(*window.used(), 0);
    }

    #[test]
    fn a_cancel_ends_the_waiting() {
        let window = Window::new(1);
        let _all = window.enter(1).unwrap();
        let cancel = Arc::new(Cancel::default());
        cancel.request();
        let _listening = cancel::listening_to(&cancel);
        assert_eq!(window.enter(1).err().unwrap().code, -5);
    }
}
