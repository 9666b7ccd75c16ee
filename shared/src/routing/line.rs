//! A waiting line: keys in order, which also tells how many stand before one, and who stands at a given place. Everything
//! else that is kept in order is kept in one too: it is quick at its ends and takes no more room than its keys.
//!
//! It is a tree of sorted runs that carry their length. To insert, remove, count and find costs no more than the
//! logarithm of the length. Runs that become empty go; runs that become short stay, as they do in most databases: work
//! leaves a line at its head, so short runs are about to go anyway. For the same reason the first key is kept at hand,
//! and a run is a ring: to leave at its head moves no other key.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;
use core::mem;

/// How many keys or runs one node holds.
const WIDTH: usize = 64;

/// Keys in order, each once.
#[derive(Debug, Clone)]
pub(super) struct Line<K> {
    first: Option<K>,
    root: Node<K>,
}

#[derive(Debug, Clone)]
enum Node<K> {
    /// Keys, sorted.
    Run(VecDeque<K>),
    /// Nodes in the order of their keys. None is empty.
    Branch(Vec<Child<K>>),
}

#[derive(Debug, Clone)]
struct Child<K> {
    /// Its lowest key, or a lower one that was there once but is above everything in the node before.
    low: K,
    /// How many keys it holds in all.
    len: usize,
    node: Node<K>,
}

impl<K> Default for Line<K> {
    fn default() -> Self {
        Self { first: None, root: Node::Run(VecDeque::new()) }
    }
}

impl<K: Copy + Ord> Line<K> {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.root.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The lowest key.
    pub(super) fn first(&self) -> Option<K> {
        self.first
    }

    /// Puts a key where it belongs. Tells whether it is new.
    pub(super) fn insert(&mut self, key: K) -> bool {
        self.first = Some(self.first.map_or(key, |first| first.min(key)));
        // Most lines are one run.
        if let Node::Run(keys) = &mut self.root
            && keys.len() < WIDTH
        {
            return put_in(keys, key);
        }
        let (inserted, split) = self.root.insert(key);
        if let Some(upper) = split {
            let lower = mem::replace(&mut self.root, Node::Branch(Vec::with_capacity(WIDTH)));
            if let Node::Branch(children) = &mut self.root {
                children.extend(Child::of(lower));
                children.push(upper);
            }
        }
        inserted
    }

    /// Whether the key is there.
    pub(super) fn contains(&self, key: &K) -> bool {
        let mut node = &self.root;
        loop {
            match node {
                Node::Run(keys) => return place_in(keys, key).is_ok(),
                Node::Branch(children) => match children.get(child_for(children, key)) {
                    Some(child) => node = &child.node,
                    None => return false,
                },
            }
        }
    }

    /// Takes the lowest key out.
    pub(super) fn pop_first(&mut self) -> Option<K> {
        let first = self.first?;
        self.remove(&first);
        Some(first)
    }

    /// Takes a key out. Tells whether it was there.
    pub(super) fn remove(&mut self, key: &K) -> bool {
        let removed = self.root.remove(key);
        while let Node::Branch(children) = &mut self.root
            && children.len() <= 1
        {
            self.root = children.pop().map_or(Node::Run(VecDeque::new()), |only| only.node);
        }
        if self.first == Some(*key) {
            self.first = self.nth(0);
        }
        removed
    }

    /// The key before which `place` others stand.
    pub(super) fn nth(&self, mut place: usize) -> Option<K> {
        let mut node = &self.root;
        loop {
            match node {
                Node::Run(keys) => return keys.get(place).copied(),
                Node::Branch(children) => {
                    let mut found = None;
                    for child in children {
                        if place < child.len {
                            found = Some(&child.node);
                            break;
                        }
                        place -= child.len;
                    }
                    node = found?;
                }
            }
        }
    }

    /// How many keys are lower than this one, which need not be there.
    pub(super) fn count_before(&self, key: &K) -> usize {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match node {
                Node::Run(keys) => return before + keys.partition_point(|other| other < key),
                Node::Branch(children) => {
                    let place = child_for(children, key);
                    let (Some(earlier), Some(child)) = (children.get(..place), children.get(place)) else {
                        return before;
                    };
                    before += earlier.iter().map(|child| child.len).sum::<usize>();
                    node = &child.node;
                }
            }
        }
    }

    /// Puts one key in the place of another, where that may be elsewhere.
    pub(super) fn exchange(&mut self, from: &K, to: K) {
        // Often it is the only one.
        if let Node::Run(keys) = &mut self.root
            && keys.len() == 1
            && let Some(only) = keys.front_mut().filter(|only| *only == from)
        {
            *only = to;
            self.first = Some(to);
            return;
        }
        self.remove(from);
        self.insert(to);
    }

    /// All keys in order.
    pub(super) fn iter(&self) -> Iter<'_, K> {
        Iter { branches: Vec::new(), run: vec_deque::Iter::default() }.entering(&self.root)
    }

    /// The keys before which at least `place` others stand, in order.
    pub(super) fn iter_from(&self, mut place: usize) -> Iter<'_, K> {
        let mut branches = Vec::new();
        let mut node = &self.root;
        loop {
            match node {
                Node::Run(keys) => {
                    let mut run = keys.iter();
                    if let Some(last) = place.checked_sub(1) {
                        run.nth(last);
                    }
                    return Iter { branches, run };
                }
                Node::Branch(children) => {
                    let mut rest = children.iter();
                    let found = rest.by_ref().find(|child| {
                        let here = place < child.len;
                        place -= if here { 0 } else { child.len };
                        here
                    });
                    branches.push(rest);
                    let Some(child) = found else {
                        return Iter { branches, run: vec_deque::Iter::default() };
                    };
                    node = &child.node;
                }
            }
        }
    }
}

impl<K: Copy + Ord> Node<K> {
    fn len(&self) -> usize {
        match self {
            Self::Run(keys) => keys.len(),
            Self::Branch(children) => children.iter().map(|child| child.len).sum(),
        }
    }

    /// Whether the key is new, and the upper part of this node if it had to be split.
    fn insert(&mut self, key: K) -> (bool, Option<Child<K>>) {
        match self {
            Self::Run(keys) => {
                if keys.len() < WIDTH {
                    return (put_in(keys, key), None);
                }
                let Err(place) = place_in(keys, &key) else { return (false, None) };
                // Most keys come in order: then the full run stays full and a new one begins.
                let mut upper = if place == WIDTH { VecDeque::new() } else { keys.split_off(WIDTH / 2) };
                if upper.is_empty() || place > WIDTH / 2 {
                    upper.insert(place.saturating_sub(keys.len()), key);
                } else {
                    keys.insert(place, key);
                }
                (true, Child::of(Self::Run(upper)))
            }
            Self::Branch(children) => {
                let place = child_for(children, &key);
                let Some(child) = children.get_mut(place) else { return (false, None) };
                let (inserted, split) = child.node.insert(key);
                child.low = child.low.min(key);
                child.len += usize::from(inserted);
                let Some(upper) = split else { return (inserted, None) };
                child.len -= upper.len;
                if children.len() < WIDTH {
                    children.insert(place + 1, upper);
                    return (inserted, None);
                }
                let at = if place + 1 == WIDTH { WIDTH } else { WIDTH / 2 };
                let mut above = children.split_off(at);
                if place + 1 > at || above.is_empty() {
                    above.insert(place + 1 - at, upper);
                } else {
                    children.insert(place + 1, upper);
                }
                (inserted, Child::of(Self::Branch(above)))
            }
        }
    }

    fn remove(&mut self, key: &K) -> bool {
        match self {
            Self::Run(keys) => match place_in(keys, key) {
                Ok(0) => keys.pop_front().is_some(),
                Ok(place) => keys.remove(place).is_some(),
                Err(_) => false,
            },
            Self::Branch(children) => {
                let place = child_for(children, key);
                let Some(child) = children.get_mut(place) else { return false };
                if !child.node.remove(key) {
                    return false;
                }
                child.len -= 1;
                if child.len == 0 {
                    children.remove(place);
                }
                true
            }
        }
    }

    fn lowest(&self) -> Option<K> {
        match self {
            Self::Run(keys) => keys.front().copied(),
            Self::Branch(children) => children.first().map(|child| child.low),
        }
    }
}

impl<K: Copy + Ord> Child<K> {
    /// A child, unless the node is empty.
    fn of(node: Node<K>) -> Option<Self> {
        Some(Self { low: node.lowest()?, len: node.len(), node })
    }
}

/// Which child holds the key, or would. Work leaves at the head and comes at the end, so these are looked at first: a
/// search begins in the middle, which is seldom near anything that was touched lately.
fn child_for<K: Ord>(children: &[Child<K>], key: &K) -> usize {
    if children.get(1).is_none_or(|second| *key < second.low) {
        return 0;
    }
    if children.last().is_some_and(|last| last.low <= *key) {
        return children.len() - 1;
    }
    children.partition_point(|child| child.low <= *key).saturating_sub(1)
}

/// Puts a key into a run that has room. Tells whether it is new.
fn put_in<K: Ord>(keys: &mut VecDeque<K>, key: K) -> bool {
    match place_in(keys, &key) {
        Ok(_) => return false,
        Err(place) if place == keys.len() => keys.push_back(key),
        Err(place) => keys.insert(place, key),
    }
    true
}

/// Where the key is in a run, or else where it would be; at the ends first, as well.
fn place_in<K: Ord>(keys: &VecDeque<K>, key: &K) -> Result<usize, usize> {
    if keys.front() == Some(key) {
        return Ok(0);
    }
    if keys.back().is_none_or(|last| last < key) {
        return Err(keys.len());
    }
    keys.binary_search(key)
}

/// Keys in order.
pub(super) struct Iter<'line, K> {
    /// What is still to come, the nearest last.
    branches: Vec<core::slice::Iter<'line, Child<K>>>,
    run: vec_deque::Iter<'line, K>,
}

impl<'line, K> Iter<'line, K> {
    fn entering(mut self, mut node: &'line Node<K>) -> Self {
        loop {
            match node {
                Node::Run(keys) => {
                    self.run = keys.iter();
                    return self;
                }
                Node::Branch(children) => {
                    let mut rest = children.iter();
                    let Some(first) = rest.next() else { return self };
                    self.branches.push(rest);
                    node = &first.node;
                }
            }
        }
    }
}

impl<K: Copy> Iterator for Iter<'_, K> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        loop {
            if let Some(key) = self.run.next() {
                return Some(*key);
            }
            let next = loop {
                match self.branches.last_mut()?.next() {
                    Some(child) => break child,
                    None => self.branches.pop(),
                };
            };
            let branches = mem::take(&mut self.branches);
            *self = Iter { branches, run: vec_deque::Iter::default() }.entering(&next.node);
        }
    }
}

impl<K: Copy + Ord> Extend<K> for Line<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Copy + Ord> FromIterator<K> for Line<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut line = Self::default();
        line.extend(keys);
        line
    }
}

impl<'line, K: Copy + Ord> IntoIterator for &'line Line<K> {
    type Item = K;
    type IntoIter = Iter<'line, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Copy + Ord> PartialEq for Line<K> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Copy + Ord> Eq for Line<K> {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    /// Long runs of keys, so that the tree grows three levels and shrinks again.
    fn spans() -> impl Strategy<Value = Vec<(bool, u32, u32)>> {
        proptest::collection::vec((any::<bool>(), 0..9_000_u32, 1..3_000_u32), 1..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_line_is_an_ordered_set_that_counts(spans in spans()) {
            let (mut line, mut set) = (Line::default(), BTreeSet::new());
            for (put, from, many) in spans {
                for key in from..from + many {
                    // Some ascend, some are scattered.
                    let key = if from % 2 == 0 { key } else { key.wrapping_mul(7_919) % 12_000 };
                    if put {
                        prop_assert_eq!(line.insert(key), set.insert(key));
                    } else if key % 3 == 0 {
                        set.remove(&key);
                        set.insert(key + 1);
                        line.exchange(&key, key + 1);
                    } else {
                        prop_assert_eq!(line.remove(&key), set.remove(&key));
                    }
                }
                prop_assert_eq!(line.len(), set.len());
                prop_assert!(line.iter().eq(set.iter().copied()));
                prop_assert_eq!(line.first(), set.first().copied());
                for (place, key) in set.iter().enumerate().step_by(97) {
                    prop_assert_eq!(line.nth(place), Some(*key));
                    prop_assert_eq!(line.count_before(key), place);
                    prop_assert!(line.iter_from(place).take(200).eq(set.range(key..).take(200).copied()));
                }
                for key in [0, 5_000, 20_000] {
                    prop_assert_eq!(line.count_before(&key), set.range(..key).count());
                }
                prop_assert_eq!(line.nth(set.len()), None);
                prop_assert_eq!(line.iter_from(set.len()).next(), None);
                let last = set.last().copied().unwrap_or_default();
                for key in [last, last + 1, 0, 6_000] {
                    prop_assert_eq!(line.contains(&key), set.contains(&key));
                }
                prop_assert_eq!(line.pop_first(), set.pop_first());
            }
        }
    }

    #[test]
    fn the_only_key_gives_its_place_to_another() {
        let mut line = Line::default();
        line.insert(7);
        line.exchange(&7, 9);
        assert!(line.iter().eq([9]) && line.first() == Some(9));
    }

    #[test]
    fn a_line_that_grows_at_its_end_wastes_no_room() {
        let mut line = Line::default();
        for key in 0..64 * 64 {
            line.insert(key);
        }
        let Node::Branch(children) = &line.root else { panic!("a branch") };
        assert!(children.len() <= 64 && children.iter().all(|child| child.len == 64));
    }
}
