//! Atom (RFC 4287).

use super::entry::{Entry, Feed};
use atom_syndication as wire;
use domain::Instant;

pub(super) fn write(feed: &Feed) -> String {
    wire::Feed {
        title: wire::Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: fixed(feed.updated),
        authors: vec![wire::Person { name: feed.author.clone(), ..wire::Person::default() }],
        links: vec![
            link("self", &feed.own_link, "application/atom+xml"),
            link("alternate", &feed.page_link, "text/html"),
        ],
        subtitle: (feed.description != feed.title).then(|| wire::Text::plain(feed.description.clone())),
        entries: feed.entries.iter().map(entry).collect(),
        lang: Some(feed.language.to_owned()),
        ..wire::Feed::default()
    }
    .to_string()
}

fn entry(entry: &Entry) -> wire::Entry {
    wire::Entry {
        title: wire::Text::plain(entry.title.clone()),
        id: entry.id.clone(),
        updated: fixed(entry.updated),
        links: vec![link("alternate", &entry.link, "text/html")],
        published: Some(fixed(entry.published)),
        content: Some(wire::Content {
            value: Some(entry.html.clone()),
            content_type: Some("html".to_owned()),
            ..wire::Content::default()
        }),
        ..wire::Entry::default()
    }
}

fn fixed(at: Instant) -> wire::FixedDateTime {
    at.fixed_offset()
}

fn link(rel: &str, href: &str, mime_type: &str) -> wire::Link {
    wire::Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        ..wire::Link::default()
    }
}
