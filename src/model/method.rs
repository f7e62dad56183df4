//! The methods of HTTP that the service knows.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
}

const METHODS: [Method; 5] = [
    Method::Get,
    Method::Head,
    Method::Put,
    Method::Post,
    Method::Delete,
];

impl Method {
    /// As callers write it.
    pub(crate) fn named(name: &str) -> Option<Method> {
        METHODS.into_iter().find(|method| method.name() == name)
    }

    /// All of them, for a message.
    pub(crate) fn names() -> String {
        METHODS.map(Method::name).join(", ")
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}
