//! Who may read an object, and how it is encrypted: copies inherit neither, so both are said again,
//! or the call is refused before anything is changed.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code, message, ok};
use common::listener::{Listener, Received};
use common::relay::relay;
use common::shelf::{self, OWNER, Object, acl, changes, grant, service, to};
use serde_json::{Value, json};

const ALL: &str = "<URI>http://cam.qcloud.com/groups/global/AllUsers</URI>";
const ANYONE: &str = "<ID>qcs::cam::anyone:anyone</ID>";

fn client(service: &Listener) -> Client {
    Client::speaking("xml", &service.url, json!({"retries": 0}))
}

/// The calls that copy an object.
fn calls(client: &Client) -> [(&'static str, Value); 3] {
    [
        ("copy", client.copy_file("from", "to", 0)),
        ("move", client.move_file("from", "to", 1)),
        ("update", client.update_file("from", "new")),
    ]
}

/// What a copy says of who may do what, by name and value.
fn access(request: &Received) -> Vec<(&str, &str)> {
    let headers = request.headers.iter();
    let access = headers.filter(|(n, _)| n == "x-cos-acl" || n.starts_with("x-cos-grant-"));
    access.map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

#[test]
fn copies_say_again_who_may_do_what() {
    let accounts = to(2, "READ") + &to(3, "READ") + &to(2, "WRITE_ACP");
    let sub = grant("<ID>qcs::cam::uin/2:uin/22</ID>", "FULL_CONTROL");
    for (answer, said) in [
        // The service's word, or none.
        (acl("", ""), vec![("x-cos-acl", "private")]),
        (
            acl("x-cos-acl: private\r\n", ""),
            vec![("x-cos-acl", "private")],
        ),
        (acl("x-cos-acl: default\r\n", ""), vec![]),
        (
            acl("", &grant(ALL, "READ")),
            vec![("x-cos-acl", "public-read")],
        ),
        (
            acl("", &grant(ANYONE, "READ")),
            vec![("x-cos-acl", "public-read")],
        ),
        (
            acl("x-cos-acl: public-read\r\n", &grant(ALL, "READ")),
            vec![("x-cos-acl", "public-read")],
        ),
        (
            acl("", &accounts),
            vec![
                ("x-cos-grant-read", "id=\"2\",id=\"3\""),
                ("x-cos-grant-write-acp", "id=\"2\""),
            ],
        ),
        (
            acl(
                "x-cos-acl: private\r\n",
                &(sub + &to(9, "WRITE") + &to(9, "READ_ACP")),
            ),
            vec![
                ("x-cos-grant-full-control", "id=\"qcs::cam::uin/2:uin/22\""),
                ("x-cos-grant-read-acp", "id=\"9\""),
                ("x-cos-grant-write", "id=\"9\""),
            ],
        ),
        // An account whose number begins with the owner's is another.
        (
            acl("", &to(1_000_000_000_011, "READ")),
            vec![("x-cos-grant-read", "id=\"1000000000011\"")],
        ),
    ] {
        for size in [5, (5 << 30) + 1] {
            let object = Object {
                acl: answer.clone(),
                size,
                ..Object::new()
            };
            let service = service(object, None);
            let client = client(&service);
            for (call, reply) in calls(&client) {
                ok(reply);
                let at_once = |r: &&Received| !r.header("x-cos-copy-source").is_empty();
                let in_parts = |r: &&Received| r.line.contains("?uploads");
                let changes = changes(&service);
                let copy = match size {
                    5 => changes.iter().rfind(at_once),
                    _ => changes.iter().rfind(in_parts),
                };
                let mut found = access(copy.unwrap());
                found.sort_unstable();
                assert_eq!(found, said, "{call} of {answer:?}");
            }
        }
    }
}

#[test]
fn what_no_copy_can_be_given_is_refused_before_anything_is_changed() {
    let both = grant(ALL, "READ") + &to(2, "READ");
    for (answer, named) in [
        (
            acl("x-cos-acl: authenticated-read\r\n", ""),
            "\"authenticated-read\"",
        ),
        (
            acl("x-cos-acl: public-read-write\r\n", ""),
            "\"public-read-write\"",
        ),
        (acl("x-cos-acl: \u{e9}\r\n", ""), "x-cos-acl"),
        // Words that the grants belie.
        (
            acl("x-cos-acl: private\r\n", &grant(ALL, "READ")),
            "private",
        ),
        (acl("x-cos-acl: public-read\r\n", ""), "public-read"),
        (acl("x-cos-acl: default\r\n", &to(2, "READ")), "default"),
        (acl("", &both), "everybody"),
        (acl("", &grant(ALL, "WRITE")), "\"WRITE\""),
        (acl("", &grant(ANYONE, "FULL_CONTROL")), "\"FULL_CONTROL\""),
        (acl("", &to(2, "DANCE")), "\"DANCE\""),
        (acl("", &to(2, "")), "\"\""),
        (
            acl("", &grant(&format!("<ID>{OWNER}</ID>"), "DANCE")),
            "\"DANCE\"",
        ),
        (acl("", &grant("<Email>a@b</Email>", "READ")), "Email"),
        (acl("", &grant("", "READ")), "a grantee"),
        (acl("", &grant("<ID>1\",id=\"2</ID>", "READ")), "to"),
        (
            acl(
                "",
                &grant("<URI>http://evil/groups/global/AllUsers</URI>", "READ"),
            ),
            "http://evil/groups/global/AllUsers",
        ),
        (
            acl("", "<Grant><Permission>READ</Permission></Grant>"),
            "Grantee",
        ),
        (
            (200, String::new(), "<Other/>".to_owned()),
            "AccessControlPolicy",
        ),
        ((200, String::new(), String::new()), ""),
        (
            (
                403,
                String::new(),
                "<Error><Code>AccessDenied</Code></Error>".to_owned(),
            ),
            "GetObjectACL",
        ),
        ((403, String::new(), String::new()), "GetObjectACL"),
    ] {
        let object = Object {
            acl: answer.clone(),
            ..Object::new()
        };
        let service = service(object, None);
        for (call, reply) in calls(&client(&service)) {
            assert_ne!(code(&reply), 0, "{call} of {answer:?}");
            assert!(message(&reply).contains(named), "{named}: {reply}");
        }
        assert!(changes(&service).is_empty(), "{:?}", changes(&service));
    }
}

#[test]
fn grants_that_the_service_drops_do_not_cost_the_source() {
    let source = Object {
        acl: acl("", &(to(2, "READ") + &to(3, "READ"))),
        ..Object::new()
    };
    for copy in [
        acl("", &to(2, "READ")),
        acl("", ""),
        acl("x-cos-acl: default\r\n", ""),
    ] {
        let copy = Object {
            acl: copy,
            ..Object::new()
        };
        let service = service(source.clone(), Some(copy));
        let reply = client(&service).move_file("from", "to", 0);
        assert_eq!(code(&reply), -6, "{reply}");
        assert!(message(&reply).contains("\"READ\" to \"3\""), "{reply}");
        assert!(
            !changes(&service)
                .iter()
                .any(|r| r.line.starts_with("DELETE"))
        );
    }
}

#[test]
fn get_acl_tells_all_that_is_granted() {
    for (answer, expected) in [
        (acl("", ""), json!({"acl": "private"})),
        (acl("x-cos-acl: default\r\n", ""), json!({"acl": "default"})),
        (
            acl("", &grant(ANYONE, "READ")),
            json!({"acl": "public-read"}),
        ),
        (
            acl("", &(grant(ALL, "READ") + &to(2, "FULL_CONTROL"))),
            json!({"acl": "custom", "grants": [
                {"grantee": "2", "permission": "FULL_CONTROL"},
                {"grantee": "http://cam.qcloud.com/groups/global/AllUsers", "permission": "READ"}]}),
        ),
        (
            acl("x-cos-acl: private\r\n", &to(2, "READ")),
            json!({"acl": "custom", "grants": [{"grantee": "2", "permission": "READ"}]}),
        ),
        (
            acl("x-cos-acl: authenticated-read\r\n", ""),
            json!({"acl": "authenticated-read", "grants": []}),
        ),
    ] {
        let object = Object {
            acl: answer,
            ..Object::new()
        };
        let service = service(object, None);
        assert_eq!(ok(client(&service).get_acl("from"))["data"], expected);
    }
}

#[test]
fn copies_are_encrypted_as_the_source_is() {
    let sse = "x-cos-server-side-encryption";
    let kms = format!("{sse}: cos/kms\r\n");
    let key = format!("{sse}-cos-kms-key-id: 48ba38aa-26c5\r\n");
    let context = format!("{sse}-context: eyJhIjoiYiJ9\r\n");
    for headers in [
        format!("{sse}: AES256\r\n"),
        format!("{kms}{key}"),
        format!("{kms}{key}{context}x-cos-storage-class: STANDARD_IA\r\n"),
    ] {
        for size in [5, (5 << 30) + 1] {
            let object = Object {
                size,
                ..Object::new().with(&headers)
            };
            let service = service(object, None);
            for (call, reply) in calls(&client(&service)) {
                ok(reply);
                let changes = changes(&service);
                let asked = |r: &&Received| !r.header("x-cos-acl").is_empty();
                let copy = changes.iter().rfind(asked).unwrap();
                for line in headers.lines() {
                    let (name, value) = line.split_once(": ").unwrap();
                    assert_eq!(copy.header(name), value, "{call}");
                }
            }
        }
    }
    let no_key = Object::new().with(&kms);
    let customer = Object::new().with(&format!("{sse}-customer-algorithm: AES256\r\n"));
    let refused = Object {
        headers: "HTTP/1.1 400 X\r\n".to_owned(),
        size: 0,
        ..Object::new()
    };
    for (object, named) in [
        (no_key, "cos-kms-key-id"),
        (customer, "SSE-C"),
        (refused, "SSE-C"),
    ] {
        let service = service(object, None);
        for (call, reply) in calls(&client(&service)) {
            assert_ne!(code(&reply), 0, "{call}");
            assert!(message(&reply).contains(named), "{reply}");
        }
        assert!(changes(&service).is_empty());
    }
}

#[test]
fn tags_of_what_is_copied_in_parts_are_said_again() {
    let object = |further: &str| Object {
        size: (5 << 30) + 1,
        ..Object::new().with(&format!("x-cos-tagging-count: 1\r\n{further}"))
    };
    let begun = |service: &Listener| {
        let mut changes = changes(service);
        changes.retain(|request| request.line.contains("?uploads"));
        let tags = |request: &Received| request.header("x-cos-tagging").to_owned();
        changes.iter().map(tags).collect::<Vec<_>>()
    };
    let service = service(object(""), None);
    for (call, reply) in calls(&client(&service)) {
        assert_eq!(code(&reply), 0, "{call}: {reply}");
    }
    let all = begun(&service);
    assert!(
        !all.is_empty() && all.iter().all(|tags| tags == "a%20b=c%2Fd"),
        "{all:?}"
    );
    for (tags, expected) in [(json!({}), ""), (json!({"e": "f"}), "e=f")] {
        let service = shelf::service(object(""), None);
        let (from, to) = (("testbucket", "from"), ("testbucket", "to"));
        let options = json!({"tags": tags, "overwrite": true});
        ok(client(&service).copy_with(from, to, &options, &mut |_, _| 0));
        assert_eq!(begun(&service), [expected]);
    }
    // Whoever may not read them cannot keep them.
    let service = shelf::service(object("hidden-tags: 1\r\n"), None);
    for (call, reply) in calls(&client(&service)) {
        assert_ne!(code(&reply), 0, "{call}: {reply}");
        assert!(message(&reply).contains("tags"), "{reply}");
    }
    assert!(changes(&service).is_empty());
}

#[test]
fn the_emulators_objects_keep_grants_and_keys() {
    let emulator = Emulator::start_with(&["--private"]);
    let granted = [
        (
            "x-cos-grant-read",
            "id=\"100000000002\",id=\"100000000003\"",
        ),
        ("x-cos-grant-write-acp", "id=\"100000000002\""),
        ("x-cos-server-side-encryption", "cos/kms"),
        (
            "x-cos-server-side-encryption-cos-kms-key-id",
            "48ba38aa-26c5",
        ),
    ];
    let relay = relay(&emulator.url, move |request| {
        let headers = granted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        request.headers.extend(headers);
    });
    let client = Client::speaking("xml", &emulator.url, json!({}));
    ok(Client::speaking("xml", &relay.url, json!({})).upload_buffer(b"hello", "a", "one"));
    let told = |path: &str| {
        let url = ok(client.download_url(path, 60))["data"]["url"].clone();
        let got = ureq::get(url.as_str().unwrap()).call().unwrap();
        let sse = granted[2..].iter().map(|(n, _)| got.headers()[*n].clone());
        let sse: Vec<_> = sse.collect();
        (ok(client.get_acl(path))["data"].clone(), sse)
    };
    let first = told("a");
    assert_eq!(first.0["acl"], "custom");
    assert_eq!(first.0["grants"].as_array().unwrap().len(), 3);
    assert_eq!(first.1, ["cos/kms", "48ba38aa-26c5"]);
    ok(client.copy_file("a", "b", 0));
    ok(client.update_file("b", "two"));
    ok(client.move_file("b", "c", 0));
    assert_eq!(told("c"), first);
}
