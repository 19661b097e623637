//! The load generator: plain blocking HTTP/1.1 on kept connections, one thread each.
//!
//! A library would cost more than the server under test. One thread a connection costs a switch a
//! request, but its latencies are those of the request and of nothing else. Both sides of a
//! comparison get the same generator, so what it costs lies on both.

use crate::report::Sample;
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// An answer that takes longer than this ends the run.
const PATIENCE: Duration = Duration::from_secs(60);

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

impl Answer<'_> {
    /// What a header says, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body without the marks of its chunks.
    pub(crate) fn content(&self) -> Vec<u8> {
        if self.header("transfer-encoding") != Some("chunked") {
            return self.body.to_vec();
        }
        let (mut content, mut rest) = (Vec::new(), self.body);
        while let Some(end) = find(rest, b"\r\n") {
            let length = std::str::from_utf8(&rest[..end]).unwrap();
            let length = usize::from_str_radix(length, 16).unwrap();
            content.extend_from_slice(&rest[end + 2..end + 2 + length]);
            rest = &rest[(end + length + 4).min(rest.len())..];
        }
        content
    }
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::try_open(address).expect("the server listens")
    }

    /// The same where the server may be gone.
    pub(crate) fn try_open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096), chunk: vec![0; CHUNK].into() })
    }

    /// Sends one request and waits for the whole answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Answer<'_> {
        self.try_exchange(request).expect("the server answers in time")
    }

    /// The same where the server may be killed meanwhile.
    pub(crate) fn try_exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.try_finish()
    }

    /// Sends one request.
    pub(crate) fn begin(&mut self, request: &[u8]) {
        self.stream.write_all(request).unwrap();
    }

    /// Reads on until what came ends with `end`, and gives it.
    pub(crate) fn read_until(&mut self, end: &[u8]) -> &[u8] {
        self.buffer.clear();
        while !self.buffer.ends_with(end) {
            self.read_some().expect("the server answers in time");
        }
        &self.buffer
    }

    fn read_some(&mut self) -> Result<()> {
        let read = self.stream.read(&mut self.chunk)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&self.chunk[..read]);
        Ok(())
    }

    /// Waits for the whole answer to the request that was sent.
    pub(crate) fn finish(&mut self) -> Answer<'_> {
        self.try_finish().expect("the server answers in time")
    }

    fn try_finish(&mut self) -> Result<Answer<'_>> {
        self.buffer.clear();
        let (mut head, mut missing) = (0, usize::MAX);
        while missing > 0 {
            self.read_some()?;
            if head == 0 {
                head = find(&self.buffer, b"\r\n\r\n").map_or(0, |at| at + 4);
            }
            if head > 0 {
                missing = missing_bytes(&self.buffer[..head], &self.buffer[head..]);
            }
        }
        let (head, body) = self.buffer.split_at(head);
        let head = std::str::from_utf8(head).unwrap();
        Ok(Answer { status: head[9..12].parse().unwrap(), head, body })
    }
}

/// Where a text stands, in lower case or upper.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
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
    /// The status that the answer to the request of a running number must have.
    pub(crate) status: &'a (dyn Fn(u32) -> u16 + Sync),
    /// Writes the request of a connection with a running number into an empty buffer.
    pub(crate) request: &'a (dyn Fn(usize, u32, &mut Vec<u8>) + Sync),
    /// Takes note of the body of the answer to the request of a connection and a number, outside of
    /// the latency.
    pub(crate) learn: &'a (dyn Fn(usize, u32, &[u8]) + Sync),
}

/// For requests that do not depend on the answers before.
pub(crate) const LEARN_NOTHING: &(dyn Fn(usize, u32, &[u8]) + Sync) = &|_, _, _| ();

/// How many requests, and when.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    /// The number of the first.
    pub(crate) first: u32,
    /// The most of them.
    pub(crate) requests: u32,
    /// None is begun later than this.
    pub(crate) end: Option<Duration>,
    /// Request n is due n times this after the begin, whatever became of those before, and its latency
    /// counts from then. Without it, a connection sends the next one as soon as it has an answer.
    pub(crate) every: Option<Duration>,
}

impl Load<'_> {
    /// Sends `requests` requests numbered from `first` on. CPU time is left for the caller.
    pub(crate) fn run(&self, first: u32, requests: u32) -> Sample {
        self.take(Turn { first, requests, end: None, every: None })
    }

    /// Sends the requests of a turn. CPU time is left for the caller.
    pub(crate) fn take(&self, turn: Turn) -> Sample {
        let (next, ready) = (AtomicU32::new(0), Barrier::new(self.connections + 1));
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections)
                .map(|number| {
                    let (next, ready) = (&next, &ready);
                    scope.spawn(move || self.one(number, turn, next, ready))
                })
                .collect();
            ready.wait();
            let start = Instant::now();
            let latencies: Vec<_> =
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
            let requests = u32::try_from(latencies.len()).unwrap();
            let (elapsed, cpu, database_cpu) = (start.elapsed(), Duration::ZERO, Duration::ZERO);
            Sample { requests, elapsed, latencies, cpu, database_cpu }
        })
    }

    fn one(&self, number: usize, turn: Turn, next: &AtomicU32, ready: &Barrier) -> Vec<Duration> {
        let mut connection = Connection::open(self.address);
        let (mut request, mut latencies) = (Vec::with_capacity(2048), Vec::new());
        ready.wait();
        let begin = Instant::now();
        loop {
            let ticket = next.fetch_add(1, Ordering::Relaxed);
            if ticket >= turn.requests || turn.end.is_some_and(|end| begin.elapsed() > end) {
                return latencies;
            }
            request.clear();
            let running = turn.first + ticket;
            (self.request)(number, running, &mut request);
            let start = match turn.every {
                Some(every) => wait_until(begin + every * ticket),
                None => Instant::now(),
            };
            let answer = connection.exchange(&request);
            latencies.push(start.elapsed());
            let body = || String::from_utf8_lossy(answer.body);
            assert_eq!(answer.status, (self.status)(running), "{}{}", answer.head, body());
            (self.learn)(number, running, answer.body);
        }
    }
}

/// The moment that was waited for, which may have been before.
fn wait_until(moment: Instant) -> Instant {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
    moment
}
