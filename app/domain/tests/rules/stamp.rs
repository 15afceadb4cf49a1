//! What a stamp says of time, and of other regions.

use crate::log::at;
use chrono::TimeDelta;
use domain::{
    Instant,
    stamp::{Freshness, Heard, Silent, Stamp},
};

fn heard(region: &str, at: Instant) -> Option<Heard> {
    Some(Heard { region: region.to_owned(), at })
}

fn silent(region: &str, as_of: Option<Instant>) -> Silent {
    Silent { region: region.to_owned(), as_of }
}

#[test]
fn a_lone_node_is_never_cut_off() {
    let now = at("16:00");
    for age in [0, 59, 60, 6000] {
        assert!(!Stamp::new(now - TimeDelta::seconds(age), now, "Guangzhou").is_cut_off());
    }
}

#[test]
fn a_node_with_peers_is_cut_off_once_none_was_heard_within_the_amber_bound() {
    let now = at("16:00");
    let with = |heard| Stamp::new(now, now, "Guangzhou").with_peers(2, Vec::new(), heard);
    assert!(with(None).is_cut_off(), "not heard since the start");
    for (age, is_cut_off) in [(0, false), (59, false), (60, true), (6000, true)] {
        let stamp = with(heard("Shanghai", now - TimeDelta::seconds(age)));
        assert_eq!(stamp.is_cut_off(), is_cut_off, "{age}");
    }
    let fresh = with(heard("Shanghai", now));
    assert!(fresh.told_at(now + TimeDelta::seconds(60)).is_cut_off(), "by the clock alone");
}

#[test]
fn news_of_every_region_are_older_than_the_confirmation_by_any_of_them() {
    let (now, before) = (at("16:00"), at("15:40"));
    let lone = Stamp::new(now, now, "Guangzhou");
    assert_eq!(lone.whole_at(), Some(now));
    let with = |silences| lone.clone().with_peers(2, silences, heard("Shanghai", now)).whole_at();
    assert_eq!(with(Vec::new()), Some(now - TimeDelta::seconds(60)), "known to the amber bound alone");
    assert_eq!(with(vec![silent("Tokyo", Some(before))]), Some(before));
    assert_eq!(with(vec![silent("Nanjing", None), silent("Tokyo", Some(before))]), None, "not since the start");
}

#[test]
fn told_later_a_stamp_is_older_and_the_same_otherwise() {
    let now = at("16:00");
    let stamp = Stamp::with_bounds(now, now, "Guangzhou".to_owned(), 10, 20).with_peers(
        2,
        vec![silent("Tokyo", None), silent("Shanghai", Some(now))],
        heard("Nanjing", now),
    );
    assert_eq!(stamp.silent[0].region, "Shanghai", "sorted by region");
    for (seconds, freshness) in
        [(9, Freshness::Fresh), (10, Freshness::Amber), (19, Freshness::Amber), (20, Freshness::Grey)]
    {
        let later = now + TimeDelta::seconds(seconds);
        assert_eq!(stamp.told_at(later), Stamp { now: later, freshness, ..stamp.clone() });
    }
}

#[test]
fn the_digest_of_regions_moves_with_what_pages_say_and_not_with_each_round() {
    let now = at("16:00");
    let round = |seconds: i64, silences: Vec<Silent>| {
        let at = now + TimeDelta::seconds(seconds);
        Stamp::new(at, at, "Guangzhou").with_peers(3, silences, heard("Nanjing", at))
    };
    let first = round(0, Vec::new());
    let same = round(5, Vec::new());
    assert_eq!(first.regions_digest(), same.regions_digest());
    assert!(first.reads_like(&same));
    let trembling = |ms| round(60, vec![silent("Shanghai", Some(now + TimeDelta::milliseconds(ms)))]);
    assert!(trembling(999).reads_like(&trembling(1001)), "the same silence, told from two ages");
    let fell_silent = round(60, vec![silent("Shanghai", Some(now))]);
    let another = round(60, vec![silent("Tokyo", Some(now))]);
    let longer = round(60, vec![silent("Shanghai", None)]);
    let cut_off = first.told_at(now + TimeDelta::seconds(90));
    let all = [&first, &fell_silent, &another, &longer, &cut_off];
    for (number, one) in all.iter().enumerate() {
        for other in &all[number + 1..] {
            assert_ne!(one.regions_digest(), other.regions_digest(), "{one:?} {other:?}");
            assert!(!one.reads_like(other), "{one:?} {other:?}");
        }
    }
    // Names and times are told apart, not only their bytes in a row.
    let one = round(0, vec![silent("ab", None), silent("c", None)]);
    let other = round(0, vec![silent("a", None), silent("bc", None)]);
    assert_ne!(one.regions_digest(), other.regions_digest());
}
