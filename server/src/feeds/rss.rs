//! RSS 2.0, with Atom's self link as the RSS Advisory Board's profile asks.

use super::entry::{Entry, Feed};
use rss as wire;
use std::collections::BTreeMap;
use wire::extension::{Extension, ExtensionMap};

/// How long a reader may keep the feed before it asks again, in minutes. Updates are worth most while they are new.
const TTL_MINUTES: u32 = 5;

/// The namespace of the self link.
const ATOM: &str = "http://www.w3.org/2005/Atom";

pub(super) fn write(feed: &Feed) -> String {
    wire::Channel {
        title: feed.title.clone(),
        link: feed.page_link.clone(),
        description: feed.description.clone(),
        language: Some(feed.language.to_owned()),
        pub_date: Some(feed.updated.to_rfc2822()),
        last_build_date: Some(feed.updated.to_rfc2822()),
        ttl: Some(TTL_MINUTES.to_string()),
        items: feed.entries.iter().map(item).collect(),
        extensions: own_link(&feed.own_link),
        namespaces: [("atom".to_owned(), ATOM.to_owned())].into(),
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

/// `<atom:link rel="self">`.
fn own_link(href: &str) -> ExtensionMap {
    let attributes = [("href", href), ("rel", "self"), ("type", "application/rss+xml")];
    let link = Extension {
        name: "atom:link".to_owned(),
        value: None,
        attrs: attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        children: BTreeMap::new(),
    };
    [("atom".to_owned(), [("link".to_owned(), vec![link])].into())].into()
}
