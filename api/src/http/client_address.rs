//! Where a request comes from, past the proxies that the operator trusts.
//!
//! **Must never** believe a header that somebody else than a trusted proxy may have written.

use crate::app::AppState;
use crate::error::ApiError;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};
use ipnet::IpNet;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that a request comes from. `X-Forwarded-For` is read from its end: each entry was added by
/// whoever stands behind it, so it is believed as long as those are trusted.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let texts: Vec<&str> =
        headers.get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    let mut nearest = peer;
    for entry in texts.iter().rev().flat_map(|text| text.rsplit(',')) {
        let Some(address) = parse(entry.trim()) else { return nearest };
        nearest = address;
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

/// An address, with or without brackets and a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// The address of a request's client.
#[must_use]
pub fn of(peer: Option<std::net::SocketAddr>, headers: &HeaderMap, state: &AppState) -> IpAddr {
    // A socket that is gone has no address; its answer goes nowhere.
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |socket| socket.ip());
    let address = client_address(peer, headers, &state.trusted_proxies);
    if address == peer && headers.contains_key(FORWARDED_FOR) && is_near(peer) {
        state.unheeded_proxy.call_once(|| {
            tracing::warn!(
                "X-Forwarded-For comes from {peer}, which AFTERVIEW_TRUSTED_PROXIES does not name: \
                 all clients behind it share one rate"
            );
        });
    }
    address
}

/// Whether an address is one of this machine or of a private network, as proxies have.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Somebody at the door, who is not signed in: within the rate of sign-ups and sign-ins.
#[derive(Debug, Clone, Copy)]
pub struct Visitor;

impl FromRequest for Visitor {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = request.app_data::<web::Data<AppState>>() else {
            return ready(Err(ApiError::internal("the application state is missing")));
        };
        let address = of(request.peer_addr(), request.headers(), state);
        ready(state.rates.door(address).map(|standing| {
            super::middleware::note(request, standing);
            Self
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let name = HeaderName::from_static(FORWARDED_FOR);
            headers.append(name, HeaderValue::from_str(value).expect("plain"));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("a net")).collect();
        client_address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_header_is_believed_from_trusted_proxies_only_and_from_its_end() {
        let proxies = ["127.0.0.1/32", "10.0.0.0/8"];
        for (peer, forwarded, trusted, expected) in [
            ("192.0.2.1", &["198.51.100.7"][..], &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], &proxies, "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &["junk, 198.51.100.7, 10.1.2.3"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &["198.51.100.7, junk, 10.1.2.3"], &proxies, "10.1.2.3"),
            ("127.0.0.1", &["10.9.9.9, 10.1.2.3"], &proxies, "10.9.9.9"),
            ("127.0.0.1", &["[2001:db8::7]:4711"], &proxies, "2001:db8::7"),
            ("127.0.0.1", &["198.51.100.7:4711"], &proxies, "198.51.100.7"),
            ("::ffff:127.0.0.1", &["198.51.100.7"], &proxies, "198.51.100.7"),
            ("127.0.0.1", &[""], &proxies, "127.0.0.1"),
            ("127.0.0.1", &[], &proxies, "127.0.0.1"),
        ] {
            assert_eq!(seen(peer, forwarded, trusted), expected, "{peer} {forwarded:?}");
        }
    }
}
