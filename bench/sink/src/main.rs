//! A COS service that keeps nothing but sizes and CRC64s, so that what is measured against it is the
//! client. It believes every signature. See bench/README.md.

mod congestion;
mod connection;
mod control;
mod digest;
mod form;
mod json_api;
mod limit;
mod link;
mod reply;
mod route;
mod store;
mod wire;
mod xml_api;

use std::net::TcpListener;
use std::process::exit;
use std::sync::Arc;
use std::thread;

use connection::Connection;
use limit::Limit;
use link::{Direction, Line};
use store::Store;
use wire::Tls;

const USAGE: &str = "\
usage: cos-sink [--listen ADDRESS] [--rtt-ms MS] [--window BYTES] [--slow-start] [--loss N]
                [--cap BYTES_PER_S] [--requests-per-s N] [--tls CERTIFICATE KEY]

  --listen ADDRESS  where to listen; default 127.0.0.1:0, any free port
  --rtt-ms MS       answers as over a line of this round-trip time; default 0
  --window BYTES    at most so much of a connection is under way on that line, in each direction;
                    default 4194304, what Linux lets a socket's send buffer grow to (tcp_wmem)
  --slow-start      a connection begins with ten segments under way, and twice as many each round trip
  --loss N          one segment in N is lost, which halves what may be under way
  --cap BYTES_PER_S what all connections together carry, in each direction
  --requests-per-s N
                    refuses more than so many with SlowDown; bursts of a second are taken
  --tls CERTIFICATE KEY
                    PEM files: speaks https with them, where it was built with the feature tls

Prints one line, 'listening on http://ADDRESS', when it is ready.";

/// A thread's needs are small; a thousand connections come at once.
const STACK_BYTES: usize = 256 << 10;

fn main() {
    let (address, line, limit, tls) = options();
    let listener = TcpListener::bind(&address).unwrap_or_else(|e| fail(&format!("{address}: {e}")));
    if !line.is_plain() {
        wire::small_buffers(&listener).unwrap_or_else(|e| fail(&format!("{address}: {e}")));
    }
    let bound = listener.local_addr().expect("it is bound");
    println!("listening on {}://{bound}", tls.scheme());
    let store = Arc::new(Store::default());
    let limit = Arc::new(limit);
    let [up, down] = [line.bottleneck(), line.bottleneck()];
    for (number, stream) in (0..).zip(listener.incoming()) {
        // One that was reset before it was accepted is nobody's problem.
        let Ok(stream) = stream else { continue };
        let (store, limit, tls) = (Arc::clone(&store), Arc::clone(&limit), tls.clone());
        let ways = [(&up, 2 * number), (&down, 2 * number + 1)];
        let ways = ways.map(|(narrow, number)| Direction::new(&line, narrow.clone(), number));
        let serve = move || {
            let wire = tls.accept(stream);
            if let Ok(mut connection) = wire.map(|wire| Connection::new(wire, ways)) {
                while route::serve(&mut connection, &store, &limit).unwrap_or(false) {}
            }
        };
        let started = thread::Builder::new().stack_size(STACK_BYTES).spawn(serve);
        started.unwrap_or_else(|e| fail(&format!("no thread for a connection: {e}")));
    }
}

fn options() -> (String, Line, Limit, Tls) {
    let mut address = "127.0.0.1:0".to_owned();
    let mut line = Line::default();
    let mut limit = Limit::default();
    let mut tls = Tls::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| fail(USAGE));
        match option.as_str() {
            "--listen" => address = value(),
            "--rtt-ms" => line.set_rtt_ms(number(&value())),
            "--window" => line.window = number(&value()).max(1),
            "--slow-start" => line.slow_start = true,
            "--loss" => line.loss = number(&value()),
            "--cap" => line.cap = number(&value()),
            "--requests-per-s" => limit = Limit::new(number(&value())),
            "--tls" => {
                let (certificate, key) = (value(), value());
                tls = Tls::new(&certificate, &key).unwrap_or_else(|e| fail(&e));
            }
            _ => fail(USAGE),
        }
    }
    (address, line, limit, tls)
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| fail(USAGE))
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    exit(2);
}
