//! Trees of any number of files, in memory that does not grow with it.

mod common;

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use common::TempDir;
use common::child::{Child, alone};
use common::library::{APIS, Client, code, ok};
use common::listener::{Listener, Received, read_request};
use common::mount::Mount;
use serde_json::{Value, json};

/// More than a page of names, and their paths, takes.
const GROWTH_MAX_KIB: u64 = 4 << 10;

/// Two pages: one is looked at while the next one comes.
const FEW: usize = 2_000;
const MANY: usize = 8_000;

/// Long names weigh more.
fn folder() -> String {
    ['a', 'b', 'c']
        .map(|letter| letter.to_string().repeat(180))
        .join("/")
}

/// A bucket of so many empty objects in one folder, that takes whatever is put into it.
fn bucket(objects: usize) -> Listener {
    Listener::with_connections(move |stream, _| {
        while let Some(request) = read_request(stream) {
            let empty = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nx-cos-hash-crc64ecma: 0\r\n\
                         Content-Length: 0\r\n\r\n";
            let answered = match request.line.contains("prefix=") {
                true => keys(objects, &request),
                false => empty.as_bytes().to_vec(),
            };
            if stream.write_all(&answered).is_err() {
                return;
            }
        }
    })
}

/// The number of the first key behind the marker.
fn first_of_page(request: &Received) -> usize {
    let marker = request
        .line
        .split_once("&marker=")
        .map_or("", |(_, rest)| rest);
    let marker = marker.split(['&', ' ']).next().unwrap();
    let after = marker.rsplit("%2F").next().unwrap();
    after.parse().map_or(0, |last: usize| last + 1)
}

/// A page of a thousand keys behind the marker.
fn keys(objects: usize, request: &Received) -> Vec<u8> {
    let first = first_of_page(request);
    let last = objects.min(first + 1000);
    let folder = folder();
    let mut page = format!(
        "<ListBucketResult><IsTruncated>{}</IsTruncated>",
        last < objects
    );
    for number in first..last {
        page.push_str(&format!(
            "<Contents><Key>t/{folder}/{number:06}</Key><Size>0</Size><ETag>\"1\"</ETag>\
             <LastModified>2020-04-10T18:20:30.000Z</LastModified></Contents>"
        ));
    }
    page.push_str("</ListBucketResult>");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len());
    [head.into_bytes(), page.into_bytes()].concat()
}

/// So many empty files with these names.
fn planted(files: usize) -> (Mount, PathBuf) {
    let disk = Mount::new("size=100m,nr_inodes=100k");
    let root = disk.0.join("tree");
    let inner = root.join(folder());
    fs::create_dir_all(&inner).unwrap();
    for number in 0..files {
        fs::write(inner.join(format!("{number:06}")), b"").unwrap();
    }
    (disk, root)
}

/// KiB that a process of its own takes at most for the call, beyond what it had.
fn growth(run: impl FnOnce() -> Value) -> u64 {
    let mut child = Child::start(|parent| {
        let before = status("VmRSS");
        fs::write("/proc/self/clear_refs", b"5").unwrap();
        ok(run());
        let grown = status("VmHWM").saturating_sub(before);
        parent.write_all(&grown.to_le_bytes()).unwrap();
        true
    });
    let grown = std::array::from_fn(|_| child.heard());
    assert_eq!(child.wait(), 0);
    u64::from_le_bytes(grown)
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn options() -> Value {
    json!({"retries": 0, "parallel": 2})
}

#[test]
fn a_download_of_many_files_takes_no_more_memory_than_one_of_few() {
    let _alone = alone();
    let grown = [FEW, MANY].map(|objects| {
        let (service, (_disk, root)) = (bucket(objects), planted(objects));
        growth(|| {
            let client = Client::speaking("xml", &service.url, options());
            let reply = client.download_tree("t", &root, "{}", &mut |_, _| 0);
            assert_eq!(reply["data"]["same"], objects, "{reply}");
            reply
        })
    });
    println!("{grown:?} KiB");
    assert!(grown[1] <= grown[0] + GROWTH_MAX_KIB, "{grown:?}");
}

#[test]
fn an_upload_of_many_files_takes_no_more_memory_than_one_of_few() {
    let _alone = alone();
    let grown = [FEW, MANY].map(|files| {
        let (service, (_disk, root)) = (bucket(0), planted(files));
        growth(|| {
            let client = Client::speaking("xml", &service.url, options());
            let overwrite = r#"{"overwrite":true}"#;
            let reply = client.upload_tree(&root, "t", overwrite, &mut |_, _| 0);
            assert_eq!(reply["data"]["uploaded"], files, "{reply}");
            reply
        })
    });
    println!("{grown:?} KiB");
    assert!(grown[1] <= grown[0] + GROWTH_MAX_KIB, "{grown:?}");
}

/// Three pages: small files, a large one, and again small ones.
fn pages(stream: &mut TcpStream, content: &[u8]) {
    let size = |number: usize| if number == 150 { 9 << 20 } else { 10 };
    while let Some(request) = read_request(stream) {
        let number = || -> usize {
            let path = request.line.split(' ').nth(1).unwrap();
            path.rsplit('/').next().unwrap().parse().unwrap()
        };
        let answered = match request.line.split(' ').next().unwrap() {
            "HEAD" => format!(
                "HTTP/1.1 200 OK\r\nETag: \"1-2\"\r\nContent-Length: {}\r\n\r\n",
                size(number())
            )
            .into_bytes(),
            _ if request.line.contains("prefix=") => {
                let first = first_of_page(&request);
                let mut page = format!(
                    "<ListBucketResult><IsTruncated>{}</IsTruncated>",
                    first < 200
                );
                for number in first..first + 100 {
                    let size = size(number);
                    page.push_str(&format!(
                        "<Contents><Key>t/{number:06}</Key><Size>{size}</Size></Contents>"
                    ));
                }
                page.push_str("</ListBucketResult>");
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}",
                    page.len()
                )
                .into_bytes()
            }
            _ => {
                let all = size(number());
                let range = request
                    .header("range")
                    .strip_prefix("bytes=")
                    .map(str::to_owned);
                let (head, bytes) = match range {
                    None => ("200 OK\r\n".to_owned(), &content[..all]),
                    Some(range) => {
                        let (first, last) = range.split_once('-').unwrap();
                        let (first, last): (usize, usize) =
                            (first.parse().unwrap(), last.parse().unwrap());
                        (
                            format!(
                                "206 Partial Content\r\nContent-Range: bytes {first}-{last}/{all}\r\n"
                            ),
                            &content[first..=last],
                        )
                    }
                };
                let head = format!(
                    "HTTP/1.1 {head}ETag: \"1-2\"\r\nContent-Length: {}\r\n\r\n",
                    bytes.len()
                );
                [head.as_bytes(), bytes].concat()
            }
        };
        if stream.write_all(&answered).is_err() {
            return;
        }
    }
}

#[test]
fn progress_over_pages_never_falls_and_ends_once_at_the_total() {
    let _alone = alone();
    let content = vec![7; 9 << 20];
    let service = Listener::with_connections(move |stream, _| pages(stream, &content));
    let client = Client::speaking("xml", &service.url, options());
    let folder = TempDir::new();
    let mut seen = Vec::new();
    let reply = ok(
        client.download_tree("t", &folder.join("back"), "{}", &mut |done, total| {
            seen.push((done, total));
            0
        }),
    );
    assert_eq!(reply["data"]["downloaded"], 300, "{}", reply["message"]);
    let all = (9 << 20) + 299 * 10;
    assert!(seen.iter().is_sorted_by_key(|(done, _)| *done));
    assert!(seen.iter().is_sorted_by_key(|(_, total)| *total));
    assert_eq!(seen.last(), Some(&(all, all)));
    // While nothing is listed yet, nothing is known.
    let complete = seen
        .iter()
        .filter(|(done, total)| done == total && *total > 0);
    assert_eq!(complete.count(), 1, "{:?}", &seen[..10]);

    // Cancelled in the third page; what is there already is not fetched again.
    let mut reports = 0;
    let other = folder.join("other");
    let reply = client.download_tree("t", &other, "{}", &mut |done, _| {
        reports += 1;
        i32::from(done > (9 << 20) + 250 * 10)
    });
    assert_eq!(code(&reply), -5, "{}", reply["message"]);
    assert!(count(&other) > 240 && count(&other) < 300);
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn what_was_skipped_is_named_up_to_a_limit_and_counted_beyond() {
    let _alone = alone();
    use std::os::unix::fs::symlink;
    for api in APIS {
        let folder = TempDir::new();
        let root = folder.join("root");
        fs::create_dir(&root).unwrap();
        for number in 0..1_200 {
            symlink(".", root.join(format!("{number:04}"))).unwrap();
        }
        let service = Listener::replying(r#"{"code":0,"message":"","data":{}}"#);
        let client = Client::speaking(api, &service.url, options());
        let reply = ok(client.upload_tree(&root, "", "{}", &mut |_, _| 0));
        let skipped = reply["data"]["skipped"].as_array().unwrap();
        assert_eq!(skipped.len(), 1000, "{api}");
        assert_eq!(reply["data"]["skipped_more"], 200, "{api}");
    }
}
