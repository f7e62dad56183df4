//! Uploads in parts (xml-api.md §3.7).

mod common;

use common::xml::{Ask, complete, copy_source, crc64, full_bucket, md5_hex};
use common::{Emulator, noise};

const MIB: usize = 1 << 20;

fn quoted(content: &[u8]) -> String {
    format!("\"{}\"", md5_hex(content))
}

#[test]
fn an_object_in_parts() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * MIB + 1000, 1);
    let parts: Vec<&[u8]> = content.chunks(MIB).collect();
    let begun = Ask::new("POST", "/图/a b")
        .query("uploads", "")
        .header("Content-Type", "text/x")
        .header("x-cos-meta-a", "1")
        .header("x-cos-storage-class", "STANDARD_IA")
        .send(&emulator);
    assert_eq!(begun.is(200).node("Bucket"), Some(full_bucket()));
    assert_eq!(begun.node("Key").as_deref(), Some("图/a b"));
    let upload = begun.node("UploadId").unwrap();
    assert_eq!(upload.len(), 74);

    // In any order, and one of them twice.
    let put = |number: usize, content: &[u8]| {
        let part = u32::try_from(number).unwrap();
        let reply = emulator.put_part("/图/a b", &upload, part, content);
        assert_eq!(reply.is(200).header("etag"), Some(quoted(content).as_str()));
        let crc = crc64(content);
        assert_eq!(reply.header("x-cos-hash-crc64ecma"), Some(crc.as_str()));
    };
    put(3, parts[2]);
    put(1, b"something else");
    put(2, parts[1]);
    put(1, parts[0]);
    // Nothing is seen of it before it is complete.
    emulator.get_object("/图/a b").xml_error(404, "NoSuchKey");
    assert!(emulator.keys().is_empty());

    let listed = |query: &[(&str, &str)]| {
        let ask = Ask::new("GET", "/图/a b").query("uploadId", &upload);
        let ask = query
            .iter()
            .fold(ask, |ask, (name, value)| ask.query(name, value));
        ask.send(&emulator)
    };
    let all = listed(&[]);
    assert_eq!(all.is(200).nodes("PartNumber"), ["1", "2", "3"]);
    assert_eq!(all.nodes("Size"), ["1048576", "1048576", "1000"]);
    assert_eq!(
        all.nodes("ETag")[2],
        quoted(parts[2]).replace('"', "&quot;")
    );
    assert_eq!(all.node("IsTruncated").as_deref(), Some("false"));
    let page = listed(&[
        ("max-parts", "1"),
        ("part-number-marker", "1"),
        ("encoding-type", "url"),
    ]);
    assert_eq!(page.nodes("PartNumber"), ["2"]);
    assert_eq!(page.node("NextPartNumberMarker").as_deref(), Some("2"));
    assert_eq!(page.node("Key").as_deref(), Some("%E5%9B%BE/a%20b"));
    listed(&[("max-parts", "0")]).xml_error(400, "InvalidArgument");

    let tags: Vec<String> = parts.iter().map(|part| quoted(part)).collect();
    let third = tags[2].replace('"', "&quot;");
    let done = emulator.complete(
        "/图/a b",
        &upload,
        &[(1, &tags[0]), (2, &tags[1]), (3, &third)],
    );
    let text = done.is(200).text();
    // No declaration may follow the blanks.
    let document = text.trim_start();
    assert!(text.starts_with(' ') && document.starts_with("<CompleteMultipartUploadResult "));
    assert_eq!(done.header("transfer-encoding"), Some("chunked"));
    assert_eq!(
        done.header("x-cos-hash-crc64ecma"),
        Some(crc64(&content).as_str())
    );
    let etag = done.node("ETag").unwrap().replace("&quot;", "\"");
    assert!(etag.len() == 36 && etag.ends_with("-3\""), "{etag}");
    let got = emulator.get_object("/图/a b");
    assert!(got.is(200).body == content);
    assert_eq!(got.header("etag"), Some(etag.as_str()));
    assert_eq!(
        got.header("x-cos-hash-crc64ecma"),
        Some(crc64(&content).as_str())
    );
    assert_eq!(got.header("content-type"), Some("text/x"));
    assert_eq!(got.header("x-cos-meta-a"), Some("1"));
    assert_eq!(got.header("x-cos-storage-class"), Some("STANDARD_IA"));

    // The upload is over.
    let again = emulator.complete("/图/a b", &upload, &[(1, &tags[0])]);
    again.xml_error(404, "NoSuchUpload");
    emulator
        .put_part("/图/a b", &upload, 1, b"x")
        .xml_error(404, "NoSuchUpload");
    listed(&[]).xml_error(404, "NoSuchUpload");
}

#[test]
fn what_a_complete_must_be_like() {
    let emulator = Emulator::start(&[]);
    let upload = emulator.initiate("/a");
    let (big, small) = (noise(MIB, 2), noise(MIB - 1, 3));
    for (number, content) in [(1, &big), (2, &small), (3, &big), (5, &big)] {
        emulator.put_part("/a", &upload, number, content).is(200);
    }
    let (big, small) = (quoted(&big), quoted(&small));
    let end = |parts: &[(u32, &str)]| emulator.complete("/a", &upload, parts);
    end(&[(1, &big), (2, &small), (3, &big)]).xml_error(400, "EntityTooSmall");
    end(&[(1, &big), (2, &big)]).xml_error(400, "InvalidPart");
    end(&[(3, &big), (4, &big)]).xml_error(400, "InvalidPart");
    end(&[(3, &big), (5, &big)]).xml_error(400, "InvalidPart");
    end(&[(2, &small), (1, &big)]).xml_error(400, "InvalidPartOrder");
    end(&[(1, &big), (1, &big)]).xml_error(400, "InvalidPartOrder");
    end(&[]).xml_error(400, "MalformedXML");
    for body in [
        "",
        "nonsense",
        "<Other/>",
        "<!DOCTYPE a><CompleteMultipartUpload/>",
    ] {
        let ask = Ask::new("POST", "/a")
            .query("uploadId", &upload)
            .body(body.as_bytes());
        ask.send(&emulator).xml_error(400, "MalformedXML");
    }
    emulator
        .complete("/a", "unknown", &[(1, &big)])
        .xml_error(404, "NoSuchUpload");
    emulator
        .complete("/b", &upload, &[(1, &big)])
        .xml_error(404, "NoSuchUpload");
    let mut wrong = complete("/a", &upload, &[(1, &big)]).md5();
    wrong.body.push(b' ');
    wrong.send(&emulator).xml_error(400, "BadDigest");
    // None of this did any harm.
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    end(&[(1, &big), (2, &small)]).is(200);

    for number in ["0", "10001", "x", ""] {
        let ask = Ask::new("PUT", "/a")
            .query("partNumber", number)
            .query("uploadId", "x");
        ask.send(&emulator).xml_error(400, "InvalidArgument");
    }
    let upload = emulator.initiate("/a");
    let part = Ask::new("PUT", "/a")
        .query("partNumber", "1")
        .query("uploadId", &upload);
    let chunked = part
        .clone()
        .header("Transfer-Encoding", "chunked")
        .body(b"0\r\n\r\n");
    chunked
        .send(&emulator)
        .xml_error(411, "MissingContentLength");
    let wrong = part
        .header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
        .body(b"x");
    wrong.send(&emulator).xml_error(400, "BadDigest");
    // The object that is there may be in the way.
    emulator.put_part("/a", &upload, 1, b"x").is(200);
    let part = quoted(b"x");
    let ask = complete("/a", &upload, &[(1, &part)]).header("x-cos-forbid-overwrite", "true");
    ask.send(&emulator).xml_error(409, "FileAlreadyExists");
    let ask = Ask::new("POST", "/a")
        .query("uploads", "")
        .header("x-cos-forbid-overwrite", "true");
    ask.send(&emulator).xml_error(409, "FileAlreadyExists");
}

#[test]
fn parts_that_are_copied() {
    let emulator = Emulator::start(&[]);
    let content = noise(3 * MIB, 4);
    emulator.put_object("/src +", &content).is(200);
    let upload = emulator.initiate("/b");
    let copy = |number: &str, range: &str| {
        let ask = Ask::new("PUT", "/b")
            .query("partNumber", number)
            .query("uploadId", &upload);
        let ask = ask.header("x-cos-copy-source", &copy_source("/src +"));
        let ask = if range.is_empty() {
            ask
        } else {
            ask.header("x-cos-copy-source-range", range)
        };
        ask.send(&emulator)
    };
    let first = copy("1", "bytes=1048576-2097151");
    let middle = &content[MIB..2 * MIB];
    assert_eq!(
        first.is(200).node("ETag"),
        Some(quoted(middle).replace('"', "&quot;"))
    );
    assert_eq!(
        first.header("x-cos-hash-crc64ecma"),
        Some(crc64(middle).as_str())
    );
    copy("2", "").is(200);
    copy("3", "bytes=0-3145728").xml_error(416, "InvalidRange");
    copy("3", "bytes=x").xml_error(400, "InvalidArgument");
    let ask = Ask::new("PUT", "/b")
        .query("partNumber", "3")
        .query("uploadId", &upload);
    let missing = ask
        .clone()
        .header("x-cos-copy-source", &copy_source("/none"));
    missing.send(&emulator).xml_error(404, "NoSuchKey");
    let source = ask.header("x-cos-copy-source", &copy_source("/src +"));
    let unmet = source.header("x-cos-copy-source-If-Match", "\"x\"");
    unmet.send(&emulator).xml_error(412, "PreconditionFailed");
    emulator
        .complete(
            "/b",
            &upload,
            &[(1, &quoted(middle)), (2, &quoted(&content))],
        )
        .is(200);
    assert!(emulator.get_object("/b").body == [middle, &content].concat());
}

#[test]
fn many_uploads_of_one_key() {
    let emulator = Emulator::start(&[]);
    let mut ids = [
        emulator.initiate("/dir/a"),
        emulator.initiate("/dir/a"),
        emulator.initiate("/dir/a"),
    ];
    ids.sort();
    let (b, c) = (emulator.initiate("/dir/sub/b"), emulator.initiate("/ c"));
    let list = |query: &[(&str, &str)]| {
        let ask = Ask::new("GET", "/").query("uploads", "");
        let ask = query
            .iter()
            .fold(ask, |ask, (name, value)| ask.query(name, value));
        ask.send(&emulator)
    };
    let all = list(&[]);
    assert_eq!(
        all.is(200).nodes("Key"),
        [" c", "dir/a", "dir/a", "dir/a", "dir/sub/b"]
    );
    let [x, y, z] = &ids;
    assert_eq!(all.nodes("UploadId"), [&c, x, y, z, &b].map(String::as_str));
    assert_eq!(all.node("IsTruncated").as_deref(), Some("false"));
    let page = list(&[
        ("prefix", "dir/"),
        ("max-uploads", "2"),
        ("encoding-type", "url"),
    ]);
    assert_eq!(page.nodes("UploadId"), [x.as_str(), y]);
    assert_eq!(page.node("NextKeyMarker").as_deref(), Some("dir/a"));
    assert_eq!(page.node("NextUploadIdMarker").as_ref(), Some(y));
    let rest = list(&[("key-marker", "dir/a"), ("upload-id-marker", y)]);
    assert_eq!(rest.nodes("UploadId"), [z.as_str(), &b]);
    assert_eq!(
        list(&[("key-marker", "dir/a")]).nodes("UploadId"),
        [b.as_str()]
    );
    let grouped = list(&[("prefix", "dir/"), ("delimiter", "/")]);
    assert_eq!(grouped.nodes("UploadId"), [x.as_str(), y, z]);
    assert_eq!(
        grouped.nodes("CommonPrefixes"),
        ["<Prefix>dir/sub/</Prefix>"]
    );

    // Page by page, each group is there once.
    let last = emulator.initiate("/z");
    let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
    let (mut key, mut id) = (String::new(), String::new());
    // More than there are: a list that goes in circles fails, and does not hang.
    for _ in 0..9 {
        let marker = [("key-marker", key.as_str()), ("upload-id-marker", &id)];
        let page = list(&[&marker[..], &[("delimiter", "/"), ("max-uploads", "1")]].concat());
        keys.extend(page.is(200).nodes("Key"));
        prefixes.extend(page.nodes("CommonPrefixes"));
        match page.node("NextKeyMarker") {
            Some(next) => key = next,
            None => break,
        }
        id = page.node("NextUploadIdMarker").unwrap();
    }
    assert_eq!(keys, [" c", "z"]);
    assert_eq!(prefixes, ["<Prefix>dir/</Prefix>"]);
    let abort = Ask::new("DELETE", "/z").query("uploadId", &last);
    abort.send(&emulator).is(204);

    // Each is for itself.
    emulator.put_part("/dir/a", x, 1, b"one").is(200);
    emulator.put_part("/dir/a", y, 1, b"two").is(200);
    emulator
        .complete("/dir/a", y, &[(1, &quoted(b"two"))])
        .is(200);
    emulator
        .complete("/dir/a", x, &[(1, &quoted(b"one"))])
        .is(200);
    assert_eq!(emulator.get_object("/dir/a").body, b"one");
    let abort = |id: &str| {
        Ask::new("DELETE", "/dir/a")
            .query("uploadId", id)
            .send(&emulator)
    };
    abort(z).is(204);
    abort(z).xml_error(404, "NoSuchUpload");
    assert_eq!(list(&[]).nodes("UploadId"), [&c, &b].map(String::as_str));
    assert_eq!(emulator.get_object("/dir/a").body, b"one");
}

#[test]
fn an_upload_is_completed_once() {
    let emulator = Emulator::start(&[]);
    let content = noise(4 * MIB, 5);
    for round in 0..3 {
        let path = format!("/{round}");
        let upload = emulator.initiate(&path);
        emulator.put_part(&path, &upload, 1, &content).is(200);
        let done = complete(&path, &upload, &[(1, &quoted(&content))]);
        let replies: Vec<_> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| done.send(&emulator)))
                .collect();
            clients
                .into_iter()
                .map(|client| client.join().unwrap())
                .collect()
        });
        let (good, bad): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
        assert_eq!((good.len(), bad.len()), (1, 3));
        for reply in bad {
            reply.xml_error(404, "NoSuchUpload");
        }
        assert!(emulator.get_object(&path).body == content);
    }
}
