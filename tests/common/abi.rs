//! What include/qcos.h declares, as data: the header is regular enough to be read line by line.

use serde_json::{Map, Value, json};

pub struct Function {
    pub name: String,
    pub result: String,
    pub parameters: Vec<Parameter>,
    doc: String,
}

pub struct Parameter {
    pub name: String,
    pub ctype: String,
}

impl Function {
    /// What the header says of a parameter, on one line.
    fn said_of(&self, parameter: &str) -> Option<&str> {
        let mut parts = self.doc.split("@param ").skip(1);
        parts.find_map(|part| {
            let (name, text) = part.split_once(' ')?;
            (name == parameter).then(|| text.split("@return").next().unwrap().trim())
        })
    }
}

/// All functions, in the header's order.
pub fn functions(header: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for (doc, declaration) in declarations(header) {
        let Some((head, parameters)) = declaration.split_once('(') else {
            continue;
        };
        if head.starts_with("typedef") || head.starts_with('#') {
            continue;
        }
        let Parameter { name, ctype } = parameter(head);
        let parameters = parameters.trim_end_matches(')');
        functions.push(Function {
            name,
            result: ctype,
            parameters: list(parameters),
            doc,
        });
    }
    functions
}

/// The machine-readable description of the ABI.
pub fn description(header: &str) -> Value {
    let functions = functions(header);
    let described = functions.iter().map(|function| {
        let parameters = function.parameters.iter().map(|parameter| {
            let mut described = json!({"name": parameter.name, "type": parameter.ctype});
            if is_pointer(&parameter.ctype) {
                described["nullable"] = is_nullable(&functions, function, &parameter.name).into();
            }
            described
        });
        json!({
            "name": function.name,
            "returns": function.result,
            // `char *` is the caller's, and goes to qcos_string_free.
            "owned": function.result == "char *",
            "parameters": parameters.collect::<Vec<Value>>(),
        })
    });
    json!({
        "about": "Generated from include/qcos.h by `make header`.",
        "soname": "libqcos.so.0",
        "constants": constants(header),
        "callbacks": callbacks(header),
        "functions": described.collect::<Vec<Value>>(),
    })
}

/// Each declaration on one line, without its semicolon, with the text of the comment before it.
fn declarations(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut doc, mut code, mut in_doc) = (String::new(), String::new(), false);
    for line in header.lines().map(str::trim) {
        if line.starts_with("/**") {
            doc.clear();
            code.clear();
            in_doc = !line.ends_with("*/");
        } else if in_doc {
            in_doc = !line.ends_with("*/");
            doc.push_str(line.trim_end_matches("*/").trim_start_matches('*').trim());
            doc.push(' ');
        } else if !line.starts_with('#') {
            code.push_str(line);
            code.push(' ');
            if let Some(declaration) = code.trim_end().strip_suffix(';') {
                // A matter of linking.
                let declaration = declaration.trim_start_matches("QCOS_API ");
                let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
                found.push((doc, declaration.to_owned()));
                code.clear();
            }
        }
    }
    found
}

fn list(parameters: &str) -> Vec<Parameter> {
    match parameters.trim() {
        "void" => Vec::new(),
        parameters => parameters.split(',').map(parameter).collect(),
    }
}

/// `const char *path` is of the type `const char *` and called `path`.
fn parameter(text: &str) -> Parameter {
    let text = text.trim();
    let name = text
        .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
        .next();
    let name = name.unwrap().to_owned();
    let ctype = text[..text.len() - name.len()].trim().to_owned();
    Parameter { name, ctype }
}

fn is_pointer(ctype: &str) -> bool {
    ctype.ends_with('*') || ctype.ends_with("_fn")
}

/// As the header's text has it; "As for qcos_x" is looked up there.
fn is_nullable(all: &[Function], function: &Function, parameter: &str) -> bool {
    if parameter == "user_data" {
        return true;
    }
    let said = function.said_of(parameter).unwrap_or_default();
    if said.contains("ot NULL") || said.contains("ot be NULL") {
        return false;
    }
    let other = said.split_once("s for qcos_").map(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        format!("qcos_{}", &rest[..end.unwrap_or(rest.len())])
    });
    let other = other.and_then(|name| all.iter().find(|other| other.name == name));
    said.contains("NULL") || other.is_some_and(|other| is_nullable(all, other, parameter))
}

/// Constants with a number, by name.
pub fn constants(header: &str) -> Map<String, Value> {
    let mut constants = Map::new();
    for line in header.lines().map(str::trim) {
        let defined = line.strip_prefix("#define QCOS_").and_then(|rest| {
            let (name, value) = rest.split_once(' ')?;
            Some((name, value.parse::<i64>().ok()?))
        });
        let listed = line.strip_prefix("QCOS_").and_then(|rest| {
            let (name, value) = rest.trim_end_matches(',').split_once(" = ")?;
            Some((name, value.parse::<i64>().ok()?))
        });
        if let Some((name, value)) = defined.or(listed) {
            constants.insert(format!("QCOS_{name}"), value.into());
        }
    }
    constants
}

fn callbacks(header: &str) -> Vec<Value> {
    let typedefs = header
        .lines()
        .filter_map(|line| line.strip_prefix("typedef "));
    let callbacks = typedefs.filter_map(|text| {
        let (result, rest) = text.split_once(" (*")?;
        let (name, parameters) = rest.split_once(")(")?;
        let parameters = list(parameters.trim_end_matches(");"));
        let parameters = parameters
            .iter()
            .map(|parameter| json!({"name": parameter.name, "type": parameter.ctype}));
        Some(json!({
            "name": name,
            "returns": result,
            "parameters": parameters.collect::<Vec<Value>>(),
        }))
    });
    callbacks.collect()
}
