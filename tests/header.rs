//! include/qcos.h is what src/ffi says.

use std::path::Path;

/// The files with exported items, in the order of the header.
const EXPORTING: &[&str] = &[
    "types.rs",
    "version.rs",
    "client.rs",
    "credentials.rs",
    "trace.rs",
    "reply.rs",
    "sign.rs",
    "folder.rs",
    "list.rs",
    "upload.rs",
    "download.rs",
    "file.rs",
    "copy.rs",
    "object.rs",
    "tree.rs",
    "many.rs",
    "buckets.rs",
    "versions.rs",
    "request.rs",
    "diagnose.rs",
];

fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in EXPORTING {
        builder = builder.with_src(root.join("src/ffi").join(file));
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    String::from_utf8(text).unwrap()
}

/// `make header` runs this with QCOS_WRITE_HEADER set, which writes instead of comparing.
#[test]
fn the_header_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/qcos.h");
    let generated = generated();
    if std::env::var_os("QCOS_WRITE_HEADER").is_some() {
        std::fs::write(&path, generated).unwrap();
        return;
    }
    let checked_in = std::fs::read_to_string(&path).unwrap();
    assert!(
        checked_in == generated,
        "include/qcos.h is stale: run `make header` and commit it"
    );
}
