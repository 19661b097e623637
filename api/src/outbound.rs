//! Requests to addresses that a client chose: a push service, the target of a webhook.
//!
//! Whoever may name an address could turn this server against the network that it stands in: its own
//! other ports, a database beside it, the metadata service of a cloud. So a name is resolved here, and
//! only those of its addresses are connected to that the whole internet may reach; what was checked is
//! what is connected to, so a name that changes its mind in between gains nothing. No redirect is
//! followed, no proxy asked (it would resolve the name anew), and answers are read up to a limit.
//!
//! **Must never** say to whoever chose the address what was found there: it would be a map of the
//! network.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Answers are read up to this many bytes; real ones have some hundred.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// For so long a connection without work is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// On a connection with work, so often is asked whether the other side still lives; it has
/// [`CONNECT_TIMEOUT`] to answer.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Only to addresses that the whole internet may reach.
    #[default]
    Public,
    /// Also to this machine and to private networks: for tests, and where one's own services are.
    Anywhere,
}

/// The address is not one that the whole internet may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not a public one")]
pub struct NotPublic;

/// Makes requests within its reach. Shared by reference; connections are kept and used again.
#[derive(Debug)]
pub struct Outbound {
    http: reqwest::Client,
    reach: Reach,
}

impl Outbound {
    /// One whose requests end after `timeout`, the answer included. It connects when it is first used.
    ///
    /// # Errors
    /// The library for TLS cannot be used.
    pub fn new(reach: Reach, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .dns_resolver(Resolver { reach, names: Arc::new(SystemNames) })
            .no_proxy()
            .redirect(Policy::none())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Self { http, reach })
    }

    /// How far requests may go.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// A POST to `url`. Whether its name has a public address turns out when the request is sent:
    /// see [`is_refusal`].
    ///
    /// # Errors
    /// [`NotPublic`] if `url` itself holds an address that is out of reach.
    pub fn post(&self, url: Url) -> Result<RequestBuilder, NotPublic> {
        self.check(&url)?;
        Ok(self.http.post(url))
    }

    /// Whether `url` may be within reach, as far as it can be told without asking a name server.
    ///
    /// # Errors
    /// [`NotPublic`] if it holds an address that is not.
    pub fn check(&self, url: &Url) -> Result<(), NotPublic> {
        let host = url.host_str().unwrap_or_default();
        // Addresses are not resolved, so the resolver does not see them.
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) if !self.reach.holds(address) => Err(NotPublic),
            _ => Ok(()),
        }
    }
}

impl Reach {
    fn holds(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }
}

/// Whether a request failed because no address of its name was within reach.
#[must_use]
pub fn is_refusal(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The body of an answer. What is longer than any honest answer is cut.
///
/// # Errors
/// The connection broke, or the time was up.
pub async fn read_bounded(response: Response) -> Result<Vec<u8>, reqwest::Error> {
    read_up_to(response, MAX_ANSWER_BYTES).await
}

/// The first `limit` bytes of the body of an answer. No more is read.
///
/// # Errors
/// As [`read_bounded`].
pub async fn read_up_to(mut response: Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if body.len() == limit {
            break;
        }
    }
    Ok(body)
}

/// Whether the whole internet may reach `address`: none of the special-purpose blocks of IANA
/// (RFC 6890 and what was registered since), and no way around them through an address in an address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The blocks that are not public, each with the bits that all of it share.
const SPECIAL_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared between the customers of a provider.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Metadata services answer at 168.63.129.16, which looks public, in one cloud, and in the others
    // at 169.254.169.254.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved, broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let shares = |(block, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= *bits
    };
    !SPECIAL_V4.iter().any(shares)
}

/// What of the addresses in use (`2000::/3`) is not public: protocols with Teredo and documentation,
/// 6to4, documentation.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

const IN_USE_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Translated into the IPv4 address at its end (RFC 6052). In a network that has IPv6 only, this is
/// how the rest of the internet is reached.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

fn is_public_v6(address: Ipv6Addr) -> bool {
    let shares = |(block, bits): &(Ipv6Addr, u32)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= *bits
    };
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    if shares(&NAT64) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    shares(&IN_USE_V6) && !SPECIAL_V6.iter().any(shares)
}

/// Gives of the addresses of a name those within reach.
struct Resolver {
    reach: Reach,
    names: Arc<dyn Resolve>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach, self.names.resolve(name));
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            let (within, beyond): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|address| reach.holds(address.ip()));
            if within.is_empty() && !beyond.is_empty() {
                return Err(NotPublic.into());
            }
            let within: Addrs = Box::new(within.into_iter());
            Ok(within)
        })
    }
}

/// What the operating system says of a name.
struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Addrs = Box::new(found.collect::<Vec<_>>().into_iter());
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests;
