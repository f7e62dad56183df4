//! XML as a small tree. No DOCTYPE, and bounded in depth and number: what a service sends is not
//! trusted.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use crate::model::key::shown;

/// No answer of the service is deeper than five.
const DEPTH_MAX: usize = 16;

/// A page of a list has a thousand entries of about ten elements.
const ELEMENTS_MAX: usize = 100_000;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Without a namespace's prefix.
    pub(super) name: String,
    /// Bytes that are no UTF-8 as `%XX`.
    pub(super) text: String,
    /// Where there are such bytes.
    exact: Option<Vec<u8>>,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Reads a document; blanks may come before it (xml-api.md §3.7).
    pub(super) fn parse(document: &[u8]) -> Result<Node, String> {
        // One text that is no UTF-8 is no reason not to read the others.
        let mut reader = Reader::from_reader(document.trim_ascii_start());
        let mut open: Vec<Node> = Vec::new();
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|_| "not XML".to_owned())?;
            let (closed, is_open) = match event {
                Event::Start(tag) => {
                    let name = tag.local_name();
                    open.push(Node::named(name.as_ref()));
                    (None, true)
                }
                Event::Empty(tag) => (Some(Node::named(tag.local_name().as_ref())), true),
                Event::End(_) => (open.pop(), false),
                Event::Text(text) => {
                    add_text(&mut open, &text);
                    continue;
                }
                Event::CData(text) => {
                    add_text(&mut open, &text);
                    continue;
                }
                Event::GeneralRef(reference) => {
                    add_text(&mut open, resolve(&reference)?.as_bytes());
                    continue;
                }
                Event::DocType(_) => return Err("a DOCTYPE".to_owned()),
                Event::Eof => return Err("not a whole XML document".to_owned()),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
            };
            elements += usize::from(is_open);
            if elements > ELEMENTS_MAX || open.len() > DEPTH_MAX {
                return Err("more XML than an answer has".to_owned());
            }
            if let Some(node) = closed {
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Ok(node),
                }
            }
        }
    }

    fn named(name: &[u8]) -> Node {
        Node {
            name: String::from_utf8_lossy(name).into_owned(),
            ..Node::default()
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of a child, empty where there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    /// The same as it came.
    pub(super) fn bytes_of(&self, name: &str) -> &[u8] {
        let child = self.child(name);
        child.map_or(b"", |child| match &child.exact {
            Some(exact) => exact,
            None => child.text.as_bytes(),
        })
    }
}

fn add_text(open: &mut [Node], text: &[u8]) {
    let Some(node) = open.last_mut() else {
        return;
    };
    let is_text = std::str::from_utf8(text).is_ok();
    if let (None, false) = (&node.exact, is_text) {
        node.exact = Some(node.text.clone().into_bytes());
    }
    if let Some(exact) = &mut node.exact {
        exact.extend_from_slice(text);
    }
    node.text.push_str(&shown(text));
}

/// A reference's name stands between `&` and `;`.
fn resolve(name: &[u8]) -> Result<String, String> {
    let unknown = || "an unknown entity".to_owned();
    let name = std::str::from_utf8(name).map_err(|_| unknown())?;
    let Some(number) = name.strip_prefix('#') else {
        let known = resolve_predefined_entity(name).ok_or_else(unknown)?;
        return Ok(known.to_owned());
    };
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let letter = char::from_u32(number.map_err(|_| unknown())?);
    // No character, as halves of surrogates are: it is shown as it stands.
    Ok(letter.map_or_else(|| format!("&{name};"), |letter| letter.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let text = "  \n<?xml version='1.0' encoding='utf-8' ?>\n<a xmlns='x'><b>1 &lt; &#50;&quot;</b>\
                    <b><![CDATA[<c>]]></b><d/></a>";
        let tree = Node::parse(text.as_bytes()).unwrap();
        let texts: Vec<&str> = tree.all("b").map(|b| b.text.as_str()).collect();
        assert_eq!(texts, ["1 < 2\"", "<c>"]);
        assert_eq!((tree.text_of("d"), tree.text_of("none")), ("", ""));
        assert!(tree.child("d").is_some() && tree.child("c").is_none());
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX + 1));
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a>&unknown;</a>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            &deep,
            &wide,
        ] {
            let start: String = text.chars().take(40).collect();
            assert!(Node::parse(text.as_bytes()).is_err(), "{start}");
        }
        assert!(Node::parse(b"\xff").is_err());
    }

    #[test]
    fn what_xml_cannot_say_is_read_all_the_same() {
        let tree = Node::parse(b"<a><b>1\xff&amp;\xe4\xb8</b><c>\x01&#1;&#0;&#xd800;</c></a>");
        let tree = tree.unwrap();
        assert_eq!(tree.text_of("b"), "1%FF&%E4%B8");
        assert_eq!(tree.bytes_of("b"), b"1\xff&\xe4\xb8");
        assert_eq!(tree.text_of("c"), "\x01\x01\0&#xd800;");
        assert_eq!(tree.bytes_of("c"), tree.text_of("c").as_bytes());
        assert_eq!(tree.bytes_of("d"), b"");
    }
}
