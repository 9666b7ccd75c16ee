//! From where a request comes, as far as the deployment can know it.

use core::net::{IpAddr, Ipv6Addr};

use super::Visit;

/// Whom limits by address count together: one IPv4 address, or the network of one IPv6 host, which has as many addresses
/// as it likes. None where the runtime does not say.
pub(super) fn of(visit: &Visit) -> Option<String> {
    let header = visit.deployment.address_header.as_deref()?;
    let value = visit.request.headers().get(header).ok().flatten()?;
    Some(network(value.trim()))
}

fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            // The last 64 bits are chosen by the host (RFC 4291 section 2.5.4).
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_header_says_is_somebody_and_always_the_same(
            header in prop_oneof!["[0-9a-f:.]{0,45}", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", ".*"],
        ) {
            let somebody = network(&header);
            prop_assert_eq!(network(&somebody), somebody);
        }
    }

    #[test]
    fn a_host_is_one_whichever_of_its_addresses_it_uses() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("unknown"), "unknown");
    }
}
