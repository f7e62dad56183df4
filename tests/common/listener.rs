//! A service that answers with exactly the bytes a test wants, and keeps what it was sent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Received {
    /// Method and target, such as `GET /files/v1/… HTTP/1.1`.
    pub line: String,
    /// Names in lower case, in their order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }
}

pub struct Listener {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

impl Listener {
    /// `answer` gets each request and its number, from 0, and what it returns is sent as it is;
    /// then the connection is closed.
    pub fn answering(
        answer: impl Fn(usize, &Received) -> Vec<u8> + Send + Sync + 'static,
    ) -> Listener {
        Listener::with_connections(move |stream, received| {
            let Some(request) = read_request(stream) else {
                return;
            };
            let number = {
                let mut received = received.lock().unwrap();
                received.push(request.clone());
                received.len() - 1
            };
            let _ = stream.write_all(&answer(number, &request));
            // Wait for the client to close, lest unread data turn the close into a reset.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        })
    }

    /// Answers every request with this JSON.
    pub fn replying(json: &'static str) -> Listener {
        Listener::answering(move |_, _| http(200, json))
    }

    /// `serve` does as it likes with each connection, one thread each.
    pub fn with_connections(
        serve: impl Fn(&mut TcpStream, &Mutex<Vec<Received>>) + Send + Sync + 'static,
    ) -> Listener {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (kept, counted) = (received.clone(), connections.clone());
        let serve = Arc::new(serve);
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                *counted.lock().unwrap() += 1;
                let (serve, kept) = (serve.clone(), kept.clone());
                thread::spawn(move || serve(&mut stream, &kept));
            }
        });
        Listener {
            url,
            received,
            connections,
        }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

/// A complete reply.
pub fn http(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads the head of a request; `None` when the client is gone.
pub fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Reads one request with a Content-Length or without a body; `None` when the client is gone.
pub fn read_request(stream: &mut impl Read) -> Option<Received> {
    let head = read_head(stream)?;
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|l| {
            let (name, value) = l.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        })
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Received {
        line,
        headers,
        body,
    })
}

/// # Safety
///
/// `value` must be of the option's type.
pub unsafe fn set_socket_option<T>(stream: &TcpStream, option: libc::c_int, value: &T) {
    // SAFETY: an open socket; the caller has the option's type.
    let set = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    assert_eq!(set, 0);
}
