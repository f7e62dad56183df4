//! A file of more than 4 GiB: offsets, sizes and digests beyond 32 bits.

mod common;

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use common::TempDir;
use common::library::{Client, UNKNOWN, ok};
use common::listener::{Listener, http, read_request};
use serde_json::json;

const SIZE: u64 = (4 << 30) + (3 << 20) + 17;
const SLICE: u64 = 3 << 20;

#[test]
fn a_sparse_file_beyond_4_gib_goes_up() {
    let files = TempDir::new();
    let path = files.join("sparse");
    let file = File::create(&path).unwrap();
    file.set_len(SIZE).unwrap();
    // Something at both ends and across the border.
    for (at, text) in [(0, "start"), ((4 << 30) - 2, "border"), (SIZE - 3, "end")] {
        file.write_all_at(text.as_bytes(), at).unwrap();
    }
    let sha1sum = std::process::Command::new("sha1sum")
        .arg(&path)
        .output()
        .unwrap();
    let whole = String::from_utf8(sha1sum.stdout).unwrap()[..40].to_owned();

    let received = AtomicU64::new(0);
    let offsets = Mutex::new(Vec::new());
    let state = std::sync::Arc::new((received, offsets, whole));
    let serving = state.clone();
    let listener = Listener::with_connections(move |stream, _| {
        let (received, offsets, whole) = &*serving;
        while let Some(request) = read_request(stream) {
            let text = String::from_utf8_lossy(&request.body[..request.body.len().min(800)]);
            let part = |name: &str| {
                let at = text.split_once(&format!("name=\"{name}\"\r\n\r\n"))?.1;
                Some(at.split_once("\r\n")?.0.to_owned())
            };
            let data = if request.line.starts_with("GET") {
                json!({"filesize": SIZE, "filelen": SIZE, "sha": whole})
            } else if let Some(size) = part("filesize") {
                assert_eq!((size, part("sha")), (SIZE.to_string(), Some(whole.clone())));
                json!({"session": "s", "offset": 0, "slice_size": SLICE})
            } else {
                let offset: u64 = part("offset").unwrap().parse().unwrap();
                offsets.lock().unwrap().push(offset);
                let length = SLICE.min(SIZE - offset);
                match received.fetch_add(length, Ordering::SeqCst) + length {
                    SIZE => json!({"url": "u", "access_url": "a"}),
                    _ => json!({"session": "s", "offset": offset}),
                }
            };
            let reply = json!({"code": 0, "message": "", "data": data}).to_string();
            let head = String::from_utf8(http(200, &reply)).unwrap();
            let _ = stream.write_all(head.replace("Connection: close\r\n", "").as_bytes());
        }
    });
    let client = Client::open_with(&listener.url, json!({"retries": 0}));
    let mut last = 0;
    let reply = client.upload_slice(&path, "f", SLICE, "", &mut |done, total| {
        assert!(done >= last && (total == SIZE || (done, total) == (0, UNKNOWN)));
        last = done;
        0
    });
    ok(reply);
    assert_eq!((last, state.0.load(Ordering::SeqCst)), (SIZE, SIZE));
    let mut offsets = state.1.lock().unwrap().clone();
    offsets.sort_unstable();
    let expected: Vec<u64> = (0..SIZE.div_ceil(SLICE))
        .map(|slice| slice * SLICE)
        .collect();
    assert_eq!(offsets, expected);
}
