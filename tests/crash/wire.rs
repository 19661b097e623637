//! Plain HTTP/1.1 on one connection, byte by byte counted, so that a kill can strike between any two.

use serde_json::Value;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// An answer that takes longer than this ends the run.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts the bytes of all devices and kills the server after so many of them.
pub(crate) struct Meter {
    left: AtomicI64,
    process: Mutex<Option<Child>>,
}

impl Meter {
    /// Kills `process` after `bytes` bytes.
    pub(crate) fn until(bytes: u64, process: Child) -> Self {
        let left = AtomicI64::new(i64::try_from(bytes).unwrap());
        Self { left, process: Mutex::new(Some(process)) }
    }

    /// Nothing is killed.
    pub(crate) fn endless() -> Self {
        Self { left: AtomicI64::new(i64::MAX), process: Mutex::new(None) }
    }

    /// How many of `wanted` bytes may still pass; fewer than wanted for exactly those who must call
    /// [`Self::strike`] or come after it.
    fn pass(&self, wanted: usize) -> usize {
        let before = self.left.fetch_sub(i64::try_from(wanted).unwrap(), Ordering::SeqCst);
        usize::try_from(before).unwrap_or(0).min(wanted)
    }

    /// Kills the process at once (SIGKILL).
    fn strike(&self) -> Error {
        if let Some(process) = &mut *self.process.lock().unwrap() {
            process.kill().unwrap();
        }
        Error::from(ErrorKind::ConnectionAborted)
    }

    /// Waits until the killed process is gone and its files are nobody's.
    pub(crate) fn bury(&self) {
        let process = self.process.lock().unwrap().take();
        let ended = process.unwrap().wait().unwrap();
        assert_eq!(ended.code(), None, "it ended by itself: {ended}");
    }
}

/// One kept connection.
pub(crate) struct Wire<'m> {
    stream: TcpStream,
    meter: &'m Meter,
}

impl<'m> Wire<'m> {
    /// Connects.
    pub(crate) fn open(address: SocketAddr, meter: &'m Meter) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, meter })
    }

    /// Sends one request and waits for the whole answer: its status and its body.
    pub(crate) fn exchange(
        &mut self,
        what: &str,
        token: &str,
        body: Option<&str>,
    ) -> Result<(u16, Value)> {
        let mut request = format!("{what} HTTP/1.1\r\nhost: crash\r\n");
        if !token.is_empty() {
            request += &format!("authorization: Bearer {token}\r\n");
        }
        let body = body.unwrap_or_default();
        let kind = "content-type: application/json";
        request += &format!("{kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        for piece in request.as_bytes().chunks(997) {
            let allowed = self.meter.pass(piece.len());
            self.stream.write_all(&piece[..allowed])?;
            if allowed < piece.len() {
                return Err(self.meter.strike());
            }
        }
        self.answer()
    }

    fn answer(&mut self) -> Result<(u16, Value)> {
        let (mut buffer, mut head) = (Vec::new(), None);
        loop {
            let mut piece = [0_u8; 499];
            let read = match self.stream.read(&mut piece) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("no answer in time"),
                read => read?,
            };
            if read == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
            if self.meter.pass(read) < read {
                return Err(self.meter.strike());
            }
            buffer.extend_from_slice(&piece[..read]);
            if head.is_none() {
                head = buffer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
            }
            let Some(head) = head else { continue };
            let lines = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
            let length = lines.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.expect("a length").parse().unwrap();
            if buffer.len() == head + length {
                let status = lines[9..12].parse().unwrap();
                let body = serde_json::from_slice(&buffer[head..]).unwrap_or_default();
                return Ok((status, body));
            }
        }
    }
}

/// One request outside of all counting, which must succeed.
pub(crate) fn ask(address: SocketAddr, what: &str, token: &str, body: Option<&Value>) -> Value {
    let meter = Meter::endless();
    let body = body.map(Value::to_string);
    let mut wire = Wire::open(address, &meter).unwrap();
    let (status, answer) = wire.exchange(what, token, body.as_deref()).unwrap();
    assert!((200..300).contains(&status), "{what}: {status} {answer}");
    answer
}
