//! The catalog as a whole: what is refused, and that applying it twice changes nothing.

use crate::log::at;
use domain::{
    board::Board,
    catalog::dependency_circle,
    command::{Command, Refusal, catalog::*, plan},
    status::Plane,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn component(code: &str, depends_on: &[&str]) -> WantedComponent {
    WantedComponent {
        id: None,
        code: code.into(),
        name: code.into(),
        description: None,
        group: None,
        plane: Plane::Control,
        regions: WantedRegions::All,
        depends_on: depends_on.iter().map(|code| (*code).to_owned()).collect(),
        since: None,
    }
}

fn wanted(components: Vec<WantedComponent>) -> Wanted {
    let region = |code: &str| WantedEntry { code: code.into(), name: code.into() };
    Wanted { page: None, regions: vec![region("east"), region("west")], groups: vec![], components }
}

fn refusals(wanted: Wanted) -> Vec<Refusal> {
    plan(&Board::default(), None, Command::ApplyCatalog(wanted), at("12:00")).expect_err("refused")
}

#[test]
fn a_circle_is_refused_and_written_out() {
    let refused = refusals(wanted(vec![
        component("cloud-api", &["containers"]),
        component("containers", &["registry"]),
        component("registry", &["cloud-api"]),
    ]));
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].what, "the dependencies close a circle: cloud-api -> containers -> registry -> cloud-api");
}

#[test]
fn unknown_repeated_and_malformed_names_are_refused_where_they_stand() {
    let mut strange = component("a", &["nowhere"]);
    strange.regions = WantedRegions::These(vec!["south".into()]);
    strange.group = Some("none".into());
    let fields: Vec<String> = refusals(wanted(vec![strange, component("a", &[]), component("B C", &[])]))
        .into_iter()
        .map(|refusal| refusal.field)
        .collect();
    for field in [
        "component.code",
        "component.name",
        "component[0].regions",
        "component[0].group",
        "component[0].depends_on",
        "component[2].code",
    ] {
        assert!(fields.iter().any(|found| found == field), "{field} in {fields:?}");
    }
}

#[test]
fn applying_twice_changes_nothing_and_removing_is_planned() {
    use domain::{change::*, id::*};
    let mut board = Board::default();
    let first = wanted(vec![component("api", &[]), component("console", &["api"])]);
    let mut replica = crate::log::Replica::new(1);
    for (subject, change) in plan(&board, None, Command::ApplyCatalog(first.clone()), at("12:00")).expect("fine") {
        replica.write(at("12:00"), subject, change);
    }
    board = Board::of(&replica.events);
    let again = plan(&board, None, Command::ApplyCatalog(first), at("13:00")).expect("fine");
    assert_eq!(again, []);
    let fewer =
        plan(&board, None, Command::ApplyCatalog(wanted(vec![component("api", &[])])), at("13:00")).expect("fine");
    let removed = (Subject::Component(ComponentId::of_code("console")), Change::ComponentRemoved(Removed {}));
    assert_eq!(fewer, [removed]);
}

#[test]
fn what_depends_on_the_api_is_proposed() {
    let mut replica = crate::log::Replica::new(1);
    let cloud = crate::log::Cloud::written(&mut replica);
    let board = Board::of(&replica.events);
    let proposed = board.catalog.dependents(&[cloud.api]);
    assert_eq!(proposed.len(), 6, "the console and five services, and nothing of the data plane");
    assert!(cloud.data.iter().all(|id| !proposed.contains(id)));
}

proptest! {
    #[test]
    fn a_circle_is_found_exactly_when_one_closes(edges in prop::collection::vec((0..8_u8, 0..8_u8), 0..20)) {
        let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (from, to) in &edges {
            needs.entry(from.to_string()).or_default().push(to.to_string());
        }
        // By reachability, the slow way.
        let mut reach = [[false; 8]; 8];
        edges.iter().for_each(|(from, to)| reach[usize::from(*from)][usize::from(*to)] = true);
        for through in 0..8 { for from in 0..8 { for to in 0..8 {
            reach[from][to] |= reach[from][through] && reach[through][to];
        }}}
        let closes = (0..8).any(|node| reach[node][node]);
        let circle = dependency_circle(&needs);
        prop_assert_eq!(circle.is_some(), closes);
        if let Some(circle) = circle {
            prop_assert_eq!(circle.first(), circle.last());
            for pair in circle.windows(2) {
                prop_assert!(needs[&pair[0]].contains(&pair[1]));
            }
        }
    }
}
