//! The layout of `src/` and `emulator/src/`: imports run one way, from the C boundary down, and no files import each other in
//! a circle. CONTRIBUTING.md says what each layer is for.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::build;

/// From the ground up: each may import those before it.
const LAYERS: [&str; 12] = [
    "system",
    "error",
    "base",
    "model",
    "local",
    "config",
    "transport",
    "exchange",
    "dialect",
    "transfer",
    "client",
    "ffi",
];

/// Longest file that a reader takes in at once.
const LINES_MAX: usize = 350;

/// A module's path from the crate's root, such as `["dialect", "xml", "copy"]`.
type Module = Vec<String>;

/// The text of each module below a folder, without its tests.
fn modules(source: &str) -> BTreeMap<Module, String> {
    let mut modules = BTreeMap::new();
    for path in build::files(source) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let module = module_of(&build::root().join(source), &path);
        modules.insert(module, code.to_owned());
    }
    modules
}

fn module_of(source: &Path, file: &Path) -> Module {
    let relative: PathBuf = file.strip_prefix(source).unwrap().with_extension("");
    let names = relative
        .iter()
        .map(|name| name.to_str().unwrap().to_owned());
    names
        .filter(|name| !matches!(name.as_str(), "mod" | "lib" | "main"))
        .collect()
}

/// The paths that a module names: those of its `use` declarations, and those that stand in its code.
fn paths(code: &str) -> Vec<Module> {
    let code: String = code
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join(" ");
    let mut paths = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("use ") {
        rest = &rest[at + 4..];
        if let Some((tree, _)) = rest.split_once(';') {
            flatten("", tree, &mut paths);
        }
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let end = code[at..].find(|c: char| !c.is_alphanumeric() && !"_:".contains(c));
            let path = &code[at..end.map_or(code.len(), |end| at + end)];
            flatten("", path.trim_end_matches(':'), &mut paths);
        }
    }
    paths
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn flatten(before: &str, tree: &str, paths: &mut Vec<Module>) {
    let tree = tree.trim();
    if let Some((head, inner)) = tree.split_once('{') {
        let before = format!("{before}{}", head.trim());
        let (mut depth, mut from) = (0, 0);
        let inner = inner.trim_end().trim_end_matches('}');
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    flatten(&before, &inner[from..at], paths);
                    from = at + 1;
                }
                _ => {}
            }
        }
        flatten(&before, &inner[from..], paths);
    } else if !tree.is_empty() {
        let path = format!("{before}{tree}");
        let path = path.split(" as ").next().unwrap();
        paths.push(
            path.split("::")
                .map(|name| name.trim().to_owned())
                .collect(),
        );
    }
}

/// The modules that a module imports, as far as they are the crate's own.
fn imports(module: &Module, code: &str, all: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let mut imported = BTreeSet::new();
    for path in paths(code) {
        let absolute = match path[0].as_str() {
            "crate" => path[1..].to_vec(),
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                let Some(kept) = module.len().checked_sub(up) else {
                    continue;
                };
                [&module[..kept], &path[up..]].concat()
            }
            // A child of its own.
            _ => [&module[..], &path[..]].concat(),
        };
        let known = (1..=absolute.len()).rev().map(|length| &absolute[..length]);
        let found = known.into_iter().find(|prefix| all.contains_key(*prefix));
        imported.extend(
            found
                .filter(|found| *found != &module[..])
                .map(<[String]>::to_vec),
        );
    }
    imported
}

#[test]
fn layers_import_what_is_below_them() {
    let all = modules("src");
    let floor = |layer: &str| {
        let floor = LAYERS.iter().position(|known| *known == layer);
        floor.unwrap_or_else(|| panic!("src/{layer} is no layer of CONTRIBUTING.md"))
    };
    let mut layers = BTreeSet::new();
    for (module, code) in all.iter().filter(|(module, _)| !module.is_empty()) {
        layers.insert(module[0].as_str());
        for imported in imports(module, code, &all) {
            let (own, other) = (floor(&module[0]), floor(&imported[0]));
            assert!(
                other <= own,
                "{} imports {}",
                module.join("::"),
                imported.join("::")
            );
        }
    }
    assert_eq!(layers, BTreeSet::from(LAYERS));
}

#[test]
fn no_files_import_each_other() {
    for source in ["src", "emulator/src"] {
        no_circles(&modules(source));
    }
}

/// A folder's own module and those in it are one: it is their door.
fn no_circles(all: &BTreeMap<Module, String>) {
    let mut left: BTreeMap<&Module, BTreeSet<Module>> = all
        .iter()
        .map(|(module, code)| {
            let mut imported = imports(module, code, all);
            imported.retain(|other| !other.starts_with(module) && !module.starts_with(other));
            (module, imported)
        })
        .collect();
    assert!(
        left.values().map(BTreeSet::len).sum::<usize>() > 100,
        "they are found"
    );
    // Whatever imports nothing that is left is in no circle.
    loop {
        let done: Vec<Module> = left
            .iter()
            .filter(|(_, imported)| imported.iter().all(|other| !left.contains_key(other)))
            .map(|(module, _)| (*module).clone())
            .collect();
        if done.is_empty() {
            break;
        }
        left.retain(|module, _| !done.contains(module));
    }
    let circle: Vec<String> = left.keys().map(|module| module.join("::")).collect();
    assert!(circle.is_empty(), "in a circle, or above one: {circle:#?}");
}

/// Where the two APIs differ is said in their layers, and in the options.
#[test]
fn no_layer_but_two_asks_which_api_it_is() {
    for (module, code) in modules("src") {
        let may = module
            .first()
            .is_some_and(|layer| layer == "dialect" || layer == "config");
        let asks = code.contains("Api::Json") || code.contains("Api::Xml");
        assert!(may || !asks, "{}", module.join("::"));
    }
}

/// What only one system knows has one place in each of the two.
#[test]
fn only_the_system_layer_knows_which_system_it_is() {
    for (source, place) in [("src", "system"), ("emulator/src", "signals")] {
        for (module, code) in modules(source) {
            let may = module.first().is_some_and(|first| first == place);
            let found = named_system(&code);
            assert!(
                may || found.is_none(),
                "{} has {found:?}",
                module.join("::")
            );
        }
    }
    for condition in ["#[cfg(unix)]", "#[cfg(not(any(x, windows)))]", "cfg!(unix)"] {
        assert!(named_system(condition).is_some(), "{condition}");
    }
}

/// What of this is a system's alone, or a condition for one.
fn named_system(code: &str) -> Option<&str> {
    const MARKS: [&str; 7] = [
        "std::os::",
        "nix::",
        "libc::",
        "signal::unix",
        "target_os",
        "target_vendor",
        "target_family",
    ];
    let conditions = code.lines().filter(|line| line.contains("cfg"));
    let mut words = conditions.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    let mark = MARKS.iter().find(|mark| code.contains(**mark));
    mark.copied()
        .or_else(|| words.find(|word| ["unix", "windows"].contains(word)))
}
