//! The pages of documentation: their C programs compile with every warning an error, and run; their
//! links lead somewhere.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::fs;
use std::path::{Path, PathBuf};

use common::emulator::Emulator;
use common::library::APIS;
use common::samples::samples;
use common::{TempDir, build, noise};
use programs::{Link, Programs, limited, succeed};

fn pages() -> Vec<PathBuf> {
    let root = build::root();
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    for name in [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ] {
        pages.push(root.join(name));
    }
    for folder in [
        "bench",
        "docs/bench",
        "emulator",
        "bindings/go",
        "bindings/python",
        "bindings/node",
    ] {
        pages.push(root.join(folder).join("README.md"));
    }
    pages
}

/// A piece that is no program becomes one; what it uses is there.
fn whole(sample: &str) -> String {
    if sample.contains("int main(") {
        return sample.to_owned();
    }
    format!(
        "#include <qcos.h>\n#include <stdio.h>\n\
         extern const char *appid, *secret_id, *secret_key;\nextern qcos_client client;\n\
         char *sample(void);\nchar *sample(void) {{\n    char *reply = NULL;\n{sample}\
         return reply;\n}}\nconst char *appid, *secret_id, *secret_key;\nqcos_client client;\n\
         int main(void) {{ return 0; }}\n"
    )
}

#[test]
fn their_c_programs_run() {
    let mut programs_run = 0;
    for page in pages() {
        if !fs::read_to_string(&page).unwrap().contains("```c\n") {
            continue;
        }
        for sample in samples(&page, "c") {
            let (programs, sources) = (Programs::new(), TempDir::new());
            let source = sources.file("sample.c", whole(&sample).as_bytes());
            let program = programs.compile(&source, Link::Shared);
            for api in APIS {
                let (emulator, folder) = (Emulator::start(), TempDir::new());
                folder.file("holiday.mp4", &noise((9 << 20) + 1, 1));
                let mut start = limited(&program);
                start.current_dir(folder.join(""));
                succeed(start.envs(emulator.environment(api)));
            }
            programs_run += 1;
        }
    }
    assert!(programs_run >= 5, "{programs_run}");
}

#[test]
fn their_links_lead_somewhere() {
    let mut links = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let prose: String = text.split("```").step_by(2).collect();
        for rest in prose.split("](").skip(1) {
            let link = rest.split(')').next().unwrap();
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let target = page.parent().unwrap_or(Path::new("")).join(file);
            assert!(target.exists(), "{}: {link}", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}
