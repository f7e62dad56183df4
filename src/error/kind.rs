//! What goes wrong, in the words of the contract: codes of the library, and kinds.

/// The library's own codes. The numbers are frozen: programs compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    LocalFile,
    Network,
    Params,
    SliceSize,
    Cancelled,
    Integrity,
    Handle,
    Internal,
}

impl Code {
    pub(crate) fn number(self) -> i64 {
        match self {
            Code::LocalFile => -1,
            Code::Network => -2,
            Code::Params => -3,
            Code::SliceSize => -4,
            Code::Cancelled => -5,
            Code::Integrity => -6,
            Code::Handle => -7,
            Code::Internal => -8,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Code::LocalFile => "QCOS_ERR_LOCAL_FILE",
            Code::Network => "QCOS_ERR_NETWORK",
            Code::Params => "QCOS_ERR_PARAMS",
            Code::SliceSize => "QCOS_ERR_SLICE_SIZE",
            Code::Cancelled => "QCOS_ERR_CANCELLED",
            Code::Integrity => "QCOS_ERR_INTEGRITY",
            Code::Handle => "QCOS_ERR_HANDLE",
            Code::Internal => "QCOS_ERR_INTERNAL",
        }
    }
}

/// What exactly went wrong: `error.kind` of a reply. Names are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    // QCOS_ERR_LOCAL_FILE
    Missing,
    Unreadable,
    NotRegular,
    NotFolder,
    Exists,
    Changed,
    Unwritable,
    DiskFull,
    // QCOS_ERR_NETWORK
    Dns,
    Connect,
    Timeout,
    Reset,
    Tls,
    Redirect,
    HttpStatus,
    BadReply,
    /// An HTTP proxy has refused.
    Proxy,
    // QCOS_ERR_INTERNAL
    /// The system gives no thread, or no memory.
    System,
    Panic,
    // the other codes have one kind each
    Parameter,
    SliceSize,
    Cancelled,
    Integrity,
    Handle,
    /// The service understood the request and refused it with a code of its own.
    Service,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::Unreadable => "unreadable",
            Kind::NotRegular => "not_regular",
            Kind::NotFolder => "not_folder",
            Kind::Exists => "exists",
            Kind::Changed => "changed",
            Kind::Unwritable => "unwritable",
            Kind::DiskFull => "disk_full",
            Kind::Dns => "dns",
            Kind::Connect => "connect",
            Kind::Timeout => "timeout",
            Kind::Reset => "reset",
            Kind::Tls => "tls",
            Kind::Redirect => "redirect",
            Kind::HttpStatus => "http_status",
            Kind::BadReply => "bad_reply",
            Kind::Proxy => "proxy",
            Kind::System => "system",
            Kind::Parameter => "parameter",
            Kind::SliceSize => "slice_size",
            Kind::Cancelled => "cancelled",
            Kind::Integrity => "integrity",
            Kind::Handle => "handle",
            Kind::Panic => "panic",
            Kind::Service => "service",
        }
    }

    pub(super) fn code(self) -> Option<Code> {
        Some(match self {
            Kind::Missing
            | Kind::Unreadable
            | Kind::NotRegular
            | Kind::NotFolder
            | Kind::Exists
            | Kind::Changed
            | Kind::Unwritable
            | Kind::DiskFull => Code::LocalFile,
            Kind::Dns
            | Kind::Connect
            | Kind::Timeout
            | Kind::Reset
            | Kind::Tls
            | Kind::Redirect
            | Kind::HttpStatus
            | Kind::BadReply
            | Kind::Proxy => Code::Network,
            Kind::Parameter => Code::Params,
            Kind::SliceSize => Code::SliceSize,
            Kind::Cancelled => Code::Cancelled,
            Kind::Integrity => Code::Integrity,
            Kind::Handle => Code::Handle,
            Kind::System | Kind::Panic => Code::Internal,
            Kind::Service => return None,
        })
    }
}
