//! The library's own heap. Whatever held a secret, a token or a signature on its way through
//! (options being parsed, headers being built) is wiped when it is given back.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::transport;

/// The largest block that a request's head, with its signature, has been in: a connection's buffer.
const WIPED_MAX_BYTES: usize = transport::LONE_BUFFER;

struct Wiping;

#[global_allocator]
static HEAP: Wiping = Wiping;

// SAFETY: all memory is the system's, and is only written to while it is still its owner's.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    // Once, and not at each of the places that it is called from.
    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this layout, and nobody else uses it any more.
        unsafe {
            if layout.size() <= WIPED_MAX_BYTES {
                wipe(block, layout.size());
            }
            System.dealloc(block, layout);
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size() > WIPED_MAX_BYTES {
            // SAFETY: as promised by the caller.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises that this size, rounded up, is none too large.
        let larger = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: both blocks have the bytes that are copied; the old one is not used again.
        unsafe {
            let moved = self.alloc(larger);
            if !moved.is_null() {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

/// As fast as memset, and not left out although nobody reads the block again. The C library's own
/// `explicit_bzero` is missing from older ones and from other systems.
///
/// # Safety
/// The block has this size, and nobody else uses it.
unsafe fn wipe(block: *mut u8, size: usize) {
    // SAFETY: as the caller promises; what is read has just been written.
    unsafe {
        std::ptr::write_bytes(block, 0, size);
        zeroize::optimization_barrier(std::slice::from_raw_parts(block, size));
    }
}
