//! Access control lists of the XML API, as headers and as documents (xml-api.md §3.9).

mod common;

use common::Emulator;
use common::http::Reply;
use common::xml::{Ask, copy_source};

fn get_acl(emulator: &Emulator, path: &str) -> Reply {
    let reply = Ask::new("GET", path).query("acl", "").send(emulator);
    reply.is(200);
    reply
}

/// The permissions and the accounts that an ACL names, everybody being `URI`.
fn grants(reply: &Reply) -> Vec<(String, String)> {
    let grant = |text: String| {
        let between = |open: &str, close: &str| {
            let rest = text.split_once(open)?.1;
            Some(rest.split_once(close)?.0.to_owned())
        };
        let account = between("<ID>", "</ID>").unwrap_or_else(|| "URI".to_owned());
        (between("<Permission>", "</Permission>").unwrap(), account)
    };
    reply.nodes("Grant").into_iter().map(grant).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    list.iter().map(own).collect()
}

const OWNER: (&str, &str) = ("FULL_CONTROL", "qcs::cam::uin/10000001:uin/10000001");
const ONE: &str = "qcs::cam::uin/100000000001:uin/100000000001";
const SUB: &str = "qcs::cam::uin/100000000001:uin/100000000011";

fn policy(grants: &[(&str, &str)]) -> String {
    let grants: String = grants
        .iter()
        .map(|(permission, id)| {
            format!("<Grant><Grantee><ID>{id}</ID></Grantee><Permission>{permission}</Permission></Grant>")
        })
        .collect();
    format!(
        "<AccessControlPolicy><Owner><ID>{}</ID></Owner><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>",
        OWNER.1
    )
}

#[test]
fn acls_as_documents() {
    let emulator = Emulator::start(&["--private"]);
    emulator.put_object("/a", b"x").is(200);
    let put = |path: &str, list: &[(&str, &str)]| {
        let ask = Ask::new("PUT", path).query("acl", "");
        ask.body(policy(list).as_bytes()).send(&emulator)
    };
    let anyone = "qcs::cam::anyone:anyone";
    put("/a", &[("READ", anyone), OWNER]).is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), Some("public-read"));
    assert_eq!(grants(&told), pairs(&[("READ", "URI"), OWNER]));
    Ask::new("GET", "/a").anonymous(&emulator).is(200);
    // What was told can be given back.
    let again = Ask::new("PUT", "/a").query("acl", "").body(&told.content());
    again.send(&emulator).is(200);
    assert_eq!(get_acl(&emulator, "/a").content(), told.content());

    // Accounts are kept. No word says who they are.
    put(
        "/a",
        &[
            ("READ", ONE),
            ("READ_ACP", "100000000001/100000000011"),
            ("READ", anyone),
        ],
    )
    .is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), None);
    let kept = [("READ", "URI"), ("READ", ONE), ("READ_ACP", SUB), OWNER];
    assert_eq!(grants(&told), pairs(&kept));
    // The owner alone is private, whatever the bucket.
    put("/a", &[OWNER]).is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), Some("private"));
    assert_eq!(grants(&told), pairs(&[OWNER]));
    let anonymous = Ask::new("GET", "/a").anonymous(&emulator);
    anonymous.xml_error(403, "AccessDenied");

    // A bucket's, which may be written by all.
    put("/", &[("WRITE", anyone), ("READ", anyone), ("WRITE", ONE)]).is(200);
    let told = get_acl(&emulator, "/");
    assert_eq!(told.header("x-cos-acl"), None);
    let kept = [("READ", "URI"), ("WRITE", "URI"), ("WRITE", ONE), OWNER];
    assert_eq!(grants(&told), pairs(&kept));
    put("/", &[("READ", anyone)]).is(200);
    let told = get_acl(&emulator, "/");
    assert_eq!(told.header("x-cos-acl"), Some("public-read"));
    for wrong in [("READ", "me"), ("LOOK", ONE), ("READ", ""), ("", ONE)] {
        put("/a", &[wrong]).xml_error(400, "InvalidArgument");
    }
    // What no word says of everybody is kept, too.
    put("/a", &[("FULL_CONTROL", anyone), ("READ_ACP", anyone)]).is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), None);
    let kept = [
        ("READ", "URI"),
        ("FULL_CONTROL", "URI"),
        ("READ_ACP", "URI"),
        OWNER,
    ];
    assert_eq!(grants(&told), pairs(&kept));
    put("/a", &[("WRITE", anyone)]).is(200);
    assert_eq!(
        grants(&get_acl(&emulator, "/a")),
        pairs(&[("WRITE", "URI"), OWNER])
    );
    let anonymous = Ask::new("GET", "/a").anonymous(&emulator);
    anonymous.xml_error(403, "AccessDenied");
    let empty = Ask::new("PUT", "/a").query("acl", "").send(&emulator);
    empty.xml_error(400, "MalformedXML");
}

#[test]
fn acls_as_headers() {
    let emulator = Emulator::start(&["--private"]);
    let acl = |path: &str, list: &[(&str, &str)]| {
        let ask = Ask::new("PUT", path).query("acl", "");
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
        list.iter().fold(ask, with).send(&emulator)
    };
    emulator.put_object("/a", b"x").is(200);
    for id in [
        "id=\"100000000001\"",
        "uin=\"100000000001\"",
        &format!("id=\"{ONE}\""),
    ] {
        acl("/a", &[("x-cos-grant-read", id)]).is(200);
        let told = get_acl(&emulator, "/a");
        assert_eq!(grants(&told), pairs(&[("READ", ONE), OWNER]), "{id}");
    }
    let two = "id=\"100000000001\", id=\"100000000001/100000000011\"";
    acl(
        "/a",
        &[
            ("x-cos-grant-full-control", two),
            ("x-cos-acl", "public-read"),
        ],
    )
    .is(200);
    let told = grants(&get_acl(&emulator, "/a"));
    let kept = [
        ("READ", "URI"),
        ("FULL_CONTROL", ONE),
        ("FULL_CONTROL", SUB),
        OWNER,
    ];
    assert_eq!(told, pairs(&kept));
    acl(
        "/a",
        &[("x-cos-grant-read", "id=\"qcs::cam::anyone:anyone\"")],
    )
    .is(200);
    assert_eq!(
        get_acl(&emulator, "/a").header("x-cos-acl"),
        Some("public-read")
    );
    acl("/a", &[("x-cos-acl", "private")]).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/a")), pairs(&[OWNER]));
    for wrong in [
        "100000000001",
        "id=\"",
        "id=100000000001",
        "id=\"me\"",
        "id=\"1\",,",
        "who=\"1\"",
    ] {
        acl("/a", &[("x-cos-grant-write-acp", wrong)]).xml_error(400, "InvalidArgument");
        let put = Ask::new("PUT", "/b").header("x-cos-grant-read", wrong);
        put.body(b"x")
            .send(&emulator)
            .xml_error(400, "InvalidArgument");
    }
    acl("/", &[("x-cos-grant-write", "id=\"100000000001\"")]).is(200);
    let told = grants(&get_acl(&emulator, "/"));
    assert_eq!(told, pairs(&[("WRITE", ONE), OWNER]));

    // With the object itself, however it is made; a copy has none but its own.
    let one = |ask: Ask| ask.header("x-cos-grant-read", "id=\"100000000001\"");
    let wanted = pairs(&[("READ", ONE), OWNER]);
    one(Ask::new("PUT", "/put").body(b"x"))
        .send(&emulator)
        .is(200);
    assert_eq!(grants(&get_acl(&emulator, "/put")), wanted);
    let copy = Ask::new("PUT", "/copy").header("x-cos-copy-source", &copy_source("/put"));
    copy.send(&emulator).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/copy")), pairs(&[OWNER]));
    assert_eq!(
        get_acl(&emulator, "/copy").header("x-cos-acl"),
        Some("default")
    );
    one(copy).send(&emulator).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/copy")), wanted);
    let initiate = one(Ask::new("POST", "/parts").query("uploads", ""));
    let upload = initiate.send(&emulator).is(200).node("UploadId").unwrap();
    let part = emulator.put_part("/parts", &upload, 1, b"x");
    let etag = part.is(200).header("etag").unwrap().to_owned();
    emulator.complete("/parts", &upload, &[(1, &etag)]).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/parts")), wanted);
    // And they are there the next time.
    let emulator = emulator.kill_and_restart(&["--private"]);
    assert_eq!(grants(&get_acl(&emulator, "/parts")), wanted);
    // The other API's word is an ACL of its own.
    let change = serde_json::json!({"op": "update", "authority": "eWPrivateRPublic"});
    emulator.post("/parts", &change).ok();
    assert_eq!(
        get_acl(&emulator, "/parts").header("x-cos-acl"),
        Some("public-read")
    );
}
