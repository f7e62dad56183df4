//! Sizes and counts that no service has a reason to tell: each is an error that says so. Nothing is
//! allocated for them, no sum of them runs over, and no file is left.

mod common;

use std::fs::File;

use common::TempDir;
use common::library::{APIS, Client, code, kind, message};
use common::listener::{Listener, Received, http};
use common::mount::Mount;
use common::objects::{Place, with_head};
use serde_json::json;

/// One byte more than the largest object has.
const TOO_LARGE: u64 = (50_000 << 30) + 1;

const ABSURD: [u64; 4] = [TOO_LARGE, 1 << 60, i64::MAX as u64, u64::MAX];

/// A service that tells an object's size and has nothing else.
fn telling(api: &str, size: u64) -> Listener {
    let is_xml = api == "xml";
    Listener::answering(move |_, request| match is_xml {
        true if request.line.starts_with("HEAD ") => head_of(size),
        false if request.line.contains("op=stat") => {
            let data = json!({"filesize": size, "filelen": size, "sha": "1".repeat(40)});
            http(
                200,
                &json!({"code": 0, "message": "", "data": data}).to_string(),
            )
        }
        _ => with_head("200 OK", "ETag: \"1\"\r\n", b"a few bytes"),
    })
}

fn head_of(size: u64) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

fn xml(body: String) -> Vec<u8> {
    with_head(
        "200 OK",
        "Content-Type: application/xml\r\n",
        body.as_bytes(),
    )
}

#[test]
fn a_download_of_more_than_there_can_be_ends_with_an_error_and_leaves_nothing() {
    for api in APIS {
        for size in ABSURD {
            let listener = telling(api, size);
            let client = Client::speaking(api, &listener.url, json!({"retries": 0}));
            let place = Place::new();
            let reply = client.download("f", &place.file);
            assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
            assert!(message(&reply).contains(&size.to_string()), "{reply}");
            place.is_untouched();
        }
    }
}

#[test]
fn a_tree_names_what_cannot_be_so_large_and_fetches_the_rest() {
    let listing = |request: &Received| {
        let entry = |name: &str, size: u64| {
            let time = "<LastModified>2020-04-10T18:20:30.000Z</LastModified>";
            format!(
                "<Contents><Key>t/{name}</Key><Size>{size}</Size><ETag>\"1\"</ETag>{time}</Contents>"
            )
        };
        let entries: Vec<String> = [("a", u64::MAX), ("b", 1 << 63), ("c", 1 << 63), ("d", 5)]
            .map(|(name, size)| entry(name, size))
            .into();
        match request.line.split(' ').next() {
            Some("HEAD") => head_of(5),
            _ if request.line.contains("prefix=") => xml(format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>",
                entries.concat()
            )),
            _ => with_head("200 OK", "ETag: \"1\"\r\n", b"hello"),
        }
    };
    let listener = Listener::answering(move |_, request| listing(request));
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    let folder = TempDir::new();
    let mut totals = Vec::new();
    let reply = client.download_tree("t", &folder.join("back"), "{}", &mut |_, total| {
        totals.push(total);
        0
    });
    assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    assert_eq!(reply["data"]["downloaded"], 1, "{reply}");
    let failed = reply["data"]["failed"].as_array().unwrap();
    let names: Vec<_> = failed
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "b", "c"], "{reply}");
    assert!(
        totals.iter().all(|total| [0, 5].contains(total)),
        "{totals:?}"
    );
    assert_eq!(std::fs::read(folder.join("back/d")).unwrap(), b"hello");
}

#[test]
fn a_copy_of_more_than_there_can_be_is_an_error() {
    for size in ABSURD {
        let listener =
            Listener::answering(
                move |_, request| match request.line.split_once(' ').unwrap() {
                    ("HEAD", _) => head_of(size),
                    ("POST", rest) if rest.contains("uploads") => {
                        xml("<InitiateMultipartUploadResult><UploadId>1</UploadId>\
                     </InitiateMultipartUploadResult>"
                            .to_owned())
                    }
                    ("DELETE", _) => with_head("204 No Content", "", b""),
                    _ => xml("<CopyPartResult><ETag>\"1\"</ETag></CopyPartResult>".to_owned()),
                },
            );
        let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
        let reply = client.copy_file("a", "b", 1);
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
        assert!(message(&reply).contains(&size.to_string()), "{reply}");
    }
}

#[test]
fn parts_that_no_upload_has_are_an_error_and_repeated_ones_count_once() {
    let part = |number: u64, size: u64| {
        format!(
            "<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>\"1\"</ETag></Part>"
        )
    };
    let folder = TempDir::new();
    let file = folder.file("f", &[0; 100]);
    for (number, size) in [
        (0, 100),
        (10_001, 100),
        (u64::MAX, 100),
        (1, TOO_LARGE),
        (1, u64::MAX),
    ] {
        let listed = part(number, size);
        let listener = Listener::answering(move |_, _| {
            xml(format!(
                "<ListPartsResult><IsTruncated>false</IsTruncated>{listed}</ListPartsResult>"
            ))
        });
        let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
        let reply = client.upload_slice(&file, "f", 0, "session", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
        assert_eq!(reply["data"]["session"], "session", "{reply}");
    }
}

#[test]
fn slices_and_offsets_that_make_no_sense_are_errors() {
    let folder = TempDir::new();
    let file = folder.file("f", &[0; 3 << 20]);
    for (offset, slice_size) in [
        (u64::MAX, 1 << 20),
        (1 << 60, 1 << 20),
        (0, u64::MAX),
        (0, 1 << 60),
        (0, 0),
        (u64::MAX, u64::MAX),
    ] {
        let data = json!({"session": "s", "offset": offset, "slice_size": slice_size});
        let reply = json!({"code": 0, "message": "", "data": data}).to_string();
        let listener = Listener::answering(move |_, _| http(200, &reply));
        let client = Client::speaking("json", &listener.url, json!({"retries": 0}));
        let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    }
}

#[test]
fn ranges_that_were_not_asked_for_are_errors() {
    const SIZE: u64 = 9 << 20;
    for range in [
        "bytes 0-18446744073709551615/9437184",
        "bytes 18446744073709551615-0/9437184",
        "bytes 0-18446744073709551616/9437184",
        "bytes 0-1/18446744073709551615",
        "bytes 5-4/9437184",
    ] {
        let listener = Listener::answering(move |_, request| match request.line.as_str() {
            line if line.starts_with("HEAD ") => head_of(SIZE),
            _ => with_head(
                "206 Partial Content",
                &format!("ETag: \"1\"\r\nContent-Range: {range}\r\n"),
                b"a few bytes",
            ),
        });
        let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
        let place = Place::new();
        let reply = client.download("f", &place.file);
        assert!([-2, -6].contains(&code(&reply)), "{range}: {reply}");
        place.is_untouched();
    }
}

#[test]
fn a_local_file_that_is_too_large_for_an_object_is_refused_before_anything_is_sent() {
    let listener = Listener::replying("{}");
    let disk = Mount::new("size=1m");
    let file = disk.0.join("sparse");
    for size in [TOO_LARGE, 1 << 60] {
        File::create(&file).unwrap().set_len(size).unwrap();
        for api in APIS {
            let client = Client::speaking(api, &listener.url, json!({}));
            let reply = client.upload(&file, "f");
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(message(&reply).starts_with("filepath: "), "{reply}");
            assert!(message(&reply).contains(&size.to_string()), "{reply}");
        }
    }
    assert_eq!(listener.connections(), 0);
}
