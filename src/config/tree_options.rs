//! What may be said of a whole tree beside what is said of each of its files: which files take part, how they
//! are compared, and what becomes of the others. JSON in, checked values out.

use glob::{MatchOptions, Pattern};
use serde_json::Value;

use super::Api;
use super::options_json::{error, flag, text_of};
use crate::base::quoted::quoted;
use crate::error::Result;
use crate::model::FileAttributes;

/// More of them than anybody writes by hand, and few enough to be tried one after the other.
const PATTERNS_MAX: usize = 1000;

/// Longer than any path that a service takes.
const PATTERN_MAX_BYTES: usize = 1024;

/// By what a file is known to be there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Compare {
    /// Its size, and a digest of its content.
    #[default]
    Content,
    Size,
}

#[derive(Default)]
pub(crate) struct TreeOptions {
    pub(crate) filter: Filter,
    pub(crate) compare: Compare,
    /// Files of the target that the source does not have are deleted.
    pub(crate) delete: bool,
    /// Nothing is changed anywhere: what would be is told.
    pub(crate) dry_run: bool,
    /// Of the files that are moved, their times of modification are kept; and their modes.
    pub(crate) times: bool,
    pub(crate) modes: bool,
}

impl TreeOptions {
    /// What is kept of a file with these attributes.
    pub(crate) fn kept(&self, file: FileAttributes) -> FileAttributes {
        file.only(self.times, self.modes)
    }

    /// Whether the key is one of a tree; then it is set.
    pub(super) fn set(&mut self, api: Api, key: &str, value: &Value) -> Result<bool> {
        match key {
            // They are metadata, which its lists and downloads do not tell.
            "times" | "modes" if api == Api::Json => {
                return Err(error(key, "is for the XML API only"));
            }
            "times" => self.times = flag(key, value)?,
            "modes" => self.modes = flag(key, value)?,
            "include" | "exclude" => {
                let globs = globs(key, value)?;
                self.filter.text += &format!("{key}{value}");
                match key {
                    "include" => self.filter.include = Some(globs),
                    _ => self.filter.exclude = globs,
                }
            }
            "delete" => self.delete = flag(key, value)?,
            "dry_run" => self.dry_run = flag(key, value)?,
            "compare" => {
                self.compare = match text_of(key, value)? {
                    "content" => Compare::Content,
                    "size" => Compare::Size,
                    _ => return Err(error(key, "must be \"content\" or \"size\"")),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Which files and folders take part, by their names relative to the tree's folder.
#[derive(Default)]
pub(crate) struct Filter {
    /// `None`: all.
    include: Option<Vec<Glob>>,
    exclude: Vec<Glob>,
    text: String,
}

impl Filter {
    /// As it was given; two that differ may take the same.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn takes_file(&self, name: &str) -> bool {
        self.takes(name, false)
    }

    /// Whether a folder with nothing in it takes part.
    pub(crate) fn takes_folder(&self, name: &str) -> bool {
        self.takes(name, true)
    }

    /// Whether a folder is out with all that is in it.
    pub(crate) fn excludes_folder(&self, name: &str) -> bool {
        self.exclude.iter().any(|glob| glob.matches(name, true))
    }

    pub(crate) fn takes(&self, name: &str, is_folder: bool) -> bool {
        let is_of = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(name, is_folder));
        !is_of(&self.exclude) && self.include.as_ref().is_none_or(|include| is_of(include))
    }
}

struct Glob {
    pattern: Pattern,
    /// It has a slash before its end: it is about whole names, not about any part of them.
    is_anchored: bool,
    /// It ends with a slash.
    is_of_folders: bool,
}

impl Glob {
    fn parse(text: &str) -> std::result::Result<Glob, String> {
        if text.is_empty() || text.len() > PATTERN_MAX_BYTES {
            return Err(format!("must have 1 to {PATTERN_MAX_BYTES} bytes"));
        }
        let inner = text.strip_suffix('/').unwrap_or(text);
        let bare = inner.strip_prefix('/').unwrap_or(inner);
        if bare.is_empty() || bare.contains("//") {
            return Err("has a part without a name".to_owned());
        }
        let pattern = Pattern::new(bare).map_err(|wrong| wrong.msg.to_owned())?;
        Ok(Glob {
            pattern,
            is_anchored: inner.contains('/'),
            is_of_folders: inner.len() < text.len(),
        })
    }

    /// Whether it is about this name, or about a folder that it is in.
    fn matches(&self, name: &str, is_folder: bool) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let inner = name
            .match_indices('/')
            .map(|(slash, _)| (&name[..slash], true));
        inner.chain([(name, is_folder)]).any(|(path, is_folder)| {
            let part = match self.is_anchored {
                true => path,
                false => path.rsplit('/').next().unwrap_or(path),
            };
            (is_folder || !self.is_of_folders) && self.pattern.matches_with(part, options)
        })
    }
}

fn globs(key: &str, value: &Value) -> Result<Vec<Glob>> {
    let given = match value {
        Value::Array(given) if given.len() <= PATTERNS_MAX => given,
        _ => {
            return Err(error(
                key,
                &format!("must be an array of at most {PATTERNS_MAX} patterns"),
            ));
        }
    };
    let parse = |value: &Value| {
        let text = value
            .as_str()
            .ok_or_else(|| error(key, "must be an array of strings"))?;
        Glob::parse(text).map_err(|wrong| error(key, &format!("{} {wrong}", quoted(text))))
    };
    given.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(include: Value, exclude: Value) -> Filter {
        let mut options = TreeOptions::default();
        for (key, value) in [("include", include), ("exclude", exclude)] {
            if !value.is_null() {
                assert!(options.set(Api::Xml, key, &value).unwrap());
            }
        }
        options.filter
    }

    #[test]
    fn patterns_are_about_parts_or_whole_names() {
        for (pattern, taken, left) in [
            (
                "*.o",
                &["a.o", "b/c.o", "x.o/inner"][..],
                &["a.oo", "o"][..],
            ),
            ("/*.o", &["a.o", "x.o/inner"], &["b/c.o"]),
            (
                "b/*.o",
                &["b/c.o", "b/c.o/d"],
                &["c.o", "a/b/c.o", "b/d/c.o"],
            ),
            ("**/b/c", &["b/c", "a/b/c", "a/d/b/c/e"], &["b/d/c"]),
            ("b/**", &["b/c", "b/c/d"], &["b", "a/b/c"]),
            ("build/", &["build/x", "a/build/x"], &["build", "a/build"]),
            (
                "?[!x].jp[e-g]",
                &["ab.jpg", "图片.jpf"],
                &["ax.jpg", "a.jpg"],
            ),
            (".git", &[".git", ".git/config", "a/.git/x"], &["x.git"]),
        ] {
            let filter = filter(json!([pattern]), Value::Null);
            for name in taken {
                assert!(filter.takes_file(name), "{pattern} {name}");
            }
            for name in left {
                assert!(!filter.takes_file(name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn what_is_excluded_is_so_though_it_is_included() {
        let filter = filter(json!(["src", "*.md"]), json!(["*.o", "src/old/"]));
        for (name, is_taken) in [
            ("src/a", true),
            ("a.md", true),
            ("src/a.o", false),
            ("src/old/a", false),
            ("src/old", true),
            ("other", false),
        ] {
            assert_eq!(filter.takes_file(name), is_taken, "{name}");
        }
        assert!(filter.excludes_folder("src/old") && !filter.excludes_folder("src"));
        assert!(filter.takes_folder("src/empty") && !filter.takes_folder("empty"));
        assert!(Filter::default().takes_folder("") && !filter.takes_folder(""));
    }

    #[test]
    fn every_bad_option_is_named() {
        for (key, value) in [
            ("include", json!("*")),
            ("include", json!([1])),
            ("include", json!([""])),
            ("exclude", json!(["[a"])),
            ("exclude", json!(["a**"])),
            ("exclude", json!(["/"])),
            ("exclude", json!(["a//b"])),
            ("exclude", json!(["x".repeat(1025)])),
            ("exclude", json!(vec!["a"; 1001])),
            ("delete", json!(1)),
            ("dry_run", json!("yes")),
            ("compare", json!("time")),
            ("times", json!("kept")),
            ("modes", json!(null)),
        ] {
            let error = TreeOptions::default()
                .set(Api::Xml, key, &value)
                .expect_err(key);
            assert_eq!(error.code, -3);
            assert!(error.message.contains(key), "{}", error.message);
        }
        assert!(
            !TreeOptions::default()
                .set(Api::Xml, "other", &json!(1))
                .unwrap()
        );
        for key in ["times", "modes"] {
            assert!(
                TreeOptions::default()
                    .set(Api::Json, key, &json!(true))
                    .is_err()
            );
        }
    }
}
