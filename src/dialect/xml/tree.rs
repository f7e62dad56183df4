//! XML as a small tree. No DOCTYPE, and bounded in depth and number: what a service sends is not
//! trusted.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use crate::model::key::shown;

/// No answer of the service is deeper than five.
const DEPTH_MAX: usize = 16;

/// A page of a list has a thousand entries of about ten elements.
const ELEMENTS_MAX: usize = 100_000;

/// Names and texts are those of the document, as far as they stand there as they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node<'d> {
    /// Without a namespace's prefix.
    pub(super) name: Cow<'d, str>,
    /// Bytes that are no UTF-8 as `%XX`.
    pub(super) text: Cow<'d, str>,
    /// Where there are such bytes.
    exact: Option<Vec<u8>>,
    pub(super) children: Vec<Node<'d>>,
}

/// Whether a document's root is called so. What follows may be anything.
pub(super) fn has_root(document: &[u8], name: &str) -> bool {
    let mut reader = Reader::from_reader(document.trim_ascii_start());
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return tag.local_name().as_ref() == name.as_bytes();
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

impl<'d> Node<'d> {
    /// Reads a document; blanks may come before it (xml-api.md §3.7).
    pub(super) fn parse(document: &'d [u8]) -> Result<Node<'d>, String> {
        // One text that is no UTF-8 is no reason not to read the others.
        let mut reader = Reader::from_reader(document.trim_ascii_start());
        let mut open: Vec<Node> = Vec::new();
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|_| "not XML".to_owned())?;
            let (closed, is_open) = match event {
                Event::Start(tag) => {
                    open.push(Node::named(document, tag.local_name().as_ref()));
                    (None, true)
                }
                Event::Empty(tag) => {
                    let node = Node::named(document, tag.local_name().as_ref());
                    (Some(node), true)
                }
                Event::End(_) => (open.pop(), false),
                Event::Text(text) => {
                    add_text(&mut open, text.into_inner());
                    continue;
                }
                Event::CData(text) => {
                    add_text(&mut open, text.into_inner());
                    continue;
                }
                Event::GeneralRef(reference) => {
                    let text = resolve(&reference)?.into_bytes();
                    add_text(&mut open, Cow::Owned(text));
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

    /// The reader lends a name for no longer than its tag; it is a part of the document all the same.
    fn named(document: &'d [u8], name: &[u8]) -> Node<'d> {
        let start = name.as_ptr().addr().wrapping_sub(document.as_ptr().addr());
        let name = document.get(start..start.saturating_add(name.len()));
        Node {
            name: String::from_utf8_lossy(name.unwrap_or_default()),
            ..Node::default()
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node<'d>> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node<'d>> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of a child, empty where there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
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

fn add_text<'d>(open: &mut [Node<'d>], text: Cow<'d, [u8]>) {
    let Some(node) = open.last_mut() else {
        return;
    };
    let is_text = std::str::from_utf8(&text).is_ok();
    if let (None, false) = (&node.exact, is_text) {
        node.exact = Some(node.text.as_bytes().to_owned());
    }
    if let Some(exact) = &mut node.exact {
        exact.extend_from_slice(&text);
    }
    match text {
        Cow::Borrowed(text) if node.text.is_empty() => node.text = shown(text),
        text => node.text.to_mut().push_str(&shown(&text)),
    }
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
        let texts: Vec<&str> = tree.all("b").map(|b| &*b.text).collect();
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
    fn the_root_is_known_before_the_rest() {
        for (document, is_error) in [
            ("<Error>", true),
            (
                " \n<?xml version='1.0'?><!-- --><s:Error xmlns:s='x'/>",
                true,
            ),
            ("<Errors><Error/></Errors>", false),
            ("<a/><Error/>", false),
            ("Error", false),
            ("", false),
        ] {
            assert_eq!(
                has_root(document.as_bytes(), "Error"),
                is_error,
                "{document}"
            );
        }
    }

    #[test]
    fn what_stands_there_as_it_is_is_not_copied() {
        let tree = Node::parse(b" <s:a xmlns:s='x'><b>1</b><b>&lt;</b></s:a>").unwrap();
        assert!(matches!(tree.name, Cow::Borrowed("a")));
        let is_copied = tree.all("b").map(|b| matches!(b.text, Cow::Owned(_)));
        assert_eq!(is_copied.collect::<Vec<_>>(), [false, true]);
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
