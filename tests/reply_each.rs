//! qcos_reply_each: the elements of replies and pages, one by one.

#![allow(unsafe_code)]

mod common;

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use common::beyond_classic::{reply_each, reply_get};
use common::emulator::Emulator;
use common::library::{APIS, Client, c, ok};
use qcos::ffi::qcos_reply_each;
use serde_json::{Value, json};

fn parsed(item: &CStr) -> Value {
    serde_json::from_str(item.to_str().unwrap()).unwrap()
}

#[test]
fn entries_of_replies_and_pages_are_read_one_by_one() {
    let emulator = Emulator::start();
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let names: Vec<String> = (0..30).map(|n| format!("{n:02} '甲']")).collect();
        for name in &names {
            ok(client.upload_buffer(name.as_bytes(), &format!("{api}/{name}"), ""));
        }
        let reply = ok(client.list(api, 100, "eListBoth", 0, ""));
        let mut seen = Vec::new();
        let all = reply_each(&reply.to_string(), "/data/infos", &mut |item| {
            assert_eq!(reply_get(item, "/filesize").unwrap(), "9");
            assert_eq!(reply_get(item, "/none"), None);
            seen.push(parsed(item));
            0
        });
        assert_eq!(
            (all, Value::from(seen)),
            (0, reply["data"]["infos"].clone())
        );
        let mut seen = Vec::new();
        ok(client.list_all(api, 1, &mut |page| {
            reply_each(&page.to_string(), "/infos", &mut |item| {
                seen.push(reply_get(item, "/name").unwrap());
                0
            })
        }));
        assert_eq!(seen, names);
    }
}

#[test]
fn every_kind_of_element_is_an_item_of_its_own() {
    let text = r#"{"data":[{"a":[1]},["b",2],"c\n\"",-1.50e3,null,[]]}"#;
    let mut seen = Vec::new();
    let ended = reply_each(text, "/data", &mut |item| {
        seen.push((item.to_str().unwrap().to_owned(), reply_get(item, "")));
        0
    });
    let expected = [
        (r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["b",2]"#, r#"["b",2]"#),
        (r#""c\n\"""#, "c\n\""),
        ("-1.50e3", "-1500.0"),
        ("null", "null"),
        ("[]", "[]"),
    ];
    let expected = expected.map(|(item, value)| (item.to_owned(), Some(value.to_owned())));
    assert_eq!((ended, seen.as_slice()), (0, expected.as_slice()));
}

#[test]
fn any_other_value_ends_it_and_is_returned() {
    let text = json!({"data": {"infos": (0..9).collect::<Vec<_>>()}}).to_string();
    for answer in [1, -3, i32::MAX, i32::MIN] {
        for stop in 1..=9 {
            let mut count = 0;
            let ended = reply_each(&text, "/data/infos", &mut |_| {
                count += 1;
                if count == stop { answer } else { 0 }
            });
            assert_eq!((ended, count), (answer, stop));
        }
    }
}

#[test]
fn it_may_be_called_within_itself() {
    let text = json!([[1, 2], [], [3, [4]]]).to_string();
    let mut seen = Vec::new();
    let ended = reply_each(&text, "", &mut |row| {
        // Clients work, too.
        drop(Client::open("http://127.0.0.1:1"));
        reply_each(row.to_str().unwrap(), "", &mut |item| {
            seen.push(parsed(item));
            0
        })
    });
    assert_eq!(
        (ended, seen),
        (0, vec![json!(1), json!(2), json!(3), json!([4])])
    );
}

#[test]
fn what_is_wrong_is_refused() {
    unsafe extern "C" fn never(_: *const c_char, _: *mut c_void) -> i32 {
        std::process::abort()
    }
    let (array, root, none) = (c("[1]"), c(""), c("/none"));
    let not_utf8 = c"[\"\xff\"]";
    for (reply, pointer, item) in [
        (ptr::null(), root.as_ptr(), Some(never as _)),
        (array.as_ptr(), ptr::null(), Some(never as _)),
        (array.as_ptr(), root.as_ptr(), None),
        (array.as_ptr(), none.as_ptr(), Some(never as _)),
        (root.as_ptr(), root.as_ptr(), Some(never as _)),
        (not_utf8.as_ptr(), root.as_ptr(), Some(never as _)),
    ] {
        let ended = unsafe { qcos_reply_each(reply, pointer, item, ptr::null_mut()) };
        assert_eq!(ended, -3);
    }
    let mut seen = 0;
    let cut = r#"{"data":{"infos":[1,2,{"a":"#;
    let ended = reply_each(cut, "/data/infos", &mut |_| {
        seen += 1;
        0
    });
    assert_eq!((ended, seen), (-3, 2));
}
