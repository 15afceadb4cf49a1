//! RSS 2.0, with Atom's self link as the RSS Advisory Board's profile asks.

use super::entry::{Entry, Feed};
use rss as wire;
use wire::extension::atom;

/// How long a reader may keep the feed before it asks again, in minutes. Updates are worth most while they are new.
const TTL_MINUTES: u32 = 5;

pub(super) fn write(feed: &Feed) -> String {
    let own_link = atom::Link {
        href: feed.own_link.clone(),
        rel: "self".to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..atom::Link::default()
    };
    wire::Channel {
        title: feed.title.clone(),
        link: feed.page_link.clone(),
        description: feed.description.clone(),
        language: Some(feed.language.to_owned()),
        pub_date: Some(feed.updated.to_rfc2822()),
        last_build_date: Some(feed.updated.to_rfc2822()),
        ttl: Some(TTL_MINUTES.to_string()),
        items: feed.entries.iter().map(item).collect(),
        atom_ext: Some(atom::AtomExtension { links: vec![own_link] }),
        ..wire::Channel::default()
    }
    .to_string()
}

/// The date is the newest update's: RSS has one date only, and readers show what is newer.
fn item(entry: &Entry) -> wire::Item {
    wire::Item {
        title: Some(entry.title.clone()),
        link: Some(entry.link.clone()),
        description: Some(entry.html.clone()),
        guid: Some(wire::Guid { value: entry.id.clone(), permalink: false }),
        pub_date: Some(entry.updated.to_rfc2822()),
        ..wire::Item::default()
    }
}
