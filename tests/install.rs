//! `make install` as packagers and users meet it: what it puts where, and programs outside the
//! source tree that find the library by pkg-config and by CMake. DESTDIR is in front of PREFIX, so
//! all but one of them use a prefix that has moved since it was installed.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::emulator::Emulator;
use common::install;
use common::{TempDir, build};
use programs::{NATIVE_STATIC_LIBS, limited, printed, succeed, tool};

const VERSION: &str = env!("CARGO_PKG_VERSION");

struct Installed {
    stage: TempDir,
    settings: Vec<String>,
    prefix: PathBuf,
}

impl Installed {
    fn at(prefix: &str) -> Installed {
        Installed::with(prefix, &[])
    }

    fn with(prefix: &str, settings: &[&str]) -> Installed {
        let stage = TempDir::new();
        let mut settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        settings.push(format!("DESTDIR={}", stage.join("").display()));
        settings.push(format!("PREFIX={prefix}"));
        let prefix = stage.join(prefix.trim_start_matches('/'));
        let installed = Installed {
            stage,
            settings,
            prefix,
        };
        succeed(&mut make("install", &installed.settings));
        installed
    }

    /// The files and links: their permissions, or where they lead.
    fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        let mut folders = vec![self.stage.join("")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let found = path.symlink_metadata().unwrap();
                let permissions = format!("{:o}", found.permissions().mode() & 0o7777);
                let name = path.strip_prefix(self.stage.join("")).unwrap();
                let name = name.to_str().unwrap().to_owned();
                if found.is_dir() {
                    assert_eq!(permissions, "755", "{name}");
                    folders.push(path);
                } else if found.is_symlink() {
                    let leads = fs::read_link(&path).unwrap();
                    tree.insert(name, format!("-> {}", leads.display()));
                } else {
                    tree.insert(name, permissions);
                }
            }
        }
        tree
    }

    /// What a user types, in a folder with nothing but the consumer.
    fn shell(&self, folder: &TempDir, line: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .current_dir(folder.join(""))
            .env("PKG_CONFIG_PATH", self.prefix.join("lib/pkgconfig"));
        shell
    }

    /// By the installed emulator, and by the installed library if the program needs it.
    fn serves(&self, program: &Path) {
        self.serves_run(limited(program));
    }

    fn serves_run(&self, mut run: Command) {
        let emulator = Emulator::start_program(&self.prefix.join("bin/qcos-emulator"));
        run.env("LD_LIBRARY_PATH", self.prefix.join("lib"));
        let said = printed(run.arg(emulator.options("json")));
        assert_eq!(said, format!("{VERSION} 0\n"));
    }

    fn cmake(&self, folder: &TempDir, wanted: &str) -> Command {
        let mut cmake = tool("cmake");
        cmake
            .args(["-S", ".", "-B", "build"])
            .arg(format!("-DCMAKE_PREFIX_PATH={}", self.prefix.display()))
            .arg(format!("-DWANTED={wanted}"))
            .current_dir(folder.join(""));
        cmake
    }
}

/// Under a umask that keeps others out, which installed files must not follow; and with a cargo that
/// fails, as what is built is not to be built again.
fn make(target: &str, settings: &[String]) -> Command {
    let mut make = Command::new("sh");
    make.args(["-c", "umask 077 && exec \"$@\"", "sh"])
        .args([tool("make").get_program(), target.as_ref()])
        .args([
            "CARGO=false",
            &format!("RELEASE={}", build::release().display()),
        ])
        .args(settings)
        .current_dir(build::root());
    for name in ["MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES"] {
        make.env_remove(name);
    }
    make
}

fn consumer() -> TempDir {
    let folder = TempDir::new();
    for name in ["app.c", "app.cpp", "app.py", "app.cjs", "CMakeLists.txt"] {
        let ours = build::root().join("tests/consumer").join(name);
        fs::copy(ours, folder.join(name)).unwrap();
    }
    folder
}

fn needs_the_shared_library(program: &Path) -> bool {
    printed(tool("readelf").arg("-d").arg(program)).contains("libqcos.so.0")
}

#[test]
fn files_links_and_permissions() {
    let libdir = "lib/x86_64-linux-gnu";
    let installed = Installed::with("/usr", &[&format!("LIBDIR=/usr/{libdir}")]);
    let mut expected: BTreeMap<String, String> = [
        (format!("usr/{libdir}/libqcos.so.{VERSION}"), "644"),
        (format!("usr/{libdir}/libqcos.a"), "644"),
        (format!("usr/{libdir}/pkgconfig/qcos.pc"), "644"),
        (format!("usr/{libdir}/cmake/qcos/qcos-config.cmake"), "644"),
        (
            format!("usr/{libdir}/cmake/qcos/qcos-config-version.cmake"),
            "644",
        ),
        ("usr/bin/qcos-emulator".to_owned(), "755"),
        ("usr/share/doc/libqcos/LICENSE".to_owned(), "644"),
        (
            "usr/share/doc/libqcos/third-party-notices".to_owned(),
            "644",
        ),
        ("usr/share/man/man1/qcos-emulator.1".to_owned(), "644"),
        ("usr/share/man/man3/qcos.3".to_owned(), "644"),
    ]
    .map(|(name, permissions)| (name, permissions.to_owned()))
    .into();
    for header in fs::read_dir(build::root().join("include")).unwrap() {
        let name = header.unwrap().file_name().into_string().unwrap();
        expected.insert(format!("usr/include/{name}"), "644".to_owned());
    }
    let soname = format!("usr/{libdir}/libqcos.so.0");
    expected.insert(soname.clone(), format!("-> libqcos.so.{VERSION}"));
    expected.insert(
        format!("usr/{libdir}/libqcos.so"),
        "-> libqcos.so.0".to_owned(),
    );
    assert_eq!(installed.tree(), expected);

    let dynamic = printed(tool("readelf").arg("-d").arg(installed.stage.join(&soname)));
    assert!(dynamic.contains("soname: [libqcos.so.0]"), "{dynamic}");
    let mut pkg_config = tool("pkg-config");
    pkg_config.env(
        "PKG_CONFIG_PATH",
        installed.prefix.join(libdir).join("pkgconfig"),
    );
    let version = printed(pkg_config.args(["--modversion", "qcos"]));
    assert_eq!(version.trim(), VERSION);
}

/// Files of these names, as `make build` leaves them on macOS, which is not here.
fn built_on_macos() -> TempDir {
    let release = TempDir::new();
    for name in [
        "libqcos.dylib",
        "libqcos.a",
        "qcos-emulator",
        "third-party-notices",
    ] {
        release.file(name, b"");
    }
    release
}

fn installed_on_macos(release: &TempDir) -> Installed {
    let release = format!("RELEASE={}", release.join("").display());
    Installed::with("/opt/qcos", &["SYSTEM=Darwin", &release])
}

#[test]
fn the_names_on_macos() {
    let release = built_on_macos();
    let installed = installed_on_macos(&release);
    let tree = installed.tree();
    let libraries: Vec<(&str, &str)> = tree
        .iter()
        .filter_map(|(name, leads)| Some((name.strip_prefix("opt/qcos/lib/libqcos.")?, &**leads)))
        .collect();
    let file = format!("{VERSION}.dylib");
    let leads = format!("-> libqcos.{file}");
    let expected = [
        ("0.dylib", &*leads),
        (&*file, "644"),
        ("a", "644"),
        ("dylib", "-> libqcos.0.dylib"),
    ];
    assert_eq!(
        libraries.into_iter().collect::<BTreeMap<_, _>>(),
        expected.into()
    );
    let others = Installed::at("/opt/qcos").tree();
    let without = |tree: BTreeMap<String, String>| -> Vec<String> {
        let names = tree.into_keys();
        names.filter(|name| !name.contains("/libqcos.")).collect()
    };
    assert_eq!(without(tree), without(others));

    // The install name begins with `@rpath`, so that a program needs the folder.
    let mut pkg_config = tool("pkg-config");
    let folder = installed.prefix.join("lib/pkgconfig");
    pkg_config.env("PKG_CONFIG_PATH", &folder);
    let said = printed(pkg_config.args(["--static", "--libs", "qcos"]));
    let lib = folder.join("../../lib");
    let lib = lib.display();
    let expected =
        format!("-L{lib} -Wl,-rpath,{lib} -lqcos -framework Security -framework CoreFoundation");
    assert!(said.starts_with(&expected), "{said} is not {expected}");

    succeed(&mut make("uninstall", &installed.settings));
    assert!(installed.tree().is_empty());
}

/// What CMake would call there, both of the installed package and of the source; nothing is built.
#[test]
fn cmake_on_macos() {
    let release = built_on_macos();
    let (installed, folder) = (installed_on_macos(&release), consumer());
    let head = "cmake_minimum_required(VERSION 3.16)\nproject(app C)\n\
                set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG \"-Wl,-rpath,\")\n";
    let tail = "add_executable(shared app.c)\ntarget_link_libraries(shared PRIVATE qcos::qcos)\n\
                add_executable(static app.c)\ntarget_link_libraries(static PRIVATE qcos::qcos_static)\n\
                get_target_property(name qcos::qcos IMPORTED_SONAME)\nmessage(STATUS \"It is ${name}\")\n";
    let whole = format!(
        "add_subdirectory(\"{}\" libqcos)\n",
        build::root().display()
    );
    let lib = installed.prefix.join("lib");
    let lib = lib.display();
    for (found, shared, archive) in [
        (
            "find_package(qcos REQUIRED)\n",
            format!("{lib}/libqcos.{VERSION}.dylib"),
            format!("{lib}/libqcos.a"),
        ),
        (
            &*whole,
            "libqcos/cargo/release/libqcos.dylib".to_owned(),
            "libqcos/cargo/release/libqcos.a".to_owned(),
        ),
    ] {
        folder.file("CMakeLists.txt", format!("{head}{found}{tail}").as_bytes());
        let _ = fs::remove_dir_all(folder.join("build"));
        let mut cmake = installed.cmake(&folder, VERSION);
        let said =
            printed(cmake.args(["-DCMAKE_SYSTEM_NAME=Darwin", "-DCMAKE_C_COMPILER_FORCED=1"]));
        assert!(said.contains("It is @rpath/libqcos.0.dylib"), "{said}");
        for (name, expected) in [
            ("shared", format!(" {shared} ")),
            (
                "static",
                format!(" {archive} -framework Security -framework CoreFoundation "),
            ),
        ] {
            let link = folder.join(&format!("build/CMakeFiles/{name}.dir/link.txt"));
            let link = fs::read_to_string(link).unwrap();
            assert!(link.contains(&expected), "{link} has no{expected}");
        }
    }
}

#[test]
fn uninstall_takes_away_what_install_put() {
    let installed = Installed::at("/usr/local");
    let neighbour = installed.prefix.join("lib/cmake/qcos/neighbour.cmake");
    fs::write(&neighbour, "").unwrap();
    succeed(&mut make("uninstall", &installed.settings));
    let left: Vec<String> = installed.tree().into_keys().collect();
    assert_eq!(left, ["usr/local/lib/cmake/qcos/neighbour.cmake"]);

    fs::remove_file(neighbour).unwrap();
    succeed(&mut make("uninstall", &installed.settings));
    assert!(installed.tree().is_empty());
    assert!(!installed.prefix.join("lib/cmake/qcos").exists());
    assert!(!installed.prefix.join("share/doc/libqcos").exists());
}

#[test]
fn a_relative_prefix_is_refused() {
    let output = make("install", &["PREFIX=here".to_owned()])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.contains("PREFIX must be"),
        "{said}"
    );
    assert!(!build::root().join("here").exists());
}

#[test]
fn pkg_config_finds_it() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    tool("pkg-config");
    let line = "cc -o app app.c $(pkg-config --cflags --libs qcos)";
    succeed(&mut installed.shell(&folder, line));
    assert!(needs_the_shared_library(&folder.join("app")));
    installed.serves(&folder.join("app"));
}

#[test]
fn pkg_config_links_it_statically() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    fs::remove_file(installed.prefix.join("lib/libqcos.so")).unwrap();
    let flags = "$(pkg-config --static --cflags --libs qcos)";
    for line in [
        format!("cc -o app app.c {flags}"),
        format!("cc -static -o app app.c {flags}"),
        format!("c++ -o app app.cpp {flags}"),
    ] {
        succeed(&mut installed.shell(&folder, &line));
        assert!(!needs_the_shared_library(&folder.join("app")), "{line}");
        installed.serves(&folder.join("app"));
    }
}

/// Compilers add two of the libraries that rustc names by themselves: libc, and libgcc in the form
/// that fits the way of linking.
#[test]
fn the_static_librarys_needs_are_those_that_rustc_names() {
    let folder = TempDir::new();
    let empty = folder.file("empty.rs", b"");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut rustc = Command::new(rustc);
    rustc
        .args(["--crate-type=staticlib", "--print=native-static-libs", "-o"])
        .arg(folder.join("libempty.a"))
        .arg(empty);
    let said = String::from_utf8(succeed(&mut rustc).stderr).unwrap();
    let named = said
        .lines()
        .find_map(|l| l.split_once("native-static-libs: "));
    assert_eq!(named.unwrap().1, NATIVE_STATIC_LIBS);

    let makefile = fs::read_to_string(build::root().join("Makefile")).unwrap();
    let ours = makefile
        .lines()
        .find_map(|l| l.strip_prefix("NATIVE_LIBS = "));
    assert_eq!(format!("-lgcc_s {} -lc", ours.unwrap()), NATIVE_STATIC_LIBS);
}

#[test]
fn a_prefix_with_a_space() {
    let (installed, folder) = (Installed::at("/opt/a library"), consumer());
    let line = "eval \"cc -o app app.c $(pkg-config --cflags --libs qcos)\"";
    succeed(&mut installed.shell(&folder, line));
    installed.serves(&folder.join("app"));
    succeed(&mut installed.cmake(&folder, VERSION));
    succeed(
        tool("cmake")
            .args(["--build", "build", "--target", "shared"])
            .current_dir(folder.join("")),
    );
    installed.serves(&folder.join("build/shared"));
}

/// As Nix and others have it, with no DESTDIR.
#[test]
fn folders_outside_the_prefix() {
    let (places, folder) = (TempDir::new(), consumer());
    let settings = [
        format!("PREFIX={}", places.join("out").display()),
        format!("LIBDIR={}", places.join("a lib").display()),
        format!("INCLUDEDIR={}", places.join("dev/include").display()),
    ];
    succeed(&mut make("install", &settings));
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            "eval \"cc -o app app.c $(pkg-config --cflags --libs qcos)\"",
        ])
        .current_dir(folder.join(""))
        .env("PKG_CONFIG_PATH", places.join("a lib/pkgconfig"));
    succeed(&mut shell);
    succeed(
        tool("cmake")
            .args(["-S", ".", "-B", "build"])
            .arg(format!(
                "-Dqcos_DIR={}",
                places.join("a lib/cmake/qcos").display()
            ))
            .current_dir(folder.join("")),
    );
}

#[test]
fn cmake_finds_it() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    succeed(&mut installed.cmake(&folder, "0.1"));
    succeed(
        tool("cmake")
            .args(["--build", "build"])
            .current_dir(folder.join("")),
    );
    for (name, shared) in [("shared", true), ("static", false), ("cpp", true)] {
        let program = folder.join("build").join(name);
        assert_eq!(needs_the_shared_library(&program), shared, "{name}");
        installed.serves(&program);
    }
}

#[test]
fn cmake_takes_ranges_at_their_word() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    for (wanted, fits) in [
        (VERSION, true),
        ("0.0...0.1", true),
        ("0.0...0.2", true),
        ("0.0...<0.2", true),
        ("0.0...<0.1.0", false),
        ("0.2...1", false),
    ] {
        // What an earlier run has found is not asked again.
        let _ = fs::remove_dir_all(folder.join("build"));
        let output = installed.cmake(&folder, wanted).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.success(), fits, "{wanted}: {said}");
    }
}

#[test]
fn cmake_refuses_what_does_not_fit() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    let refused = |wanted: &str| {
        let output = installed.cmake(&folder, wanted).output().unwrap();
        assert!(!output.status.success(), "{wanted}");
        String::from_utf8(output.stderr).unwrap()
    };
    // An older minor version is another one before 1.0.
    for wanted in ["0.0", "0.0.9", "0", "0.1.99", "0.2", "0.99", "1.0"] {
        let said = refused(wanted);
        assert!(
            said.contains(wanted) && said.contains(&format!("version: {VERSION}")),
            "{said}"
        );
    }
    fs::remove_file(installed.prefix.join(format!("lib/libqcos.so.{VERSION}"))).unwrap();
    let said = refused("0.1");
    assert!(said.contains("not wholly installed"), "{said}");
}

/// A copy of a package, with nothing of this source tree beside it.
fn copy(from: &str, to: &Path) {
    let from = build::root().join(from);
    succeed(tool("cp").arg("-r").arg(from).arg(to));
}

#[test]
fn go_finds_it() {
    let (installed, folder) = (Installed::at("/opt/qcos"), TempDir::new());
    for name in ["app.go", "go.mod"] {
        copy(&format!("tests/consumer/{name}"), &folder.join(name));
    }
    copy("bindings/go", &folder.join("qcos"));
    succeed(&mut installed.shell(&folder, "go mod tidy"));
    let line = "CGO_CFLAGS=$(pkg-config --cflags qcos) CGO_LDFLAGS=$(pkg-config --libs qcos) \
                CGO_ENABLED=1 go build -o app .";
    succeed(&mut installed.shell(&folder, line));
    assert!(needs_the_shared_library(&folder.join("app")));
    installed.serves(&folder.join("app"));

    // With no C compiler.
    succeed(&mut installed.shell(&folder, "CC=false CGO_ENABLED=0 go build -o app ."));
    assert!(!needs_the_shared_library(&folder.join("app")));
    let mut run = limited(&folder.join("app"));
    run.env_remove("QCOS_LIBRARY");
    installed.serves_run(run);
}

#[test]
fn python_and_node_find_it() {
    let (installed, folder) = (Installed::at("/opt/qcos"), consumer());
    copy("bindings/python/libqcos", &folder.join("libqcos"));
    let mut run = limited(Path::new("python3"));
    run.arg(folder.join("app.py")).env_remove("QCOS_LIBRARY");
    installed.serves_run(run);

    let package = build::root().join("bindings/node");
    let modules = install::node("node-binding", &package).join("node_modules");
    fs::create_dir(folder.join("node_modules")).unwrap();
    copy("bindings/node", &folder.join("node_modules/qcos"));
    let koffi = folder.join("node_modules/koffi");
    std::os::unix::fs::symlink(modules.join("koffi"), koffi).unwrap();
    let mut run = limited(Path::new("node"));
    run.arg(folder.join("app.cjs")).env_remove("QCOS_LIBRARY");
    installed.serves_run(run);
}
