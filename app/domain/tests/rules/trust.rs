//! Whose events count: tables of small stories, and random ones in random orders.

use domain::{
    change::*,
    id::*,
    trust::{Held, Member, Trust},
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn key(node: u8) -> NodeKey {
    NodeKey([node; 32])
}

fn member(node: u8) -> Member {
    Member { key: key(node), name: format!("node {node}"), region: String::new(), address: String::new() }
}

fn event(number: u64, signer: u8, clock: u64, about: u8, change: Change) -> Event {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.to_be_bytes());
    Event {
        id: EventId(id),
        node: key(signer),
        hlc: Hlc(clock),
        subject: Subject::Node(NodeId::of_key(&key(about))),
        parents: Vec::new(),
        author: Author::default(),
        change,
    }
}

/// Who signed when, about whom, and what: `None` trusts, a clock removes.
type Said = (u8, u64, u8, Option<u64>);

/// What it is about, the seeds, what is said, and who is trusted then.
type Case = (&'static str, &'static [u8], &'static [Said], &'static [u8]);

fn events(said: &[Said]) -> Vec<Event> {
    let one = |(number, (signer, clock, about, up_to)): (u64, &Said)| {
        let change = match up_to {
            None => Change::NodeTrusted(NodeTrusted {
                key: key(*about),
                name: format!("node {about}"),
                region: String::new(),
                address: String::new(),
            }),
            Some(up_to) => Change::NodeRemoved(NodeRemoved { key: key(*about), up_to: Hlc(*up_to) }),
        };
        event(number, *signer, *clock, *about, change)
    };
    (0..).zip(said).map(one).collect()
}

fn trusted(trust: &Trust) -> Vec<u8> {
    trust.members().map(|member| member.key.0[0]).collect()
}

#[test]
fn trust_spreads_from_the_seeds_and_a_removal_wins() {
    let cases: &[Case] = &[
        ("seeds alone", &[1, 2], &[], &[1, 2]),
        ("a seed trusts another, which trusts a third", &[1], &[(1, 10, 2, None), (2, 20, 3, None)], &[1, 2, 3]),
        ("the word of a stranger counts for nothing", &[1], &[(9, 10, 2, None), (9, 10, 1, Some(0))], &[1]),
        ("strangers that trust each other stay strangers", &[1], &[(8, 1, 9, None), (9, 1, 8, None)], &[1]),
        ("a removal wins over the configuration", &[1, 2], &[(1, 10, 2, Some(5))], &[1]),
        ("and over a later word of trust", &[1], &[(1, 1, 2, None), (1, 10, 2, Some(5)), (1, 20, 2, None)], &[1]),
        ("and over one by another node", &[1, 3], &[(1, 10, 2, Some(5)), (3, 20, 2, None)], &[1, 3]),
        ("whom the removed one trusted before stays", &[1, 2], &[(2, 4, 3, None), (1, 10, 2, Some(5))], &[1, 3]),
        ("whom it trusted past that does not", &[1, 2], &[(2, 6, 3, None), (1, 10, 2, Some(5))], &[1]),
        (
            "nor does a removal by the removed one count",
            &[1, 2, 3],
            &[(1, 10, 2, Some(5)), (2, 6, 3, Some(0))],
            &[1, 3],
        ),
        ("one that it signed before does", &[1, 2, 3], &[(1, 10, 2, Some(5)), (2, 4, 3, Some(0))], &[1]),
        ("two that remove each other are both out", &[1, 2, 3], &[(1, 10, 2, Some(5)), (2, 10, 1, Some(5))], &[3]),
        ("a circle of three", &[1, 2, 3, 4], &[(1, 9, 2, Some(5)), (2, 9, 3, Some(5)), (3, 9, 1, Some(5))], &[4]),
        ("a node may remove itself", &[1, 2], &[(2, 10, 2, Some(9))], &[1]),
        ("a rotated key", &[1, 2], &[(2, 10, 3, None), (3, 11, 2, Some(10))], &[1, 3]),
        (
            "a removal that was signed past its signer's own counts no longer",
            &[1, 2, 3],
            &[(1, 20, 2, Some(10)), (2, 15, 1, Some(0)), (3, 30, 1, Some(5))],
            &[2, 3],
        ),
    ];
    for (name, seeds, said, expected) in cases {
        let seeds: Vec<Member> = seeds.iter().map(|node| member(*node)).collect();
        assert_eq!(trusted(&Trust::of(&seeds, &events(said))), *expected, "{name}");
    }
}

#[test]
fn what_a_removed_node_signed_counts_up_to_its_removal() {
    let trust = Trust::of(&[member(1), member(2)], &events(&[(1, 10, 2, Some(5)), (1, 11, 2, Some(7))]));
    assert_eq!(trust.held(&key(2), Hlc(5)), None, "of two removals the earlier");
    assert_eq!(trust.held(&key(2), Hlc(6)), Some(Held::Removed));
    assert_eq!(trust.held(&key(1), Hlc(u64::MAX)), None);
    assert_eq!(trust.held(&key(3), Hlc(0)), Some(Held::Untrusted));
    assert_eq!(trust.known(&key(2)), Some(&member(2)), "its name is still known");
}

#[test]
fn a_statement_about_another_node_than_its_subject_says_counts_for_nothing() {
    let mut events = events(&[(1, 10, 2, None), (1, 11, 3, Some(0))]);
    events[0].subject = Subject::Node(NodeId::of_key(&key(3)));
    events[1].subject = Subject::Page;
    assert_eq!(trusted(&Trust::of(&[member(1), member(3)], &events)), [1, 3]);
}

#[test]
fn the_configuration_says_how_a_node_is_reached_and_else_the_newest_statement() {
    let at = |address: &str| NodeTrusted {
        key: key(2),
        name: "b".to_owned(),
        region: "r".to_owned(),
        address: address.to_owned(),
    };
    let said = |number, clock, address| event(number, 1, clock, 2, Change::NodeTrusted(at(address)));
    let events = [said(0, 20, "new:1"), said(1, 10, "old:1")];
    let address = |seeds: &[Member]| Trust::of(seeds, &events).known(&key(2)).map(|member| member.address.clone());
    assert_eq!(address(&[member(1)]).as_deref(), Some("new:1"));
    let configured = Member { address: "configured:1".to_owned(), ..member(2) };
    assert_eq!(address(&[member(1), configured]).as_deref(), Some("configured:1"));
}

/// The rules word by word and without cleverness: which removals stand is found by trying, from the weakest claim on.
fn is_consistent(trust: &Trust, seeds: &[Member], said: &[Event]) -> Result<(), String> {
    // Every known key has a reason that ends in a seed.
    let mut reached: BTreeSet<NodeKey> = seeds.iter().map(|member| member.key).collect();
    loop {
        let more = said.iter().find_map(|event| match &event.change {
            Change::NodeTrusted(trusted)
                if reached.contains(&event.node)
                    && trust.held(&event.node, event.hlc) != Some(Held::Removed)
                    && !reached.contains(&trusted.key) =>
            {
                Some(trusted.key)
            }
            _ => None,
        });
        match more {
            Some(key) => drop(reached.insert(key)),
            None => break,
        }
    }
    let known: BTreeSet<NodeKey> = said
        .iter()
        .map(|event| event.node)
        .chain(seeds.iter().map(|member| member.key))
        .filter(|key| trust.known(key).is_some())
        .collect();
    if !known.is_subset(&reached) {
        return Err(format!("{known:?} are known, {reached:?} can be"));
    }
    // A removal by a node that nobody cut off before it stands.
    let cut: BTreeMap<NodeKey, Hlc> = trust.removed().map(|(key, up_to)| (*key, up_to)).collect();
    for event in said {
        if let Change::NodeRemoved(removed) = &event.change
            && trust.admits(&event.node, event.hlc)
            && cut.get(&removed.key).is_none_or(|up_to| *up_to > removed.up_to)
        {
            return Err(format!("{event:?} was passed over"));
        }
    }
    // And each that stands was signed by somebody who was trusted once.
    for (key, up_to) in cut {
        let says_so = |event: &&Event| event.change == Change::NodeRemoved(NodeRemoved { key, up_to });
        let once: Vec<Event> =
            said.iter().filter(|event| matches!(event.change, Change::NodeTrusted(_))).cloned().collect();
        let ever = Trust::of(seeds, &once);
        if !said.iter().filter(says_so).any(|event| ever.is_trusted(&event.node)) {
            return Err(format!("nobody could remove {key}"));
        }
    }
    Ok(())
}

fn any_said() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec((0..6_u8, 0..12_u64, 0..6_u8, prop::option::of(0..12_u64)), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn trust_does_not_depend_on_the_order_or_on_repetition(
        (said, shuffled) in any_said().prop_flat_map(|said| {
            let numbered: Vec<Event> = events(&said);
            let twice = [numbered.clone(), numbered.clone()].concat();
            (Just(numbered), Just(twice).prop_shuffle())
        }),
        seeds in prop::collection::btree_set(0..6_u8, 0..3),
    ) {
        let mut seeds: Vec<Member> = seeds.into_iter().map(member).collect();
        let trust = Trust::of(&seeds, &said);
        seeds.reverse();
        prop_assert_eq!(&trust, &Trust::of(&seeds, &shuffled));
        prop_assert_eq!(is_consistent(&trust, &seeds, &said), Ok(()));
    }

    #[test]
    fn one_more_removal_by_an_untouched_seed_takes_exactly_its_target_out(said in any_said(), target in 1..6_u8) {
        // Nobody speaks of node 0 but as a signer.
        let said: Vec<Said> = said.into_iter().filter(|(_, _, about, _)| *about != 0).collect();
        let with = [said, vec![(0, 100, target, Some(0))]].concat();
        let trust = Trust::of(&[member(0)], &events(&with));
        prop_assert!(trust.is_trusted(&key(0)));
        prop_assert!(!trust.is_trusted(&key(target)));
        prop_assert_eq!(trust.held(&key(target), Hlc(1)), Some(Held::Removed));
    }
}
