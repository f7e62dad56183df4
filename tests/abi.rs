//! The ABI is described once, by the header: its machine-readable description, what the packages for other
//! languages declare, and the tables of functions are made from it or compared with it. `make header`
//! writes what is made.

mod common;

use std::fs;
use std::path::PathBuf;

use common::abi::{Function, Parameter, description, functions};
use common::build;

fn text(path: &str) -> String {
    let path = build::root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn declared() -> Vec<Function> {
    let declared = functions(&text("include/qcos.h"));
    let mut names: Vec<&str> = declared.iter().map(|f| f.name.as_str()).collect();
    names.sort_unstable();
    let exports = text("tests/exports.txt");
    assert_eq!(names, exports.lines().collect::<Vec<_>>());
    declared
}

/// Compares a file with what it must be, or writes it.
fn is_fresh(path: &str, wanted: &str) {
    let file: PathBuf = build::root().join(path);
    if std::env::var_os("QCOS_WRITE_HEADER").is_some() {
        fs::write(file, wanted).unwrap();
        return;
    }
    assert!(
        text(path) == wanted,
        "{path} is stale: run `make header` and commit it"
    );
}

/// The file with other text between two lines of it.
fn with_table(path: &str, begin: &str, end: &str, table: &str) -> String {
    let text = text(path);
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{path}"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("{path}"));
    format!("{before}{begin}{table}{end}{after}")
}

#[test]
fn the_description_is_fresh() {
    let described = description(&text("include/qcos.h"));
    let wanted = serde_json::to_string_pretty(&described).unwrap() + "\n";
    is_fresh("bindings/qcos.json", &wanted);
}

#[test]
fn what_may_be_null_is_described() {
    let described = description(&text("include/qcos.h"));
    let nullable = |function: &str, parameter: &str| {
        let functions = described["functions"].as_array().unwrap();
        let function = functions.iter().find(|f| f["name"] == function).unwrap();
        let parameters = function["parameters"].as_array().unwrap();
        let parameter = parameters.iter().find(|p| p["name"] == parameter).unwrap();
        parameter["nullable"].clone()
    };
    for (function, parameter, expected) in [
        ("qcos_client_open", "options_json", true),
        ("qcos_client_open", "appid", false),
        ("qcos_upload", "biz_attr", true),
        ("qcos_upload", "filepath", false),
        ("qcos_upload", "progress", true),
        ("qcos_upload_slice", "biz_attr", true),
        ("qcos_upload_slice", "session", true),
        ("qcos_upload_buffer", "data", true),
        ("qcos_list", "pattern", true),
        ("qcos_list", "bucket", false),
        ("qcos_list_all", "page", false),
        ("qcos_string_free", "text", true),
    ] {
        assert_eq!(
            nullable(function, parameter),
            expected,
            "{function} {parameter}"
        );
    }
    assert!(
        nullable("qcos_upload_slice", "slice_size").is_null(),
        "no pointer"
    );
}

#[test]
fn nodes_declarations_are_the_headers() {
    let lines = declared().into_iter().map(|function| {
        let parameters = function.parameters.iter().map(|parameter| {
            let space = if parameter.ctype.ends_with('*') {
                ""
            } else {
                " "
            };
            format!("{}{space}{}", parameter.ctype, parameter.name)
        });
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        let space = if function.result.ends_with('*') {
            ""
        } else {
            " "
        };
        let parameters = if parameters.is_empty() {
            "void"
        } else {
            &parameters
        };
        format!(
            "{}{space}{}({parameters});\n",
            function.result, function.name
        )
    });
    let table: String = lines.collect();
    let path = "bindings/node/lib/abi.js";
    let wanted = with_table(path, "const DECLARATIONS = `\n", "`;\n", &table);
    is_fresh(path, &wanted);
}

/// A kind of `_abi.py` for each parameter: how a Python value becomes it.
fn kind_of_python(ctype: &str, name: &str) -> &'static str {
    match (ctype, name) {
        ("const char *", "filepath" | "dirpath") => "PATH",
        ("const char *", _) => "TEXT",
        ("char *", _) => "STRING",
        ("const void *", _) => "DATA",
        ("void *", "buffer") => "BUFFER",
        ("void *", _) => "USER_DATA",
        ("qcos_client", _) => "HANDLE",
        ("qcos_client *", _) => "HANDLE_OUT",
        ("size_t", _) => "SIZE",
        ("int32_t", _) => "INT32",
        ("int64_t", _) => "INT64",
        ("uint64_t", _) => "UINT64",
        ("qcos_progress_fn", _) => "PROGRESS",
        ("qcos_page_fn", _) => "PAGE",
        ("qcos_read_fn", _) => "READ",
        ("qcos_write_fn", _) => "WRITE",
        ("qcos_item_fn", _) => "ITEM",
        ("qcos_credentials_fn", _) => "CREDENTIALS",
        ("qcos_trace_fn", _) => "TRACE",
        _ => panic!("{ctype} {name} has no kind in Python yet"),
    }
}

#[test]
fn pythons_declarations_are_the_headers() {
    let lines = declared().into_iter().map(|function| {
        let result = match function.result.as_str() {
            "char *" => "OWNED",
            "const char *" => "ctypes.c_char_p",
            "void" => "None",
            "uint32_t" => "ctypes.c_uint32",
            "int32_t" => "ctypes.c_int32",
            "int64_t" => "ctypes.c_int64",
            other => panic!("{other} has no type in Python yet"),
        };
        let parameters = function.parameters.iter();
        let kinds = parameters.map(|p| kind_of_python(&p.ctype, &p.name));
        let kinds = match kinds.collect::<Vec<_>>().as_slice() {
            [only] => format!("{only},"),
            kinds => kinds.join(", "),
        };
        let line = format!("    \"{}\": ({result}, ({kinds})),\n", function.name);
        match line.len() > 101 {
            false => line,
            true => format!(
                "    \"{}\": (\n        {result},\n        ({kinds}),\n    ),\n",
                function.name
            ),
        }
    });
    let table: String = lines.collect();
    let path = "bindings/python/libqcos/_abi.py";
    let begin = "FUNCTIONS: Dict[str, Tuple[Any, Tuple[Kind, ...]]] = {\n";
    is_fresh(path, &with_table(path, begin, "}\n", &table));
}

/// The functions that Go's package calls, with the types of their parameters.
fn functions_of_go() -> Vec<(String, Vec<String>)> {
    let source = text("bindings/go/library.go");
    let (_, body) = source.split_once("type library struct {\n").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut functions = Vec::new();
    let mut rest = body.as_str();
    while let Some((names, after)) = rest.split_once(" func(") {
        let (parameters, after) = after.split_once(')').unwrap();
        let mut types: Vec<String> = Vec::new();
        // Of several names in a row the last has the type.
        for parameter in parameters
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .rev()
        {
            let named = parameter.split_once(' ').map(|(_, ctype)| ctype.to_owned());
            let ctype = named.or_else(|| types.last().cloned()).unwrap();
            types.push(ctype);
        }
        types.reverse();
        let names = names.rsplit(['}', '\n']).next().unwrap();
        for name in names.split(',') {
            let name = name.trim().rsplit(' ').next().unwrap();
            functions.push((name.to_owned(), types.clone()));
        }
        rest = after
            .trim_start_matches(" unsafe.Pointer")
            .trim_start_matches(" uint32")
            .trim_start();
    }
    functions
}

#[test]
fn gos_declarations_are_the_headers() {
    let all = declared();
    let of_go = functions_of_go();
    assert!(of_go.len() > 30, "{of_go:?}");
    for (name, types) in of_go {
        let same = |c_name: &str| {
            c_name.trim_start_matches("qcos_").replace('_', "") == name.to_lowercase()
        };
        let function = all.iter().find(|function| same(&function.name));
        let function = function.unwrap_or_else(|| panic!("{name} is no function of qcos.h"));
        let expected: Vec<&str> = function
            .parameters
            .iter()
            .map(|parameter| match parameter.ctype.as_str() {
                "const char *" | "const void *" => "*byte",
                "char *" => "unsafe.Pointer",
                "void *" if parameter.name == "buffer" => "*byte",
                "void *" | "size_t" => "uintptr",
                ctype if ctype.ends_with("_fn") => "uintptr",
                "qcos_client" | "uint64_t" => "uint64",
                "qcos_client *" => "*uint64",
                "int32_t" => "int32",
                "int64_t" => "int64",
                other => panic!("{other} has no type in Go yet"),
            })
            .collect();
        assert_eq!(types, expected, "{name}");
    }
}

/// The rows of a table of functions: the names in the first cell, and the text of the second.
fn rows(readme: &str) -> Vec<(Vec<String>, String)> {
    let rows = readme.lines().filter(|line| line.starts_with("| `qcos_"));
    rows.map(|line| {
        let mut cells = line.split('|').skip(1);
        let (first, second) = (cells.next().unwrap(), cells.next().unwrap());
        let names = first.split('`').filter(|name| name.starts_with("qcos_"));
        (names.map(str::to_owned).collect(), second.trim().to_owned())
    })
    .collect()
}

/// Whether a text names these parameters, in their order.
fn tells(said: &str, parameters: &[Parameter]) -> bool {
    let mut rest = said;
    parameters.iter().all(|parameter| {
        let after = rest.split_once(&parameter.name).map(|(_, after)| after);
        rest = after.unwrap_or_default();
        after.is_some()
    })
}

#[test]
fn the_tables_of_functions_have_all_with_their_parameters() {
    let all = declared();
    for path in ["README.md", "README.zh-CN.md"] {
        let rows = rows(&text(path));
        for function in &all {
            let of_it: Vec<&str> = rows
                .iter()
                .filter(|(names, _)| names.contains(&function.name))
                .map(|(_, said)| said.as_str())
                .collect();
            assert!(!of_it.is_empty(), "{path} lacks {}", function.name);
            // Those of replies and versions are told in words.
            if function
                .parameters
                .first()
                .is_some_and(|first| first.ctype == "qcos_client")
            {
                let tells_all = of_it
                    .iter()
                    .any(|said| tells(said, &function.parameters[1..]));
                assert!(tells_all, "{path}: the parameters of {}", function.name);
            }
        }
    }
}
