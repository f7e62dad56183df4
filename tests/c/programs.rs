//! Compiling C and C++ programs as a user would, and running them.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::common::{TempDir, build};

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// What `cargo rustc --crate-type staticlib -- --print native-static-libs` says.
pub const NATIVE_STATIC_LIBS: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

/// A hang must fail, not hang the tests; far longer than anything here takes.
const TIMEOUT_S: &str = "120";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Shared,
    Static,
    /// AddressSanitizer watches the program and the library.
    Sanitized,
}

/// A program of the system; the test fails where it is not installed.
pub fn tool(name: &str) -> Command {
    let package = match name {
        "cc" => "gcc",
        "c++" => "g++",
        "nm" | "readelf" => "binutils",
        "timeout" | "sha1sum" | "cp" => "coreutils",
        other => other,
    };
    let answer = Command::new(name).arg("--version").output();
    assert!(
        answer.is_ok_and(|output| output.status.success()),
        "`{name}` does not run; install it (Debian: apt install {package})"
    );
    Command::new(name)
}

pub fn c_source(name: &str) -> PathBuf {
    build::root().join("tests/c").join(name)
}

/// A compiler with every warning an error, and nothing on its search path but qcos.h.
pub fn compiler(name: &str, standard: &str) -> Command {
    let mut compiler = tool(name);
    compiler
        .arg(format!("-std={standard}"))
        .args(WARNINGS)
        .arg("-I")
        .arg(build::root().join("include"));
    compiler
}

/// Programs of one test, gone with it.
pub struct Programs(TempDir);

impl Programs {
    pub fn new() -> Programs {
        Programs(TempDir::new())
    }

    /// Compiles one C99 or C++17 file alone and links it against the library as users get it.
    pub fn compile(&self, source: &Path, link: Link) -> PathBuf {
        match source.extension().unwrap().to_str() {
            Some("cpp") => self.compile_by(compiler("c++", "c++17"), source, link),
            _ => self.compile_by(compiler("cc", "c99"), source, link),
        }
    }

    /// The same, by a compiler of another standard.
    pub fn compile_by(&self, mut cc: Command, source: &Path, link: Link) -> PathBuf {
        let folder = match link {
            Link::Sanitized => build::sanitized_library(),
            Link::Shared | Link::Static => build::library(),
        };
        let program = self.0.join(source.file_stem().unwrap().to_str().unwrap());
        cc.arg("-g").arg("-o").arg(&program).arg(source);
        match link {
            Link::Shared | Link::Sanitized => cc
                .arg("-L")
                .arg(folder)
                .arg("-lqcos")
                .arg(format!("-Wl,-rpath,{}", folder.display())),
            Link::Static => cc
                .arg(folder.join("libqcos.a"))
                .args(NATIVE_STATIC_LIBS.split(' ')),
        };
        if link == Link::Sanitized {
            cc.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        }
        let text = std::fs::read_to_string(source).unwrap();
        if text.contains("pthread") || text.contains("<thread>") {
            cc.arg("-pthread");
        }
        succeed(&mut cc);
        program
    }

    /// A folder with a libqcos.so that says it is of another version, and ends the program where
    /// more than that is asked of it.
    pub fn foreign_library(&self, version: &str) -> PathBuf {
        let numbers: Vec<u32> = version.split('.').map(|n| n.parse().unwrap()).collect();
        let number = numbers.iter().fold(0, |all, n| all * 256 + n);
        let exports = std::fs::read_to_string(build::root().join("tests/exports.txt")).unwrap();
        let mut code = format!(
            "const char *qcos_version(void) {{ return \"{version}\"; }}\n\
             unsigned qcos_version_number(void) {{ return {number}; }}\n"
        );
        for name in exports.lines().filter(|name| !name.contains("version")) {
            code += &format!("void {name}(void) {{ __builtin_trap(); }}\n");
        }
        let folder = self.0.join(version);
        std::fs::create_dir(&folder).unwrap();
        let source = self.0.file(&format!("{version}.c"), code.as_bytes());
        let library = folder.join("libqcos.so.0");
        let mut cc = tool("cc");
        cc.args(["-shared", "-fPIC", "-Wl,-soname,libqcos.so.0", "-o"])
            .arg(&library);
        succeed(cc.arg(source));
        std::os::unix::fs::symlink(&library, folder.join("libqcos.so")).unwrap();
        folder
    }

    /// A file with this text, to be compiled.
    pub fn source(&self, name: &str, text: &str) -> PathBuf {
        self.0.file(name, text.as_bytes())
    }

    /// A program of tests/c.
    pub fn test(&self, name: &str) -> PathBuf {
        self.compile(&c_source(name), Link::Shared)
    }

    pub fn example(&self, name: &str) -> PathBuf {
        let folder = if name.ends_with(".cpp") {
            "examples-cpp"
        } else {
            "examples-c"
        };
        self.compile(&build::root().join(folder).join(name), Link::Shared)
    }
}

/// A command that is ended when it hangs.
pub fn limited(program: &Path) -> Command {
    let mut command = tool("timeout");
    command.args(["--kill-after=5", TIMEOUT_S]).arg(program);
    command
}

/// Exits with 99 on any error of memory, and on a definite or indirect leak.
pub fn under_valgrind(program: &Path) -> Command {
    let mut command = limited(Path::new(tool("valgrind").get_program()));
    command
        .args([
            "-q",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
        ])
        .args([
            "--errors-for-leak-kinds=definite,indirect",
            "--error-exitcode=99",
        ])
        .arg(program);
    command
}

/// Fetches a URL with a program that is not ours.
pub fn curl(args: &[&str]) -> Vec<u8> {
    succeed(
        tool("curl")
            .args(["-sS", "--fail-with-body", "--noproxy", "*"])
            .args(args),
    )
    .stdout
}

/// Runs a command that must succeed.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The same, and what it printed.
#[track_caller]
pub fn printed(command: &mut Command) -> String {
    String::from_utf8(succeed(command).stdout).unwrap()
}
