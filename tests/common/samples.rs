//! The programs that the documentation shows.

use super::build;

/// The text of every sample of a language in a document.
pub fn samples(document: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(build::root().join(document)).unwrap();
    let mut samples = Vec::new();
    for piece in text.split("\n```").skip(1).step_by(2) {
        if let Some(sample) = piece.strip_prefix(&format!("{language}\n")) {
            samples.push(format!("{sample}\n"));
        }
    }
    samples
}
