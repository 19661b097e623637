//! The load generator: plain blocking HTTP/1.1 on kept connections, one thread each.
//!
//! A library would cost more than the server under test. One thread a connection costs a switch a
//! request, but its latencies are those of the request and of nothing else. Both sides of a
//! comparison get the same generator, so what it costs lies on both.

use crate::report::Sample;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// An answer that takes longer than this ends the run.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much is read at once: little for the ten thousand streams, enough for a page of changes.
const CHUNK: usize = 32 * 1024;

/// One kept connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    chunk: Box<[u8]>,
}

/// What came back.
pub(crate) struct Answer<'b> {
    /// HTTP status.
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: &'b str,
    /// The body as it came over the wire.
    pub(crate) body: &'b [u8],
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096), chunk: vec![0; CHUNK].into() }
    }

    /// Sends one request and waits for the whole answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Answer<'_> {
        self.begin(request);
        self.finish()
    }

    /// Sends one request.
    pub(crate) fn begin(&mut self, request: &[u8]) {
        self.stream.write_all(request).unwrap();
    }

    /// Reads on until what came ends with `end`, and gives it.
    pub(crate) fn read_until(&mut self, end: &[u8]) -> &[u8] {
        self.buffer.clear();
        while !self.buffer.ends_with(end) {
            self.read_some();
        }
        &self.buffer
    }

    fn read_some(&mut self) {
        let read = self.stream.read(&mut self.chunk).expect("the server answers in time");
        assert!(read > 0, "the server closed the connection");
        self.buffer.extend_from_slice(&self.chunk[..read]);
    }

    /// Waits for the whole answer to the request that was sent.
    pub(crate) fn finish(&mut self) -> Answer<'_> {
        self.buffer.clear();
        let (mut head, mut missing) = (0, usize::MAX);
        while missing > 0 {
            self.read_some();
            if head == 0 {
                head = find(&self.buffer, b"\r\n\r\n").map_or(0, |at| at + 4);
            }
            if head > 0 {
                missing = missing_bytes(&self.buffer[..head], &self.buffer[head..]);
            }
        }
        let (head, body) = self.buffer.split_at(head);
        let head = std::str::from_utf8(head).unwrap();
        Answer { status: head[9..12].parse().unwrap(), head, body }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// How much of the body is still to come; for a body in chunks: whether anything is.
fn missing_bytes(head: &[u8], body: &[u8]) -> usize {
    if let Some(at) = find(head, b"content-length: ") {
        let digits = head[at + 16..].iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
        length.saturating_sub(body.len())
    } else if find(head, b"transfer-encoding: chunked").is_some() {
        usize::from(!body.ends_with(b"0\r\n\r\n"))
    } else {
        0
    }
}

/// A fixed number of requests over a fixed number of connections.
pub(crate) struct Load<'a> {
    /// Where to.
    pub(crate) address: SocketAddr,
    /// How many connections, each with one request under way.
    pub(crate) connections: usize,
    /// The status that every answer must have.
    pub(crate) status: u16,
    /// Writes the request of a connection with a running number into an empty buffer.
    pub(crate) request: &'a (dyn Fn(usize, u32, &mut Vec<u8>) + Sync),
    /// Takes note of the body of an answer to a connection, outside of the latency.
    pub(crate) learn: &'a (dyn Fn(usize, &[u8]) + Sync),
}

/// For requests that do not depend on the answers before.
pub(crate) const LEARN_NOTHING: &(dyn Fn(usize, &[u8]) + Sync) = &|_, _| ();

impl Load<'_> {
    /// Sends `requests` requests numbered from `first` on. CPU time is left for the caller.
    pub(crate) fn run(&self, first: u32, requests: u32) -> Sample {
        let (next, ready) = (AtomicU32::new(0), Barrier::new(self.connections + 1));
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections)
                .map(|number| {
                    let (next, ready) = (&next, &ready);
                    scope.spawn(move || self.one(number, first, requests, next, ready))
                })
                .collect();
            ready.wait();
            let start = Instant::now();
            let latencies = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
            let (elapsed, cpu, database_cpu) = (start.elapsed(), Duration::ZERO, Duration::ZERO);
            Sample { requests, elapsed, latencies, cpu, database_cpu }
        })
    }

    fn one(
        &self,
        number: usize,
        first: u32,
        requests: u32,
        next: &AtomicU32,
        ready: &Barrier,
    ) -> Vec<Duration> {
        let mut connection = Connection::open(self.address);
        let (mut request, mut latencies) = (Vec::with_capacity(2048), Vec::new());
        ready.wait();
        loop {
            let ticket = next.fetch_add(1, Ordering::Relaxed);
            if ticket >= requests {
                return latencies;
            }
            request.clear();
            (self.request)(number, first + ticket, &mut request);
            let start = Instant::now();
            let answer = connection.exchange(&request);
            latencies.push(start.elapsed());
            let body = || String::from_utf8_lossy(answer.body);
            assert_eq!(answer.status, self.status, "{}{}", answer.head, body());
            (self.learn)(number, answer.body);
        }
    }
}
