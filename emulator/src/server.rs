//! Connections: taking them, bounding them, and letting them end.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{self, State};
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::DATE;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::clock::http_date;
use crate::faults::{self, Faults, Wire};
use crate::service::Service;
use crate::tls::{Secure, Stream};

/// Request line and headers together.
const MAX_HEAD: usize = 64 << 10;
/// For the head of a request, and between two of them on one connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long requests in flight may go on after a stop was asked for.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves until `stop` is ready, then lets the requests in flight finish. With an acceptor, connections may
/// come over TLS.
pub async fn serve(
    (listener, acceptor): (TcpListener, Option<TlsAcceptor>),
    service: Service,
    faults: Faults,
    stop: impl Future<Output = ()>,
) {
    let state = (Arc::new(service), Arc::new(faults));
    let routes = Router::new().fallback(answer).with_state(state);
    let connections = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let acceptor = acceptor.clone();
                let connection = take(stream, acceptor, routes.clone(), connections.watcher());
                // Its errors are the client's going away.
                tokio::spawn(async move { drop(connection.await) });
            }
            Err(error) => {
                // Out of descriptors, mostly: some are given back in a moment.
                eprintln!("qcos-emulator: cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, connections.shutdown())
        .await
        .is_err()
    {
        eprintln!("qcos-emulator: stopped with requests unfinished");
    }
}

async fn answer(
    State((service, faults)): State<(Arc<Service>, Arc<Faults>)>,
    request: extract::Request,
) -> Response {
    let mut response = faults::answer(Arc::clone(&service), faults, request).await;
    // Clients that mind the clock read it here; it may be set by --now.
    if let Ok(date) = http_date(service.clock.now()).parse() {
        response.headers_mut().insert(DATE, date);
    }
    response
}

async fn take(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    routes: Router,
    watcher: Watcher,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    // Small replies must not wait for the acknowledgement of the last.
    let _ = stream.set_nodelay(true);
    let stream = Stream::accept(stream, acceptor.as_ref()).await?;
    let secure = stream.is_tls().then_some(Secure);
    let wire = Wire::new(stream);
    let control = wire.control();
    let routes = TowerToHyperService::new(routes);
    // Whoever handles a request can reach for its connection.
    let routes = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&control));
        secure.map(|secure| request.extensions_mut().insert(secure));
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .auto_date_header(false) // the service's own clock makes it
        .serve_connection(TokioIo::new(wire), routes);
    watcher.watch(connection).await?;
    Ok(())
}
