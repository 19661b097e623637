//! `afterview health`: is the server on this machine ready?
//!
//! For containers and supervisors, which have no other program at hand that could ask.
//!
//! **Must never** open the database itself: a second process on a SQLite file would answer for itself and
//! not for the server.

use super::CliError;
use crate::config::Config;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long the server may take to let us in, and to say each part of its answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Where the status is in the first line of an answer: behind `HTTP/1.1 `.
const STATUS: std::ops::Range<usize> = 9..12;

/// Asks the server of these settings whether it is ready, and says so on `out`.
///
/// # Errors
/// [`CliError::Unready`] when it is not, does not answer within three seconds, or is not there.
pub fn run(config: &Config, out: &mut impl Write) -> Result<(), CliError> {
    let address = from_here(config.listen);
    let url = format!("http://{address}/readyz");
    match ask(address) {
        Ok(status) if status == "200" => Ok(writeln!(out, "ready: {url}")?),
        Ok(status) => Err(CliError::Unready(format!("{url} says {status}"))),
        Err(error) => Err(CliError::Unready(format!("{url}: {error}"))),
    }
}

/// Where a server that listens there is reached from this machine.
fn from_here(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        named => named,
    };
    SocketAddr::new(address, listen.port())
}

/// The status of the answer. Its words are left unread.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let question = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(question.as_bytes())?;
    let mut head = [0; STATUS.end];
    stream.read_exact(&mut head).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => io::Error::new(io::ErrorKind::TimedOut, "no answer in time"),
        _ => error,
    })?;
    Ok(head.get(STATUS).map(String::from_utf8_lossy).unwrap_or_default().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        for (listen, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("192.0.2.1:8080", "192.0.2.1:8080"),
        ] {
            let listen = listen.parse().expect("an address");
            assert_eq!(from_here(listen).to_string(), asked);
        }
    }
}
