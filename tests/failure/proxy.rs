//! A way to the database that breaks at the worst moment: when a commit has been sent, and before its
//! answer comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::spawn;

/// A way that swallows the answers of commits as often as it was told to.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    swallow: Arc<AtomicUsize>,
}

impl Proxy {
    /// A way to `target`.
    pub(crate) fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, swallow: Arc::default() };
        let running = proxy.clone();
        spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(target) else { continue };
                running.clone().join(client, server);
            }
        });
        proxy
    }

    /// Swallows the answers of the next `times` commits, and breaks their connections.
    pub(crate) fn swallow(&self, times: usize) {
        self.swallow.store(times, Ordering::SeqCst);
    }

    /// How many are still to be swallowed.
    pub(crate) fn left(&self) -> usize {
        self.swallow.load(Ordering::SeqCst)
    }

    fn join(self, client: TcpStream, server: TcpStream) {
        let cut = Arc::new(AtomicUsize::new(0));
        let (from, to, watched) =
            (client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::clone(&cut));
        spawn(move || {
            pass(from, to, |bytes| {
                let commit = bytes.windows(7).any(|word| word == b"COMMIT\0");
                if commit && self.take() {
                    watched.store(1, Ordering::SeqCst);
                }
                true
            });
        });
        spawn(move || pass(server, client, |_| cut.load(Ordering::SeqCst) == 0));
    }

    fn take(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        self.swallow.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }
}

/// Passes bytes on as long as both ends and `go_on` want it.
fn pass(mut from: TcpStream, mut to: TcpStream, mut go_on: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && go_on(&buffer[..read])
        && to.write_all(&buffer[..read]).is_ok()
    {}
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
