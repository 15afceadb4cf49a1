//! The fold gives the same board for every order of arrival, with duplicates and with misfits mixed in.

use crate::log::*;
use domain::{
    board::Board,
    change::*,
    fold::{self, Problem, ProblemKind},
    id::*,
    status::*,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One thing that happens at one of three replicas.
#[derive(Clone, Debug)]
enum Act {
    Open(u8),
    Post {
        incident: u8,
        minute: u8,
        status: u8,
        cell: u8,
        cell_status: u8,
    },
    Edit {
        incident: u8,
        impact: u8,
    },
    Reword {
        incident: u8,
    },
    Postmortem {
        incident: u8,
    },
    RenameRegion(u8),
    RemoveComponent,
    /// Something that makes no sense about an incident.
    Misfit {
        incident: u8,
    },
    Pull {
        from: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (0..3_u8).prop_map(Act::Open),
        8 => (0..3_u8, 0..60_u8, 0..10_u8, 0..17_u8, 0..6_u8).prop_map(|(incident, minute, status, cell, cell_status)| {
            Act::Post { incident, minute, status, cell, cell_status }
        }),
        2 => (0..3_u8, 0..4_u8).prop_map(|(incident, impact)| Act::Edit { incident, impact }),
        1 => (0..3_u8).prop_map(|incident| Act::Reword { incident }),
        1 => (0..3_u8).prop_map(|incident| Act::Postmortem { incident }),
        1 => (0..17_u8).prop_map(Act::RenameRegion),
        1 => Just(Act::RemoveComponent),
        1 => (0..3_u8).prop_map(|incident| Act::Misfit { incident }),
        4 => (0..3_u8).prop_map(|from| Act::Pull { from }),
    ]
}

fn perform(replicas: &mut [Replica; 3], cloud: &Cloud, at_replica: usize, number: usize, act: &Act) {
    let ids = ["incident0000", "incident0001", "incident0002"];
    let subject = |incident: &u8| Subject::Incident(incident_id(ids[usize::from(*incident)]));
    // Clocks of the replicas differ by hours.
    let now = at("12:00") + chrono::TimeDelta::minutes(number as i64 + 180 * at_replica as i64);
    let replica = &mut replicas[at_replica];
    match act {
        Act::Open(incident) => {
            let first = post("15:00", Some(Status::Investigating), &[(cloud.console(), ComponentStatus::MajorOutage)]);
            replica.write(now, subject(incident), Change::IncidentOpened(opened(first)));
        }
        Act::Post { incident, minute, status, cell, cell_status } => {
            let cell = cloud.cell(cloud.api, REGIONS[usize::from(*cell)]);
            let scope = [(cell, ComponentStatus::ALL[usize::from(*cell_status)])];
            let status = Status::ALL.get(usize::from(*status)).copied();
            let update = post(&format!("15:{minute:02}"), status, &scope);
            replica.write(now, subject(incident), Change::UpdatePosted(update));
        }
        Act::Edit { incident, impact } => {
            let edit = IncidentEdited { impact: Some(Impact::ALL[usize::from(*impact)]), ..IncidentEdited::default() };
            replica.write(now, subject(incident), Change::IncidentEdited(edit));
        }
        Act::Reword { incident } => {
            let subject = subject(incident);
            let posted =
                replica.events.iter().find(|e| e.subject == subject && matches!(e.change, Change::UpdatePosted(_)));
            if let Some(update) = posted.map(|event| UpdateId::of_event(&event.id)) {
                let text = format!("reworded {number}").into();
                replica.write(now, subject, Change::UpdateEdited(UpdateEdited { update, at: now, text }));
            }
        }
        Act::Postmortem { incident } => {
            let text = format!("what happened {number}").into();
            replica.write(now, subject(incident), Change::PostmortemPublished(PostmortemPublished { at: now, text }));
        }
        Act::RenameRegion(region) => {
            let code = REGIONS[usize::from(*region)];
            let set = RegionSet { code: code.into(), name: format!("name {number}").into(), position: number as u32 };
            replica.write(now, Subject::Region(RegionId::of_code(code)), Change::RegionSet(set));
        }
        Act::RemoveComponent => {
            replica.write(now, Subject::Component(cloud.data[0]), Change::ComponentRemoved(Removed {}));
        }
        Act::Misfit { incident } => {
            replica.write(now, subject(incident), Change::TokenRevoked(Removed {}));
        }
        Act::Pull { from } => {
            let other = replicas[usize::from(*from)].clone();
            replicas[at_replica].pull(&other);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_order_with_duplicates_gives_the_same_board(
        acts in prop::collection::vec((0..3_usize, act()), 1..60),
        order in prop::collection::vec(any::<u32>(), 200),
        doubled in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let mut first = Replica::new(1);
        let cloud = Cloud::written(&mut first);
        let mut replicas = [first.clone(), Replica { node: NodeKey([2; 32]), ..first.clone() }, Replica { node: NodeKey([3; 32]), ..first }];
        for (number, (at_replica, act)) in acts.iter().enumerate() {
            perform(&mut replicas, &cloud, *at_replica, number, act);
        }
        let mut whole = replicas[0].clone();
        whole.pull(&replicas[1]);
        whole.pull(&replicas[2]);
        let expected = Board::of(&whole.events);

        let mut arriving = whole.events.clone();
        arriving.extend(doubled.iter().map(|index| index.get(&whole.events).clone()));
        let mut keyed: Vec<_> = arriving.into_iter().enumerate().map(|(i, event)| (order[i % order.len()], event)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let arriving: Vec<Event> = keyed.into_iter().map(|(_, event)| event).collect();
        prop_assert_eq!(&Board::of(&arriving), &expected);

        // One event at a time, as they reach a node.
        let mut board = Board::default();
        let mut held: BTreeMap<Subject, Vec<Event>> = BTreeMap::new();
        for event in arriving {
            let events = held.entry(event.subject).or_default();
            if !events.iter().any(|known| known.id == event.id) {
                *board.version.0.entry(event.node).or_default() += 1;
            }
            events.push(event.clone());
            board.put(event.subject, events);
        }
        prop_assert_eq!(&board, &expected);
        // No cell is affected by what has ended.
        for summary in board.all_newest().filter(|summary| !summary.is_open()) {
            prop_assert!(summary.spans.iter().all(|span| span.until.is_some() && span.until <= summary.ended_at));
        }
    }
}

#[test]
fn what_cannot_be_decoded_makes_the_same_board_in_whatever_order_it_is_noted() {
    let subject = Subject::Incident(IncidentId(Id::derived(&[b"held"])));
    let problem = |number: u8| Problem { event: EventId([number; 32]), reason: String::new(), kind: ProblemKind::Held };
    // Folded, they come in the order of their clocks; from an index, in the order of their ids.
    let (mut folded, mut indexed) = (Board::default(), Board::default());
    folded.put_folded(subject, fold::subject(subject, &[]).0, vec![problem(7), problem(3)]);
    indexed.put_folded(subject, fold::subject(subject, &[]).0, Vec::new());
    for number in [3, 7] {
        indexed.note_problem(subject, problem(number));
    }
    assert_eq!(folded, indexed);
}
