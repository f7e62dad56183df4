//! What a client tells of its requests.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use qcos::ffi::{qcos_client, qcos_client_trace};
use serde_json::Value;

use super::library::{Client, ok, take};

type Callback = dyn Fn(Value) -> i32 + Send + Sync;

unsafe extern "C" fn trampoline(event: *const c_char, user_data: *mut c_void) -> i32 {
    // SAFETY: `trace` hands out a pointer to such a box; the event is a string for this call.
    let (callback, event) = unsafe {
        (
            &*user_data.cast::<Box<Callback>>(),
            CStr::from_ptr(event).to_str().unwrap(),
        )
    };
    callback(serde_json::from_str(event).unwrap_or_else(|e| panic!("{e}: {event}")))
}

/// The callback is never freed.
pub fn trace(client: qcos_client, callback: impl Fn(Value) -> i32 + Send + Sync + 'static) {
    let callback: Box<Callback> = Box::new(callback);
    let user_data = Box::into_raw(Box::new(callback)).cast();
    ok(take(unsafe {
        qcos_client_trace(client, Some(trampoline), user_data)
    }));
}

/// Everything that a client tells, and on which threads.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<(Value, ThreadId)>>>);

impl Told {
    pub fn by(client: &Client) -> Told {
        let told = Told::default();
        let kept = told.clone();
        trace(client.0, move |event| {
            kept.0.lock().unwrap().push((event, thread::current().id()));
            0
        });
        told
    }

    /// Those since the last time, all of this thread.
    pub fn take(&self) -> Vec<Value> {
        let told = std::mem::take(&mut *self.0.lock().unwrap());
        let here = thread::current().id();
        assert!(told.iter().all(|(_, thread)| *thread == here));
        told.into_iter().map(|(event, _)| event).collect()
    }
}
