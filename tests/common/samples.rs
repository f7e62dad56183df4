//! The programs that the documentation shows.

use std::fs;
use std::path::Path;

/// The blocks of code of a page in a language.
pub fn samples(page: &Path, language: &str) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let code: Vec<String> = blocks
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect();
    assert!(!code.is_empty(), "{}: no {language}", page.display());
    code
}

/// That no block of a page is in a language whose samples nobody runs.
pub fn assert_all_are_run(page: &Path, languages: &[&str]) {
    let text = fs::read_to_string(page).unwrap();
    let fences = text.lines().filter_map(|line| line.strip_prefix("```"));
    for (number, language) in fences.enumerate() {
        let known = number % 2 == 1 || languages.contains(&language);
        assert!(known, "{}: nobody runs {language:?}", page.display());
    }
}
