//! Faults on request, for tests of clients: rules say which requests are treated badly, and how.

mod act;
mod endpoint;
mod falsify;
mod fields;
mod kinds;
mod late;
mod log;
mod parse;
mod raw;
mod rule;
mod script;
mod sniff;
mod spelling;
mod stale;
mod state;
mod tamper;
mod target;
mod tee;
mod wire;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;

use crate::route::dispatch;
use crate::service::Service;
use act::Hit;
pub use state::Faults;
use target::Target;
use tee::Tee;
pub use wire::{Control, Wire};

/// Every request goes through here.
pub async fn answer(service: Arc<Service>, faults: Arc<Faults>, mut request: Request) -> Response {
    let own = request.uri().path().strip_prefix("/_emulator/");
    if let Some(path) = own.map(str::to_owned) {
        return endpoint::answer(&service, &faults, &path, request).await;
    }
    let control = request.extensions_mut().remove::<Arc<Control>>();
    let target = Arc::new(Target::of(&service, &request));
    stale::observe(&faults.hidden, &service, &target, request.headers()).await;
    let (parts, body) = request.into_parts();
    let mut tee = Tee::new(body);
    let number = control.as_ref().map(|control| control.number);
    let (entry, _in_flight) = faults.log.begin(number, &target, &tee.seen);
    if faults.must_know_op(&target) {
        tee.read_ahead_for_op().await;
    }
    let fault = faults.choose(&target, &tee);
    let (Some((rule, fault)), Some(control)) = (fault, control.clone()) else {
        let response = dispatch(service, Request::from_parts(parts, Body::new(tee))).await;
        entry.answered(response.status().as_u16());
        if let Some(control) = control.filter(|_| target.is_xml) {
            control.respell();
        }
        return response;
    };
    entry.hit(rule);
    let hit = Hit {
        service,
        faults,
        target,
        control,
        entry,
        parts,
        tee,
        stale_reads: 0,
    };
    hit.suffer(fault).await
}
