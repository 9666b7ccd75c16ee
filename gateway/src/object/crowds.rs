//! How many there are from each address, where addresses are known.

use std::collections::BTreeMap;

/// How many there are from each address.
#[derive(Default)]
pub(super) struct Crowds(BTreeMap<String, usize>);

impl Crowds {
    /// One more from there.
    pub(super) fn add(&mut self, address: Option<&str>) {
        let Some(address) = address else { return };
        match self.0.get_mut(address) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(address.to_owned(), 1)),
        }
    }

    /// One less from there.
    pub(super) fn remove(&mut self, address: Option<&str>) {
        let Some(address) = address else { return };
        match self.0.get_mut(address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.0.remove(address)),
        }
    }

    /// How many are from there. Where no address is known, nobody is counted.
    pub(super) fn of(&self, address: Option<&str>) -> usize {
        address.and_then(|address| self.0.get(address)).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_counted_by_itself_and_forgotten_with_its_last() {
        let mut crowds = Crowds::default();
        for address in [Some("a"), Some("b"), Some("a"), None] {
            crowds.add(address);
        }
        assert_eq!((crowds.of(Some("a")), crowds.of(Some("b")), crowds.of(None)), (2, 1, 0));
        crowds.remove(Some("a"));
        crowds.remove(Some("b"));
        crowds.remove(Some("b"));
        crowds.remove(None);
        assert_eq!((crowds.of(Some("a")), crowds.of(Some("b"))), (1, 0));
        crowds.remove(Some("a"));
        assert!(crowds.0.is_empty());
    }
}
