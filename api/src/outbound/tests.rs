use super::*;

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn what_the_internet_reaches_is_public() {
    for text in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "168.63.129.17",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "3fff:1000::1",
    ] {
        assert!(is_public(address(text)), "{text}");
    }
}

#[test]
fn no_special_ipv4_address_is_public() {
    for text in [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.251",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
    ] {
        assert!(!is_public(address(text)), "{text}");
    }
}

#[test]
fn no_special_ipv6_address_is_public() {
    for text in [
        "::",
        "::1",
        "100::1",
        "2001::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(address(text)), "{text}");
    }
}

#[test]
fn an_ipv4_address_inside_another_counts_as_what_it_is() {
    for (form, inner) in [
        ("::ffff:127.0.0.1", false),
        ("::ffff:10.0.0.1", false),
        ("::ffff:169.254.169.254", false),
        ("::ffff:1.1.1.1", true),
        ("64:ff9b::127.0.0.1", false),
        ("64:ff9b::192.168.1.1", false),
        ("64:ff9b::169.254.169.254", false),
        ("64:ff9b::1.1.1.1", true),
        // Translators of one's own network.
        ("64:ff9b:1::1.1.1.1", false),
        ("64:ff9b::1:101:101", false),
        // Written so before mapped addresses were.
        ("::127.0.0.1", false),
        ("::1.1.1.1", false),
    ] {
        assert_eq!(is_public(address(form)), inner, "{form}");
    }
}

#[test]
fn an_address_in_whatever_spelling_is_checked_before_anything_is_sent() {
    let outbound = Outbound::new(Reach::Public, Duration::from_secs(1)).expect("a client");
    for text in [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://%31%32%37.0.0.1/",
        "https://１２７.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[0:0:0:0:0:ffff:10.0.0.1]:8443/",
    ] {
        let url = Url::parse(text).expect("an address");
        assert_eq!(outbound.check(&url), Err(NotPublic), "{text}");
        assert!(outbound.post(url).is_err(), "{text}");
    }
    for text in ["https://1.1.1.1/", "https://[2606:4700::1]/", "https://push.example.org/"] {
        let url = Url::parse(text).expect("an address");
        assert_eq!(outbound.check(&url), Ok(()), "{text}");
    }
    let anywhere = Outbound::new(Reach::Anywhere, Duration::from_secs(1)).expect("a client");
    assert_eq!(anywhere.check(&Url::parse("http://127.0.0.1/").expect("an address")), Ok(()));
}

/// A name server that gives every name the same addresses.
struct Always(&'static [&'static str]);

impl Resolve for Always {
    fn resolve(&self, _name: Name) -> Resolving {
        let found: Vec<SocketAddr> =
            self.0.iter().map(|text| SocketAddr::new(address(text), 0)).collect();
        let found: Addrs = Box::new(found.into_iter());
        Box::pin(std::future::ready(Ok(found)))
    }
}

/// What remains of `found` within `reach`; `None` if it was refused.
fn resolved(reach: Reach, found: &'static [&'static str]) -> Option<Vec<String>> {
    let resolver = Resolver { reach, names: Arc::new(Always(found)) };
    let name = "push.example.org".parse().expect("a name");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    match runtime.block_on(resolver.resolve(name)) {
        Ok(addresses) => Some(addresses.map(|address| address.ip().to_string()).collect()),
        Err(error) => {
            assert!(error.is::<NotPublic>());
            None
        }
    }
}

#[test]
fn only_public_addresses_of_a_name_are_connected_to() {
    assert_eq!(resolved(Reach::Public, &["10.0.0.1"]), None);
    assert_eq!(resolved(Reach::Public, &["127.0.0.1", "::1", "fd00::1"]), None);
    let mixed = &["10.0.0.1", "1.1.1.1", "::ffff:127.0.0.1"];
    assert_eq!(resolved(Reach::Public, mixed), Some(vec!["1.1.1.1".to_owned()]));
    let all = Some(mixed.map(str::to_owned).to_vec());
    assert_eq!(resolved(Reach::Anywhere, mixed), all);
}

#[test]
fn a_name_without_any_address_is_not_refused_but_unknown() {
    assert_eq!(resolved(Reach::Public, &[]), Some(vec![]));
}
