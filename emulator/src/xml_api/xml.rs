//! XML: writing answers, and reading what requests carry.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// No document of this API is deeper.
const MAX_DEPTH: usize = 8;

/// A document as it is written.
pub struct Xml(String);

impl Xml {
    pub fn document() -> Xml {
        Xml("<?xml version='1.0' encoding='utf-8' ?>\n".to_owned())
    }

    /// Without the declaration that begins a document.
    pub fn fragment() -> Xml {
        Xml(String::new())
    }

    pub fn open(&mut self, tag: &str) {
        self.0 += &format!("<{tag}>");
    }

    pub fn close(&mut self, tag: &str) {
        let name = tag.split(' ').next().unwrap_or(tag);
        self.0 += &format!("</{name}>");
    }

    pub fn text(&mut self, tag: &str, text: &str) {
        if text.is_empty() {
            self.0 += &format!("<{tag}/>");
            return;
        }
        self.open(tag);
        for letter in text.chars() {
            match letter {
                '&' => self.0 += "&amp;",
                '<' => self.0 += "&lt;",
                '>' => self.0 += "&gt;",
                '"' => self.0 += "&quot;",
                // As a reference, so that parsers that refuse such do it here, and others keep it.
                control if control.is_control() => {
                    self.0 += &format!("&#x{:X};", u32::from(control));
                }
                other => self.0.push(other),
            }
        }
        self.close(tag);
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// An element that was read: text and children, attributes left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &Node> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The root element, if this is XML. A document type is refused: it could name entities.
pub fn read(bytes: &[u8]) -> Option<Node> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    // The first is the document, which has one child in the end.
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if open.len() > MAX_DEPTH {
                    return None;
                }
                open.push(named(tag.local_name().as_ref()));
            }
            Event::End(_) => {
                let node = open.pop()?;
                open.last_mut()?.children.push(node);
            }
            Event::Empty(tag) => {
                let node = named(tag.local_name().as_ref());
                open.last_mut()?.children.push(node);
            }
            Event::Text(text) => open.last_mut()?.text += &text.decode().ok()?,
            Event::CData(text) => open.last_mut()?.text += &text.decode().ok()?,
            Event::GeneralRef(name) => {
                let reference = format!("&{};", name.decode().ok()?);
                open.last_mut()?.text += &unescape(&reference).ok()?;
            }
            Event::DocType(_) => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let document = open.pop().filter(|_| open.is_empty())?;
    let is_lone = document.children.len() == 1 && document.text.trim().is_empty();
    document.children.into_iter().next().filter(|_| is_lone)
}

fn named(name: &[u8]) -> Node {
    Node {
        name: String::from_utf8_lossy(name).into_owned(),
        ..Node::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_write() {
        let text = "<?xml version=\"1.0\"?>\n<a:Delete xmlns:a='x'>\n <Quiet/>\
                    <Object><Key> a&amp;b&#x20;&quot;<![CDATA[<]]> </Key></Object>\n</a:Delete>\n";
        let root = read(text.as_bytes()).unwrap();
        assert_eq!(root.name, "Delete");
        assert_eq!(root.child_text("Quiet"), Some(""));
        let key = root.all("Object").next().unwrap().child_text("Key");
        assert_eq!(key, Some(" a&b \"< "));
    }

    #[test]
    fn refuses_what_is_no_document() {
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a>&unknown;</a>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<!DOCTYPE a><a/>",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        assert_eq!(read(deep.as_bytes()), None);
        assert_eq!(read(b"<a>\xff</a>"), None);
    }

    #[test]
    fn writes_every_letter() {
        let mut xml = Xml::fragment();
        xml.text("Key", "a<b>&\"\u{1}\n图");
        assert_eq!(xml.finish(), "<Key>a&lt;b&gt;&amp;&quot;&#x1;&#xA;图</Key>");
    }
}
