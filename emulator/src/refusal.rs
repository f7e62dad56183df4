//! Why a request was not done: the service's code, its message and the HTTP status it travels with.

use std::borrow::Cow;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::task::JoinError;

use crate::store;

/// The service's error codes that the emulator answers (json-api.md §4.2).
pub mod code {
    pub const SIGNATURE_WRONG: i32 = -97;
    pub const SIGNATURE_EXPIRED: i32 = -96;
    pub const SESSION_MISSING: i32 = -95;
    pub const APPID_UNKNOWN: i32 = -82;
    pub const SIGNATURE_EMPTY: i32 = -81;
    pub const APPID_INVALID: i32 = -80;
    pub const SECRET_ID_UNKNOWN: i32 = -79;
    pub const SIGNATURE_USED: i32 = -77;
    pub const ONE_TIME_WITHOUT_FILEID: i32 = -76;
    pub const ONE_TIME_WANTED: i32 = -75;
    pub const EXPIRY_EMPTY: i32 = -74;
    pub const APPID_MISMATCH: i32 = -70;
    pub const RESUME_WITH_DATA: i32 = -65;
    pub const FILEID_MISMATCH: i32 = -63;
    pub const BUCKET_MISMATCH: i32 = -61;

    pub const BUCKET_MISSING: i32 = -133;
    pub const NOT_UTF8: i32 = -147;
    pub const NUM_TOO_SMALL: i32 = -157;
    pub const FILE_WITH_SLASH: i32 = -160;
    pub const FOLDER_WITHOUT_SLASH: i32 = -161;
    pub const PATH_EMPTY: i32 = -164;
    pub const NUM_TOO_LARGE: i32 = -165;
    pub const NOT_FOUND: i32 = -166;
    pub const SHA_INVALID: i32 = -168;
    pub const NUM_INVALID: i32 = -170;
    pub const FOLDER_NOT_EMPTY: i32 = -173;
    pub const SHA_MISMATCH: i32 = -174;
    pub const SIZE_MISMATCH: i32 = -175;
    pub const FILE_EXISTS: i32 = -177;
    pub const PATH_CONFLICT: i32 = -178;
    pub const FLAG_INVALID: i32 = -179;
    pub const PATH_INVALID: i32 = -180;
    pub const STORE_FAILED: i32 = -181;
    pub const PARAMETER_INVALID: i32 = -182;
    pub const MOVE_FAILED: i32 = -199;

    pub const SLICE_TOO_SMALL: i32 = -283;
    pub const FILE_TOO_LARGE: i32 = -285;
    pub const SESSION_MALFORMED: i32 = -286;
    pub const SESSION_UNKNOWN: i32 = -290;
    pub const COMMAND_UNKNOWN: i32 = -299;

    pub const OFFSET_INVALID: i32 = -4005;
    pub const OTHER_SHA_UNFINISHED: i32 = -4016;
    pub const SAME_FILE: i32 = -4018;

    pub const FILESIZE_MISSING: i32 = -5971;
    pub const JSON_MALFORMED: i32 = -5975;
    pub const FLAG_WITHOUT_FIELD: i32 = -5976;
    pub const SHA_MISSING: i32 = -5979;
    pub const OP_MISSING: i32 = -5980;
    pub const SESSION_OF_OTHER_PATH: i32 = -5983;
    pub const SLICE_SHA_MISMATCH: i32 = -5984;
    pub const CONTENT_MISSING: i32 = -5990;
    pub const SLICE_TOO_LARGE: i32 = -5991;
    pub const PARAMETER_MISSING: i32 = -5992;
    pub const FORM_MALFORMED: i32 = -5993;
    pub const URL_UNKNOWN: i32 = -5994;
    pub const BODY_TOO_LARGE: i32 = -5995;
    pub const METHOD_WRONG: i32 = -5996;
    pub const BODY_CUT: i32 = -5997;
    pub const SIGNATURE_MALFORMED: i32 = -5998;

    pub const DOWNLOAD_NOT_FOUND: i32 = -6101;
    pub const NOT_COMPLETE: i32 = -45062;
}

/// Messages that recordings quote; the other codes say in English what was wrong.
fn recorded_message(code: i32) -> Option<&'static str> {
    Some(match code {
        code::SIGNATURE_WRONG => "ERROR_PROXY_AUTH_FAILED",
        code::SECRET_ID_UNKNOWN => "PROXY_AUTH_SECRETID_NOEXIST",
        code::BUCKET_MISSING => "ERROR_CMD_BUCKET_NOTEXIST",
        code::FILE_EXISTS => "ERROR_CMD_COS_FILE_EXIST",
        code::PATH_CONFLICT => "ERROR_CMD_COS_PATH_CONFLICT",
        code::SAME_FILE => "ERROR_SAME_FILE_UPLOAD",
        _ => return None,
    })
}

#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: i32,
    pub message: Cow<'static, str>,
}

impl Refusal {
    /// HTTP 400, as in every recording of a v1 error (json-api.md §2.0). `message` gives way to a
    /// recorded one.
    pub fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Refusal {
            status: StatusCode::BAD_REQUEST,
            code,
            message: recorded_message(code).map_or_else(|| message.into(), Cow::Borrowed),
        }
    }

    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The emulator's own trouble (disk full, data folder gone): said on stderr too, since the
    /// person who can mend it reads that.
    pub fn fault(cause: impl std::fmt::Display) -> Self {
        eprintln!("qcos-emulator: {cause}");
        Refusal::new(code::STORE_FAILED, format!("the emulator failed: {cause}"))
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Refusal::fault(error)
    }
}

impl From<JoinError> for Refusal {
    fn from(panic: JoinError) -> Self {
        Refusal::fault(panic)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"code": self.code, "message": self.message});
        (self.status, Json(body)).into_response()
    }
}
