//! Every failure of a call, as a value: the library's own and the service's.

mod kind;
pub(crate) mod service_code;

pub(crate) use kind::{Code, Kind};

use std::fmt;

use serde_json::{Map, Value};

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// What a service's code says that matters here, whichever dialect it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    NotFound,
    /// The service takes no such path.
    BadPath,
    /// Something is at that place already.
    Exists,
    /// An upload of other content to that place is unfinished.
    Unfinished,
    /// The signature's time is over, perhaps because the clocks differ.
    Expired,
    /// What it was signed with are no credentials, or none any more.
    InvalidCredentials,
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
    /// The answer ended before its end, so that nobody knows what it says.
    BrokenOff,
    /// Other bytes have arrived than were sent; the same request replaces them.
    Damaged,
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
    /// How often the request was sent that failed; 0 for what the library has found out by itself.
    pub(crate) attempts: u32,
    pub(crate) class: Option<ErrorClass>,
    /// An earlier attempt of the same request may have been carried out, its answer lost; this refusal
    /// may be because of that.
    pub(crate) maybe_applied: bool,
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

    /// What the service's NOT_FOUND means, found out by the library.
    pub(crate) fn not_found(message: impl Into<String>) -> Error {
        Error::service(service_code::NOT_FOUND, message.into(), 404).classed(ErrorClass::NotFound)
    }

    /// A conflict that the library has found out: something is at that place already.
    pub(crate) fn exists(code: i64, message: impl Into<String>) -> Error {
        Error::service(code, message.into(), 409).classed(ErrorClass::Exists)
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
            class: None,
            maybe_applied: false,
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

    pub(crate) fn is(&self, class: ErrorClass) -> bool {
        self.class == Some(class)
    }

    /// The service's own name for it, where it gives one.
    pub(crate) fn service_code(&self) -> &str {
        let detail = self.detail.as_ref();
        detail.map_or("", |detail| detail.service_code.as_str())
    }

    /// Whether the same call may well succeed later, with nothing changed by the caller.
    pub(crate) fn retryable(&self) -> bool {
        if let Some(
            ErrorClass::Busy | ErrorClass::SlowDown | ErrorClass::BrokenOff | ErrorClass::Damaged,
        ) = self.class
        {
            return true;
        }
        match self.kind {
            Kind::Dns | Kind::Connect | Kind::Timeout | Kind::Reset | Kind::System => true,
            Kind::HttpStatus | Kind::Service | Kind::Proxy => busy_status(self.httpcode),
            // A reply mangled on its way; a redirect or a bad certificate stays.
            Kind::BadReply => {
                matches!(self.httpcode, 200 | 202 | 206) || busy_status(self.httpcode)
            }
            _ => false,
        }
    }

    /// Whether the service has too much to do just now, and wants to be left alone for a while.
    pub(crate) fn is_throttled(&self) -> bool {
        self.is(ErrorClass::SlowDown) || matches!(self.httpcode, 429 | 503)
    }

    pub(crate) fn classed(mut self, class: ErrorClass) -> Error {
        self.class = Some(class);
        self
    }

    /// Nobody knows whether the request was carried out.
    pub(crate) fn unknown_outcome(mut self) -> Error {
        self.sent = Sent::Unknown;
        self
    }

    /// Content was changed on its way.
    pub(crate) fn damaged(mut self) -> Error {
        self.sent = Sent::Answered;
        self.classed(ErrorClass::Damaged)
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Error {
        self.request_id = request_id;
        self
    }

    /// Says before the message what was being done.
    pub(crate) fn context(mut self, doing: impl fmt::Display) -> Error {
        self.message = format!("{doing}: {}", self.message);
        self
    }

    /// Says after the message what may help.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Error {
        self.message = format!("{}; {hint}", self.message);
        self
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name(), self.code, self.message)
    }
}

impl std::error::Error for Error {}

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
