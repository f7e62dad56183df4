//! Archived objects (xml-api.md §3.18): restored after a while, and gone again after some days.

mod common;

use common::Emulator;
use common::http::Reply;
use common::versions::enabled;
use common::xml::{Ask, copy_source};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn archive(emulator: &Emulator, path: &str, class: &str) {
    let put = Ask::new("PUT", path).header("x-cos-storage-class", class);
    put.body(b"content").send(emulator).is(200);
}

fn document(days: &str, tier: &str) -> String {
    format!(
        "<RestoreRequest><Days>{days}</Days><CASJobParameters><Tier>{tier}</Tier></CASJobParameters>\
         </RestoreRequest>"
    )
}

fn restore(emulator: &Emulator, path: &str, days: &str, tier: &str) -> Reply {
    let ask = Ask::new("POST", path).query("restore", "");
    let ask = ask.body(document(days, tier).as_bytes()).md5();
    ask.send(emulator)
}

fn pass(emulator: &Emulator, seconds: u64) {
    let body = format!("{{\"pass_s\": {seconds}}}");
    emulator.emulator_call("POST", "archives", &body).is(200);
}

fn told(emulator: &Emulator, path: &str) -> Option<String> {
    let head = emulator.head_object(path);
    head.is(200).header("x-cos-restore").map(str::to_owned)
}

#[test]
fn a_copy_comes_after_its_time_and_goes_after_its_days() {
    for (class, tier, takes) in [
        ("ARCHIVE", "Expedited", 300),
        ("ARCHIVE", "Standard", 5 * HOUR),
        ("MAZ_ARCHIVE", "Bulk", 12 * HOUR),
        ("DEEP_ARCHIVE", "Standard", 24 * HOUR),
        ("DEEP_ARCHIVE", "Bulk", 48 * HOUR),
    ] {
        let emulator = Emulator::start(&[]);
        archive(&emulator, "/a", class);
        emulator
            .get_object("/a")
            .xml_error(403, "InvalidObjectState");
        assert_eq!(told(&emulator, "/a"), None);
        let begun = restore(&emulator, "/a", "2", tier);
        assert_eq!(begun.is(202).text(), "");
        pass(&emulator, takes - 60);
        assert_eq!(told(&emulator, "/a").unwrap(), "ongoing-request=\"true\"");
        let head = emulator.head_object("/a");
        let status = head.header("x-cos-restore-status").unwrap();
        let tier_told = format!("tier=\"{}\"; request-date=\"", tier.to_lowercase());
        assert!(status.starts_with(&tier_told), "{status}");
        emulator
            .get_object("/a")
            .xml_error(403, "InvalidObjectState");
        restore(&emulator, "/a", "2", tier).xml_error(409, "RestoreAlreadyInProgress");

        pass(&emulator, 61);
        let ended = told(&emulator, "/a").unwrap();
        assert!(
            ended.starts_with("ongoing-request=\"false\", expiry-date=\""),
            "{ended}"
        );
        assert!(ended.ends_with(" 16:00:00 GMT\""), "{ended}");
        let got = emulator.get_object("/a");
        assert_eq!(got.is(200).text(), "content");
        assert_eq!(got.header("x-cos-storage-class"), Some(class));
        assert_eq!(got.header("x-cos-restore-status"), None);
        let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
        copy.send(&emulator).is(200);
        assert_eq!(emulator.get_object("/b").is(200).text(), "content");

        // Asked for again, it stays longer.
        restore(&emulator, "/a", "4", tier).is(200);
        assert_ne!(told(&emulator, "/a").unwrap(), ended);
        pass(&emulator, 4 * DAY - HOUR);
        emulator.get_object("/a").is(200);
        pass(&emulator, DAY + HOUR);
        emulator
            .get_object("/a")
            .xml_error(403, "InvalidObjectState");
        assert_eq!(told(&emulator, "/a"), None);
        restore(&emulator, "/a", "1", tier).is(202);
    }
}

#[test]
fn what_is_not_to_be_restored() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/normal", b"x").is(200);
    restore(&emulator, "/normal", "1", "Standard").xml_error(405, "RestoreNonArchiveObject");
    restore(&emulator, "/none", "1", "Standard").xml_error(404, "NoSuchKey");
    archive(&emulator, "/a", "ARCHIVE");
    archive(&emulator, "/deep", "DEEP_ARCHIVE");
    restore(&emulator, "/deep", "1", "Expedited").xml_error(400, "InvalidArgument");
    for (days, tier) in [("0", "Bulk"), ("-1", "Bulk"), ("x", "Bulk"), ("1", "Slow")] {
        restore(&emulator, "/a", days, tier).xml_error(400, "InvalidArgument");
    }
    for body in [
        "",
        "<RestoreRequest/>",
        "<RestoreRequest><Days>1</Days></RestoreRequest>",
    ] {
        let ask = Ask::new("POST", "/a").query("restore", "");
        ask.body(body.as_bytes())
            .send(&emulator)
            .xml_error(400, "MalformedXML");
    }
    assert_eq!(told(&emulator, "/a"), None);
    // What is uploaded over it is not archived, nor restored.
    restore(&emulator, "/a", "1", "Bulk").is(202);
    emulator.put_object("/a", b"new").is(200);
    assert_eq!(told(&emulator, "/a"), None);
    emulator.get_object("/a").is(200);
    let reader = Emulator::start(&["--allow", "name/cos:PutObject"]);
    archive(&reader, "/a", "ARCHIVE");
    restore(&reader, "/a", "1", "Bulk").xml_error(403, "AccessDenied");
}

#[test]
fn each_version_is_restored_by_itself() {
    let emulator = enabled();
    archive(&emulator, "/a", "ARCHIVE");
    let head = emulator.head_object("/a");
    let first = head.header("x-cos-version-id").unwrap();
    archive(&emulator, "/a", "ARCHIVE");
    let ask = Ask::new("POST", "/a").query("restore", "");
    let ask = ask.query("versionId", first);
    let ask = ask.body(document("1", "Expedited").as_bytes());
    ask.send(&emulator).is(202);
    pass(&emulator, 301);
    emulator
        .get_object("/a")
        .xml_error(403, "InvalidObjectState");
    let got = Ask::new("GET", "/a")
        .query("versionId", first)
        .send(&emulator);
    got.is(200);
}

#[test]
fn time_passes_for_archives_alone() {
    let emulator = Emulator::start(&[]);
    for wrong in ["", "{}", "{\"pass_s\": -1}", "{\"pass_s\": \"1\"}"] {
        let refused = emulator.emulator_call("POST", "archives", wrong);
        assert!(refused.is(400).text().contains("pass_s"));
    }
    pass(&emulator, 30 * DAY);
    pass(&emulator, 1);
    let told = emulator.emulator_call("GET", "archives", "");
    let expected = format!("{{\"ahead_s\":{}}}", 30 * DAY + 1);
    assert_eq!(told.is(200).text(), expected);
    emulator.emulator_call("DELETE", "archives", "").is(405);
    // Signatures are as good as they were.
    emulator.put_object("/a", b"x").is(200);
}
