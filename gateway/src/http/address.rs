//! From where a request comes, as far as the deployment can know it.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::Visit;

/// Whom limits by address count together: one IPv4 address, or the network of one IPv6 site, which has as many addresses
/// as it likes. None where the runtime does not say.
pub(super) fn of(visit: &Visit) -> Option<String> {
    let header = visit.deployment.address_header.as_deref()?;
    let value = visit.request.headers().get(header).ok().flatten()?;
    network(&value)
}

/// What the proxy in front says. Of a list only the end is its word: a proxy appends from where a request came to it, and what
/// stands before that anybody can have written. What is no address is nobody's: else whoever makes words up has an allowance
/// for each of them.
fn network(value: &str) -> Option<String> {
    let last = value.rsplit(',').next()?.trim();
    Some(match address(last)?.to_canonical() {
        IpAddr::V6(address) => {
            // A household is usually given 56 bits, and whoever has them chooses the others (RFC 6177 section 2).
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0).to_string()
        }
        IpAddr::V4(address) => address.to_string(),
    })
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip())).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_header_says_is_an_address_and_always_the_same_or_nobody(
            header in prop_oneof!["[0-9a-f:.,]{0,45}", "[0-9]{1,3}(\\.[0-9]{1,3}){3}(:[0-9]{1,5})?", ".*"],
        ) {
            if let Some(somebody) = network(&header) {
                prop_assert!(somebody.parse::<IpAddr>().is_ok(), "{somebody}");
                prop_assert_eq!(network(&somebody), Some(somebody));
            }
        }

        #[test]
        fn what_a_visitor_has_written_before_it_changes_nothing_of_what_the_proxy_says(invented in ".*") {
            let says = "192.0.2.7";
            prop_assert_eq!(network(&format!("{invented}, {says}")), network(says));
        }
    }

    #[test]
    fn a_site_is_one_whichever_of_its_addresses_it_uses() {
        let same = |one: &str, other: &str| network(one).unwrap() == network(other).unwrap();
        assert!(same("2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::2"));
        assert!(same("2001:db8:1:200::1", "2001:db8:1:2ff::1"), "a household's networks");
        assert!(!same("2001:db8:1:200::1", "2001:db8:1:300::1"));
        assert!(!same("192.0.2.7", "192.0.2.8"));
        assert_eq!(network("::ffff:192.0.2.7").as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn an_address_is_found_alone_in_brackets_or_with_a_port_and_all_else_is_nobody() {
        for (header, found) in [
            ("192.0.2.7", Some("192.0.2.7")),
            (" 192.0.2.7 ", Some("192.0.2.7")),
            ("192.0.2.7:4711", Some("192.0.2.7")),
            ("2001:db8::1", Some("2001:db8::")),
            ("[2001:db8::1]", Some("2001:db8::")),
            ("[2001:db8::1]:4711", Some("2001:db8::")),
            ("r123, 192.0.2.7", Some("192.0.2.7")),
            ("192.0.2.9,192.0.2.7", Some("192.0.2.7")),
            ("192.0.2.7, r123", None),
            ("192.0.2.7,", None),
            ("for=192.0.2.7", None),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(network(header).as_deref(), found, "{header}");
        }
    }
}
