//! What a key's text tells: a folder's key ends with `/`, the bucket's root is the empty key.

/// The folder that holds a key: `a/b/` for `a/b/c` and `a/b/c/`, empty for the root's children.
pub fn parent(key: &str) -> &str {
    let path = key.strip_suffix('/').unwrap_or(key);
    path.rfind('/').map_or("", |slash| &key[..=slash])
}

/// The last component, without the slash of a folder.
pub fn name(key: &str) -> &str {
    let start = parent(key).len();
    let name = &key[start..];
    name.strip_suffix('/').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_parent_and_a_name() {
        for (key, folder, last) in [
            ("a", "", "a"),
            ("a/", "", "a"),
            ("a/b", "a/", "b"),
            ("a/b/", "a/", "b"),
            ("a/b/c/", "a/b/", "c"),
        ] {
            assert_eq!((parent(key), name(key)), (folder, last), "{key}");
        }
    }
}
