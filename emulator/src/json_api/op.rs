//! The operations, and what each demands of its request.

use axum::http::Method;

use super::request::Params;
use crate::auth::Signature;
use crate::refusal::{Refusal, code};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Create,
    Update,
    Stat,
    Delete,
    List,
    Move,
    Upload,
    UploadSlice,
}

impl Op {
    /// Case does not matter: one SDK says `Upload` (json-api.md §2.8).
    pub fn of(params: &Params) -> Result<Op, Refusal> {
        let Some(text) = params.given("op") else {
            let message = "the parameter op is missing";
            return Err(Refusal::new(code::OP_MISSING, message));
        };
        Ok(match text.to_ascii_lowercase().as_str() {
            "create" => Op::Create,
            "update" => Op::Update,
            "stat" => Op::Stat,
            "delete" => Op::Delete,
            "list" => Op::List,
            "move" => Op::Move,
            "upload" => Op::Upload,
            "upload_slice" => Op::UploadSlice,
            _ => {
                let message = "the parameter op names no operation of files/v1";
                return Err(Refusal::new(code::COMMAND_UNKNOWN, message));
            }
        })
    }

    /// Delete and update want a one-time signature; the SDKs disagree about move (json-api.md §1.3).
    pub fn check_kind(self, signature: Option<&Signature>) -> Result<(), Refusal> {
        let is_one_time = signature.is_some_and(Signature::is_one_time);
        if matches!(self, Op::Delete | Op::Update) && !is_one_time {
            let message = "this operation needs a one-time signature";
            return Err(Refusal::new(code::ONE_TIME_WANTED, message));
        }
        Ok(())
    }

    pub fn check_method(self, method: &Method) -> Result<(), Refusal> {
        let wanted = match self {
            Op::Stat | Op::List => Method::GET,
            _ => Method::POST,
        };
        if *method == wanted {
            return Ok(());
        }
        let message = format!("this operation is a {wanted}, not a {method}");
        Err(Refusal::new(code::METHOD_WRONG, message))
    }
}
