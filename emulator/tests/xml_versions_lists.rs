//! Lists of versions (xml-api.md §3.14): order, pages, groups.

mod common;

use common::Emulator;
use common::http::Reply;
use common::versions::{enabled, entries};
use common::xml::md5_hex;

/// `a` twice and deleted, two in a folder, a null one that is older, and a null marker.
fn filled() -> Emulator {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/old", b"before").is(200);
    emulator.set_versioning("Enabled");
    emulator.put_version("/a", b"one");
    emulator.put_version("/a", b"two");
    emulator.put_marker("/a");
    emulator.put_version("/d/1", b"x");
    emulator.put_marker("/d/2");
    emulator.put_version("/e/甲 +%", b"x");
    emulator.put_version("/e/甲 +%", b"y");
    emulator.put_version("/old", b"after");
    emulator
}

/// Follows the pages to the end; what they hold, groups with their slash.
fn paged(emulator: &Emulator, query: &[(&str, &str)], size: usize) -> Vec<String> {
    let (mut all, size) = (Vec::new(), size.to_string());
    let (mut key, mut id) = (String::new(), String::new());
    for _ in 0..100 {
        let mut asked = query.to_vec();
        asked.extend([
            ("max-keys", size.as_str()),
            ("key-marker", &key),
            ("version-id-marker", &id),
        ]);
        let page = emulator.list_versions(&asked);
        let groups = page.is(200).nodes("CommonPrefixes");
        let items = entries(&page);
        assert!(items.len() + groups.len() <= size.parse().unwrap());
        let bare = |group: String| group.replace("<Prefix>", "").replace("</Prefix>", "");
        all.extend(groups.into_iter().map(bare));
        all.extend(items);
        if page.node("IsTruncated").unwrap() == "false" {
            assert_eq!(page.node("NextKeyMarker"), None);
            return all;
        }
        key = page.node("NextKeyMarker").unwrap();
        id = page.node("NextVersionIdMarker").unwrap_or_default();
    }
    panic!("no end of pages");
}

#[test]
fn what_a_list_tells() {
    let emulator = filled();
    let list = emulator.list_versions(&[]);
    let names: Vec<String> = entries(&list).iter().map(|entry| bare(entry)).collect();
    let all = [
        "!a *",
        "a ",
        "a ",
        "d/1 *",
        "!d/2 *",
        "e/甲 +% *",
        "e/甲 +% ",
        "old *",
        "old null",
    ];
    assert_eq!(names, all);
    for (name, value) in [
        ("Name", "testbucket-10000001"),
        ("MaxKeys", "1000"),
        ("IsTruncated", "false"),
    ] {
        assert_eq!(list.node(name).as_deref(), Some(value));
    }
    for name in ["Prefix", "KeyMarker", "VersionIdMarker"] {
        assert!(list.text().contains(&format!("<{name}/>")), "{name}");
    }
    for name in [
        "EncodingType",
        "Delimiter",
        "NextKeyMarker",
        "NextVersionIdMarker",
    ] {
        assert!(!list.text().contains(name), "{name}");
    }
    let owner = "<Owner><ID>10000001</ID><DisplayName>10000001</DisplayName></Owner>";
    let marker = list.node("DeleteMarker").unwrap();
    let modified = "<LastModified>2";
    assert!(
        marker.contains(modified) && marker.contains(".000Z<"),
        "{marker}"
    );
    assert!(marker.ends_with(owner), "{marker}");
    for name in ["ETag", "Size", "StorageClass"] {
        assert!(!marker.contains(name), "{marker}");
    }
    let versions = list.nodes("Version");
    assert_eq!((versions.len(), list.nodes("DeleteMarker").len()), (7, 2));
    let two = format!(
        "<ETag>&quot;{}&quot;</ETag><Size>3</Size><StorageClass>STANDARD</StorageClass>{owner}",
        md5_hex(b"two")
    );
    assert!(versions[0].ends_with(&two), "{}", versions[0]);
    let encoded = emulator.list_versions(&[("encoding-type", "url"), ("prefix", "e/甲 +")]);
    assert_eq!(encoded.node("EncodingType").as_deref(), Some("url"));
    assert_eq!(encoded.node("Prefix").as_deref(), Some("e/%E7%94%B2%20%2B"));
    assert_eq!(encoded.nodes("Key"), ["e/%E7%94%B2%20%2B%25"; 2]);
    // The plain list shows what is there.
    assert_eq!(emulator.keys(), ["d/1", "e/甲 +%", "old"]);
}

/// An entry without its id, unless that is null.
fn bare(entry: &str) -> String {
    let (key, rest) = entry.rsplit_once(' ').unwrap();
    let latest = if rest.ends_with('*') { "*" } else { "" };
    match rest.trim_end_matches('*') {
        "null" => format!("{key} null{latest}"),
        _ => format!("{key} {latest}"),
    }
}

#[test]
fn pages_of_every_size_hold_the_same() {
    let emulator = filled();
    let whole = entries(&emulator.list_versions(&[]));
    for size in 1..=10 {
        assert_eq!(paged(&emulator, &[], size), whole, "{size}");
    }
    let below = |prefix: &str| entries(&emulator.list_versions(&[("prefix", prefix)]));
    assert_eq!(below("a"), whole[..3]);
    assert_eq!(below("e/"), whole[5..7]);
    assert_eq!(paged(&emulator, &[("prefix", "e/")], 1), whole[5..7]);
    let grouped: Vec<String> = [
        &whole[..3],
        &["d/".to_owned(), "e/".to_owned()],
        &whole[7..],
    ]
    .concat();
    for size in 1..=7 {
        let mut all = paged(&emulator, &[("delimiter", "/")], size);
        // In one page, groups come first.
        all.sort();
        let mut wanted = grouped.clone();
        wanted.sort();
        assert_eq!(all, wanted, "{size}");
    }
    let inside = paged(&emulator, &[("prefix", "d/"), ("delimiter", "/")], 1);
    assert_eq!(inside, whole[3..5]);
}

#[test]
fn markers() {
    let emulator = filled();
    let whole = entries(&emulator.list_versions(&[]));
    let list = |key: &str, id: &str| {
        emulator.list_versions(&[("key-marker", key), ("version-id-marker", id)])
    };
    let ids = emulator
        .list_versions(&[("prefix", "a")])
        .nodes("VersionId");
    assert_eq!(entries(&list("a", "")), whole[3..]);
    assert_eq!(entries(&list("a", &ids[0])), whole[1..]);
    assert_eq!(entries(&list("a", &ids[2])), whole[3..]);
    assert_eq!(entries(&list("old", "null")), [""; 0]);
    assert_eq!(entries(&list("b", "")), whole[3..]);
    // Alone it says nothing.
    assert_eq!(entries(&list("", &ids[0])), whole);
    for wrong in ["x", "MTIz", "甲"] {
        list("a", wrong).xml_error(400, "InvalidArgument");
    }
    for (name, value) in [
        ("max-keys", "x"),
        ("max-keys", "0"),
        ("encoding-type", "base64"),
    ] {
        let wrong = emulator.list_versions(&[(name, value)]);
        wrong.xml_error(400, "InvalidArgument");
    }
    // A page ends at the marker of the next, in the middle of a key too.
    let first = emulator.list_versions(&[("max-keys", "2")]);
    assert_eq!(first.node("NextKeyMarker").as_deref(), Some("a"));
    assert_eq!(first.node("NextVersionIdMarker"), Some(ids[1].clone()));
}

/// A program that empties a bucket removes what a page shows before it asks for the next.
#[test]
fn what_goes_while_it_is_listed() {
    for size in ["1", "2", "3"] {
        let emulator = filled();
        emulator.set_versioning("Suspended");
        emulator.put_object("/a", b"null").is(200);
        let mut page = emulator.list_versions(&[("max-keys", size)]);
        let mut count = 0;
        loop {
            let (keys, ids) = (page.is(200).nodes("Key"), page.nodes("VersionId"));
            count += keys.len();
            for (key, id) in keys.iter().zip(&ids) {
                emulator
                    .on_version("DELETE", &format!("/{key}"), id)
                    .is(204);
            }
            let (Some(key), Some(id)) =
                (page.node("NextKeyMarker"), page.node("NextVersionIdMarker"))
            else {
                break;
            };
            page = emulator.list_versions(&[
                ("max-keys", size),
                ("key-marker", &key),
                ("version-id-marker", &id),
            ]);
        }
        assert_eq!(count, 10);
        assert_eq!(emulator.all_versions(), [""; 0]);
    }
}

#[test]
fn many_versions() {
    let emulator = enabled();
    for number in 0..30_u8 {
        emulator.put_version("/many", &[number]);
        emulator.put_version(&format!("/z/{number:02}"), b"x");
    }
    let list = |query: &[(&str, &str)]| -> Reply { emulator.list_versions(query) };
    let whole = entries(&list(&[]));
    assert_eq!(whole.len(), 60);
    assert_eq!(
        whole.iter().filter(|entry| entry.ends_with('*')).count(),
        31
    );
    assert_eq!(paged(&emulator, &[], 7), whole);
    let ids = list(&[("prefix", "many")]).nodes("VersionId");
    for (id, number) in ids.iter().zip((0..30_u8).rev()) {
        assert_eq!(
            emulator.on_version("GET", "/many", id).is(200).body,
            [number]
        );
    }
    let grouped = list(&[("delimiter", "/"), ("max-keys", "31")]);
    assert_eq!(
        grouped.nodes("Prefix").last().map(String::as_str),
        Some("z/")
    );
    assert_eq!(grouped.node("IsTruncated").as_deref(), Some("false"));
}
