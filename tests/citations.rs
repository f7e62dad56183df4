//! Every page and section that the code cites is there.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::build;

/// Where pages are cited.
const FOLDERS: [&str; 9] = [
    "bench",
    "bindings",
    "docs",
    "emulator",
    "examples-c",
    "examples-cpp",
    "fuzz",
    "src",
    "tests",
];

/// The sections of a page of docs/protocol: its numbered headings, and the numbered items below them.
fn sections(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
    let (mut sections, mut heading) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        let number = |text: &str| {
            let (number, _) = text.split_once(' ')?;
            let number = number.trim_end_matches('.');
            let lawful = number.starts_with(|c: char| c.is_ascii_digit());
            lawful.then(|| number.to_owned())
        };
        if let Some(number) = line.strip_prefix('#').and_then(|rest| {
            let title = rest.trim_start_matches('#').trim_start();
            number(title)
        }) {
            sections.insert(number.clone());
            heading = number;
        } else if let Some(item) = number(line).filter(|_| line.contains(". ")) {
            sections.insert(format!("{heading}.{item}"));
        }
    }
    sections
}

/// Each page with the section after it, and with all others of the same list.
fn citations(text: &str) -> Vec<(String, String)> {
    let mut cited = Vec::new();
    for (at, _) in text.match_indices(".md §") {
        let before = &text[..at];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let begin = before.rfind(|c| !is_name(c)).map_or(0, |last| last + 1);
        if begin == at {
            continue;
        }
        let mut rest = &text[at + ".md ".len()..];
        while let Some(section) = rest.strip_prefix('§') {
            let end = section.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            let (section, after) = section.split_at(end.unwrap_or(section.len()));
            let section = section.trim_end_matches('.').to_owned();
            cited.push((before[begin..].to_owned(), section));
            rest = after.strip_prefix(", ").unwrap_or_default();
        }
    }
    cited
}

#[test]
fn no_page_is_cited_that_is_not_there() {
    let protocol = build::root().join("docs/protocol");
    let mut count = 0;
    for file in FOLDERS.into_iter().flat_map(build::files) {
        // What is no text cites nothing.
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for (page, section) in citations(&text) {
            let known = sections(&protocol.join(format!("{page}.md")));
            let place = file.display();
            assert!(
                known.contains(&section),
                "{place} cites {page}.md §{section}"
            );
            count += 1;
        }
    }
    assert!(count > 100, "{count} citations were found");
}

#[test]
fn citations_are_found() {
    let text = "as json-api.md §2.9, §6.14 says, and (xml-api.md §3).";
    let expected = [("json-api", "2.9"), ("json-api", "6.14"), ("xml-api", "3")];
    let expected = expected.map(|(page, section)| (page.to_owned(), section.to_owned()));
    assert_eq!(citations(text), expected);
}

/// What stands in backticks on a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The threat model names the tests that prove it: each is there, in the file that is named before it.
#[test]
fn the_tests_that_the_threat_model_names_are_there() {
    let page = fs::read_to_string(build::root().join("docs/threat-model.md")).unwrap();
    let mut tests = 0;
    for line in page.lines() {
        let mut file = String::new();
        for name in quoted(line) {
            let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if let Some(path) = name.strip_suffix(".rs").filter(|_| !name.contains('*')) {
                let path = format!("tests/{}.rs", path.trim_start_matches("tests/"));
                let text = fs::read_to_string(build::root().join(&path));
                file = text.unwrap_or_else(|e| panic!("{path}: {e}"));
            } else if !file.is_empty() && is_name {
                assert!(file.contains(&format!("fn {name}()")), "{name}: {line}");
                tests += 1;
            }
        }
    }
    assert!(tests > 5, "{tests}");
}
