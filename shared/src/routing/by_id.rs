//! Things by their id: one is found at once, however many there are, and all are gone through in the order of their ids.
//!
//! A decision looks up the same conversation, queue and people again and again, so this is what its speed rests on. The
//! hash has no secret and nobody depends on its order: what iterates, iterates by id. The ids of what can be many are
//! drawn by the gateway, not by strangers, so nobody can choose ids that collide.

use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::line::{self, Line};

/// Things by their id. It is coded as a map in the order of the ids.
#[derive(Clone)]
pub(super) struct ById<K, V> {
    found: HashMap<K, V, FixedState>,
    order: Line<K>,
}

impl<K, V> Default for ById<K, V> {
    fn default() -> Self {
        Self { found: HashMap::default(), order: Line::default() }
    }
}

impl<K: Copy + Ord + Hash, V> ById<K, V> {
    /// The thing with this id.
    pub(super) fn get(&self, id: &K) -> Option<&V> {
        self.found.get(id)
    }

    /// The thing with this id, to change it.
    pub(super) fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        self.found.get_mut(id)
    }

    /// Whether there is something with this id.
    pub(super) fn contains_key(&self, id: &K) -> bool {
        self.found.contains_key(id)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Puts a thing in. Gives what had this id before.
    pub(super) fn insert(&mut self, id: K, thing: V) -> Option<V> {
        self.order.insert(id);
        self.found.insert(id, thing)
    }

    /// Takes a thing out.
    pub(super) fn remove(&mut self, id: &K) -> Option<V> {
        self.order.remove(id);
        self.found.remove(id)
    }

    /// The thing with this id; the usual one is put in if there was none.
    pub(super) fn get_or_default(&mut self, id: K) -> &mut V
    where
        V: Default,
    {
        let Self { found, order } = self;
        found.entry(id).or_insert_with(|| {
            order.insert(id);
            V::default()
        })
    }

    /// Everything, in the order of the ids.
    pub(super) fn iter(&self) -> Iter<'_, K, V> {
        Iter { order: self.order.iter(), found: &self.found, next: [None; TOGETHER], left: 0 }
    }

    /// The ids in order. The things are not looked at.
    pub(super) fn keys(&self) -> impl Iterator<Item = K> + '_ {
        self.order.iter()
    }

    /// The things in the order of their ids.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, thing)| thing)
    }

    /// Changes everything, in the order of the ids.
    pub(super) fn change_all(&mut self, mut change: impl FnMut(K, &mut V)) {
        let mut order = self.order.iter();
        loop {
            let ids: [Option<K>; TOGETHER] = core::array::from_fn(|_| order.next());
            let [Some(first), ..] = ids else { return };
            // The last ones are fewer, and looked for one by one. No id comes twice, so no two of these things are one.
            let keys = ids.map(|id| id.unwrap_or(first));
            if ids.contains(&None) {
                for id in ids.into_iter().flatten() {
                    if let Some(thing) = self.found.get_mut(&id) {
                        change(id, thing);
                    }
                }
                return;
            }
            let things = self.found.get_disjoint_mut(keys.each_ref());
            for (id, thing) in keys.into_iter().zip(things) {
                if let Some(thing) = thing {
                    change(id, thing);
                }
            }
        }
    }
}

/// How many things are looked for at once when everything is gone through. The places of ids are far from each other in
/// memory, and it answers many questions in the time of one.
const TOGETHER: usize = 8;

/// Ids and things, in the order of the ids.
pub(super) struct Iter<'things, K, V> {
    order: line::Iter<'things, K>,
    found: &'things HashMap<K, V, FixedState>,
    /// The next things, the next one last; those that are not there were given or are past the end.
    next: [Option<(&'things K, &'things V)>; TOGETHER],
    left: usize,
}

impl<'things, K: Copy + Eq + Hash, V> Iterator for Iter<'things, K, V> {
    type Item = (&'things K, &'things V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            for place in self.next.iter_mut().rev() {
                let Some(id) = self.order.next() else { break };
                *place = self.found.get_key_value(&id);
                self.left += 1;
            }
            self.next.rotate_left(TOGETHER - self.left);
        }
        self.left = self.left.checked_sub(1)?;
        self.next.get_mut(self.left)?.take()
    }
}

impl<'things, K: Copy + Ord + Hash, V> IntoIterator for &'things ById<K, V> {
    type Item = (&'things K, &'things V);
    type IntoIter = Iter<'things, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Copy + Ord + Hash, V> FromIterator<(K, V)> for ById<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(things: I) -> Self {
        let mut by_id = Self::default();
        for (id, thing) in things {
            by_id.insert(id, thing);
        }
        by_id
    }
}

impl<K: Copy + Ord + Hash, V: PartialEq> PartialEq for ById<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.found == other.found
    }
}

impl<K: Copy + Ord + Hash, V: Eq> Eq for ById<K, V> {}

impl<K: Copy + Ord + Hash + fmt::Debug, V: fmt::Debug> fmt::Debug for ById<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: Copy + Ord + Hash + Serialize, V: Serialize> Serialize for ById<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.found.len()))?;
        for (id, thing) in self {
            map.serialize_entry(id, thing)?;
        }
        map.end()
    }
}

impl<'de, K, V> Deserialize<'de> for ById<K, V>
where
    K: Copy + Ord + Hash + Deserialize<'de>,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for Entries<K, V>
where
    K: Copy + Ord + Hash + Deserialize<'de>,
    V: Deserialize<'de>,
{
    type Value = ById<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("things by their ids")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut by_id = ById::default();
        while let Some((id, thing)) = entries.next_entry()? {
            by_id.insert(id, thing);
        }
        Ok(by_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn things_by_id_are_an_ordered_map(steps in proptest::collection::vec((any::<bool>(), 0..200_u32), 0..600)) {
            let (mut by_id, mut map) = (ById::default(), BTreeMap::new());
            for (step, (put, id)) in steps.into_iter().enumerate() {
                if put {
                    prop_assert_eq!(by_id.insert(id, step), map.insert(id, step));
                } else {
                    prop_assert_eq!(by_id.remove(&id), map.remove(&id));
                }
                prop_assert_eq!(by_id.get(&id), map.get(&id));
            }
            prop_assert!(by_id.iter().eq(&map));
            by_id.change_all(|id, thing| *thing += id as usize);
            for (id, thing) in &mut map {
                *thing += *id as usize;
            }
            prop_assert!(by_id.iter().eq(&map));
        }

        #[test]
        fn things_by_id_are_coded_as_an_ordered_map(things in proptest::collection::btree_map(any::<u32>(), any::<u8>(), 0..200)) {
            let by_id: ById<_, _> = things.iter().rev().map(|(id, thing)| (*id, *thing)).collect();
            let coded = postcard::to_allocvec(&by_id).unwrap();
            prop_assert_eq!(&coded, &postcard::to_allocvec(&things).unwrap());
            prop_assert_eq!(postcard::from_bytes::<ById<u32, u8>>(&coded).unwrap(), by_id);
        }
    }

    #[test]
    fn what_was_not_there_is_put_in_as_usual() {
        let mut by_id = ById::<u32, Vec<u8>>::default();
        by_id.get_or_default(7).push(1);
        by_id.get_or_default(7).push(2);
        assert!(by_id.iter().eq([(&7, &Vec::from([1, 2]))]));
    }
}
