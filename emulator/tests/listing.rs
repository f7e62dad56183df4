//! Listing: pages in both orders, contexts, patterns, counts and prefix search (json-api.md §2.6,
//! §5.3), against a sorted model of a few hundred names.

mod common;

use std::collections::BTreeSet;

use common::{Emulator, encode, noise};
use serde_json::Value;

/// `/`-ended names are folders. Ordered as the service lists: folders first, each kind by bytes.
type Model = BTreeSet<(bool, String)>;

struct Query<'a> {
    folder: &'a str,
    prefix: &'a str,
    pattern: &'a str,
    num: usize,
}

#[derive(Debug)]
struct Page {
    /// Folders with a slash.
    names: Vec<String>,
    context: String,
    has_more: bool,
    counts: (u64, u64),
}

fn page(emulator: &Emulator, query: &Query, order: u8, context: &str) -> Page {
    let parameters = format!(
        "op=list&num={}&pattern={}&order={order}&context={}",
        query.num,
        query.pattern,
        encode(context)
    );
    let data = emulator
        .get(&format!("{}{}", query.folder, query.prefix), &parameters)
        .data();
    let infos = data["infos"].as_array().unwrap();
    Page {
        names: infos.iter().map(item_name).collect(),
        context: data["context"].as_str().unwrap().to_owned(),
        has_more: data["has_more"].as_bool().unwrap(),
        counts: (
            data["dircount"].as_u64().unwrap(),
            data["filecount"].as_u64().unwrap(),
        ),
    }
}

/// Checks the shape of an item on the way.
fn item_name(item: &Value) -> String {
    let name = item["name"].as_str().unwrap();
    for field in ["ctime", "mtime"] {
        let time = item[field].as_str().unwrap();
        assert!(time.parse::<u64>().is_ok(), "{item}");
    }
    assert!(item["biz_attr"].is_string());
    let is_file = item["sha"].is_string();
    for field in ["filesize", "filelen"] {
        assert_eq!(item[field].is_u64(), is_file, "{item}");
    }
    assert_eq!(item["access_url"].is_string(), is_file, "{item}");
    if is_file {
        name.to_owned()
    } else {
        format!("{name}/")
    }
}

fn expected(model: &Model, query: &Query) -> Vec<String> {
    let wanted = |is_file: bool| match query.pattern {
        "eListDirOnly" => !is_file,
        "eListFileOnly" => is_file,
        _ => true,
    };
    model
        .iter()
        .filter(|(is_file, name)| wanted(*is_file) && name.starts_with(query.prefix))
        .map(|(is_file, name)| {
            if *is_file {
                name.clone()
            } else {
                format!("{name}/")
            }
        })
        .collect()
}

fn counts(model: &Model, prefix: &str) -> (u64, u64) {
    let count = |kind: bool| {
        let of_kind = model.iter().filter(|(is_file, _)| *is_file == kind);
        of_kind.filter(|(_, name)| name.starts_with(prefix)).count() as u64
    };
    (count(false), count(true))
}

/// Turns pages in one order until the end, which has to come where it should.
fn read_all(emulator: &Emulator, query: &Query, order: u8, model: &Model) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let context = pages.last().map_or("", |page: &Page| page.context.as_str());
        let page = page(emulator, query, order, context);
        assert_eq!(page.counts, counts(model, query.prefix));
        let has_more = page.has_more;
        pages.push(page);
        if !has_more {
            return pages;
        }
        assert_eq!(pages.last().unwrap().names.len(), query.num);
    }
}

fn names(pages: &[Page]) -> Vec<String> {
    pages.iter().flat_map(|page| page.names.clone()).collect()
}

#[test]
fn paging_agrees_with_a_sorted_model() {
    let emulator = Emulator::start(&[]);
    let mut model = Model::new();
    // Alphabets with traps: case, signs that sort around the slash, several bytes, the escapes of
    // a context.
    let letters: Vec<char> = "aAb1-.~ +%7C图é𝄞'()!".chars().collect();
    for number in 0..300 {
        let random = noise(6, number);
        let length = usize::from(random[0] % 4) + 1;
        let name: String = random[1..=length]
            .iter()
            .map(|byte| letters[usize::from(*byte) % letters.len()])
            .collect();
        if name.trim().is_empty() || name == "." || name == ".." {
            continue;
        }
        let is_file = random[5] % 4 != 0;
        if !model.insert((is_file, name.clone())) {
            continue;
        }
        if is_file {
            emulator
                .upload(&format!("/dir/{name}"), name.as_bytes())
                .ok();
        } else {
            emulator.create(&format!("/dir/{name}/")).ok();
        }
    }
    assert!(model.len() > 200, "{}", model.len());
    // Neighbours that no listing of /dir/ may show.
    emulator.upload("/dir/a/deep/file", b"x").ok();
    model.insert((false, "a".to_owned()));
    emulator.upload("/dir2", b"x").ok();

    for pattern in ["eListBoth", "eListDirOnly", "eListFileOnly"] {
        for prefix in ["", "a", "图", "%", "b1", "nothing begins so"] {
            for num in [1, 3, 7, 50, 199] {
                if num == 1 && prefix.is_empty() {
                    continue; // hundreds of requests that say no more than those below
                }
                let query = Query {
                    folder: "/dir/",
                    prefix,
                    pattern,
                    num,
                };
                let mut wanted = expected(&model, &query);
                let forward = read_all(&emulator, &query, 0, &model);
                assert_eq!(names(&forward), wanted, "{pattern} {prefix:?} {num}");
                let backward = read_all(&emulator, &query, 1, &model);
                wanted.reverse();
                assert_eq!(
                    names(&backward),
                    wanted,
                    "{pattern} {prefix:?} {num} backward"
                );
            }
        }
    }
}

#[test]
fn pages_turn_both_ways_and_survive_deletions() {
    let emulator = Emulator::start(&[]);
    for number in 0..10 {
        emulator.upload(&format!("/f{number}"), b"x").ok();
        emulator.create(&format!("/d{number}/")).ok();
    }
    let query = Query {
        folder: "/",
        prefix: "",
        pattern: "eListBoth",
        num: 4,
    };
    let turn = |order, context: &str| page(&emulator, &query, order, context);

    let first = turn(0, "");
    assert_eq!(first.names, ["d0/", "d1/", "d2/", "d3/"]);
    let second = turn(0, &first.context);
    assert_eq!(second.names, ["d4/", "d5/", "d6/", "d7/"]);
    let third = turn(0, &second.context);
    assert_eq!(third.names, ["d8/", "d9/", "f0", "f1"]);
    // Back, from the middle: what lies before the page, the nearest first.
    let back = turn(1, &third.context);
    assert_eq!(
        (&back.names[..], back.has_more),
        (&["d7/", "d6/", "d5/", "d4/"].map(String::from)[..], true)
    );
    let back = turn(1, &back.context);
    assert_eq!(back.names, ["d3/", "d2/", "d1/", "d0/"]);
    assert!(!back.has_more);
    // An empty page at the end keeps the place.
    let before_all = turn(1, &back.context);
    assert!(before_all.names.is_empty() && !before_all.has_more);
    assert_eq!(before_all.context, back.context);
    assert_eq!(turn(0, &before_all.context).names, second.names);

    // The entries that a context names go away; others come in beside them.
    emulator.delete("/d7/").ok();
    emulator.delete("/d4/").ok();
    emulator.upload("/d7x/file", b"x").ok();
    assert_eq!(turn(0, &second.context).names, ["d7x/", "d8/", "d9/", "f0"]);
    assert_eq!(turn(1, &second.context).names, ["d3/", "d2/", "d1/", "d0/"]);
    // And over a restart.
    let emulator = emulator.kill_and_restart(&[]);
    let next = page(&emulator, &query, 0, &second.context);
    assert_eq!(next.names, ["d7x/", "d8/", "d9/", "f0"]);
}

#[test]
fn parameters_of_a_list() {
    let emulator = Emulator::start(&[]);
    for number in 0..25 {
        emulator.upload(&format!("/dir/{number:02}"), b"x").ok();
    }
    let list = |query: &str| emulator.get("/dir/", &format!("op=list&{query}"));
    let count = |query: &str| list(query).data()["infos"].as_array().unwrap().len();
    assert_eq!(count(""), 20); // the SDKs' default
    assert_eq!(count("num=&pattern=&order=&context="), 20);
    assert_eq!((count("num=1"), count("num=199")), (1, 25));
    assert_eq!(
        (count("pattern=ListFileOnly"), count("pattern=ListDirOnly")),
        (20, 0)
    );
    assert_eq!(count("prefix=1"), 10);
    // A prefix in the path comes before one in the query.
    let both = emulator.get("/dir/1", "op=list&prefix=2").data();
    assert_eq!(both["filecount"], 10);

    for (query, code) in [
        ("num=0", -157),
        ("num=-1", -157),
        ("num=200", -165),
        ("num=1000000000", -165),
        ("num=ten", -170),
        ("num=1.5", -170),
        ("num=99999999999999999999", -170),
        ("order=2", -182),
        ("order=up", -182),
        ("pattern=all", -182),
        ("context=nonsense", -182),
        ("context=%7C", -182),
    ] {
        list(query).refused(code);
    }
    emulator.get("/nowhere/", "op=list").refused(-166);
    emulator.get("/nowhere/a", "op=list").refused(-166);
    emulator.get("/dir/00/", "op=list").refused(-166); // a file is no folder
    // The root, in three spellings, exists even when it is empty.
    for path in ["", "/", "//"] {
        assert_eq!(
            emulator.get(path, "op=list").data()["dircount"],
            1,
            "{path:?}"
        );
    }
}
