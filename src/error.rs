//! Every failure of a call, as a value: the library's own and the service's.

use serde_json::{Map, Value};

pub(crate) type Result<T> = std::result::Result<T, Error>;

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
    /// The system gives no thread.
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
    fn name(self) -> &'static str {
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

    fn code(self) -> Option<Code> {
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

/// What a service's code says that matters here, whichever dialect it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    NotFound,
    /// The service takes no such path.
    BadPath,
    /// Something is at that place already.
    Exists,
    /// An upload of other content to that place is unfinished.
    Unfinished,
    /// The signature's time is over, perhaps because the clocks differ.
    Expired,
    /// Where to go on with an upload in slices must be asked anew.
    AskAgain,
    /// Objects come whole only.
    RangesIgnored,
    /// It is not any more what the request said it must be.
    Changed,
    /// The same request may well succeed later.
    Busy,
    /// The same, at a slower rate.
    SlowDown,
}

/// What is known of the request when it failed; it decides what may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Not a byte of the request left: trying again is always safe.
    No,
    /// Bytes left and no usable answer came: it may have been carried out.
    Unknown,
    /// The service answered.
    Answered,
}

/// How the XML API names a refusal.
#[derive(Debug, Default)]
pub(crate) struct Detail {
    /// Such as `NoSuchKey`.
    pub(crate) service_code: String,
    pub(crate) trace_id: String,
}

/// A failure. Boxed, so that results stay small.
#[derive(Debug)]
pub(crate) struct Error(Box<Failure>);

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// HTTP status; 0 when there was no HTTP reply.
    pub(crate) httpcode: u16,
    pub(crate) data: Map<String, Value>,
    pub(crate) request_id: Option<String>,
    pub(crate) sent: Sent,
    /// Requests made for the call, 0 when none was.
    pub(crate) attempts: u32,
    pub(crate) meaning: Option<Meaning>,
    /// An earlier try of the same request may have been carried out, its answer lost; this refusal
    /// may be because of that.
    pub(crate) perhaps_done: bool,
    /// What the XML API says beside its code.
    pub(crate) detail: Option<Detail>,
    /// Seconds that the service asked to be left alone (`Retry-After`).
    pub(crate) retry_after: Option<u64>,
    /// The service's clock when it answered, in Unix seconds.
    pub(crate) date: Option<u64>,
}

impl Error {
    /// A failure of the library's own; its code follows from `kind`.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Error {
        let code = kind.code().expect("a service's failure has its own code");
        Error::with_code(code.number(), kind, message.into())
    }

    /// A refusal by the service, with the code that it gave.
    pub(crate) fn service(code: i64, message: String, httpcode: u16) -> Error {
        let mut error = Error::with_code(code, Kind::Service, message);
        error.httpcode = httpcode;
        error.sent = Sent::Answered;
        error
    }

    /// A parameter that is wrong: `name` as the header spells it, `problem` as its predicate.
    pub(crate) fn parameter(name: &str, problem: impl AsRef<str>) -> Error {
        Error::new(Kind::Parameter, format!("{name}: {}", problem.as_ref()))
    }

    fn with_code(code: i64, kind: Kind, message: String) -> Error {
        Error(Box::new(Failure {
            code,
            kind,
            message,
            httpcode: 0,
            data: Map::new(),
            request_id: None,
            sent: Sent::No,
            attempts: 0,
            meaning: None,
            perhaps_done: false,
            detail: None,
            retry_after: None,
            date: None,
        }))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.kind.code().map_or("SERVICE", Code::name)
    }

    pub(crate) fn kind_name(&self) -> &'static str {
        self.kind.name()
    }

    pub(crate) fn means(&self, meaning: Meaning) -> bool {
        self.meaning == Some(meaning)
    }

    /// Whether the same call may well succeed later, with nothing changed by the caller.
    pub(crate) fn retryable(&self) -> bool {
        if self.means(Meaning::Busy) || self.means(Meaning::SlowDown) {
            return true;
        }
        match self.kind {
            Kind::Dns | Kind::Connect | Kind::Timeout | Kind::Reset | Kind::System => true,
            Kind::HttpStatus | Kind::Service | Kind::Proxy => busy_status(self.httpcode),
            // A reply cut short or mangled on its way; a redirect or a bad certificate stays.
            Kind::BadReply => matches!(self.httpcode, 200 | 206) || busy_status(self.httpcode),
            _ => false,
        }
    }

    /// Whether the service has too much to do just now, and wants to be left alone for a while.
    pub(crate) fn is_throttled(&self) -> bool {
        self.means(Meaning::SlowDown) || matches!(self.httpcode, 429 | 503)
    }

    /// A failure that shows in an answer with this HTTP status.
    pub(crate) fn answered(mut self, httpcode: u16) -> Error {
        self.httpcode = httpcode;
        self
    }

    pub(crate) fn with_data(mut self, key: &str, value: impl Into<Value>) -> Error {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

/// Statuses that ask to come back later.
fn busy_status(httpcode: u16) -> bool {
    httpcode == 429 || (500..600).contains(&httpcode)
}

impl std::ops::Deref for Error {
    type Target = Failure;
    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl std::ops::DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Failure {
        &mut self.0
    }
}
