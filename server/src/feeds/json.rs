//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use super::entry::{Entry, Feed};
use chrono::SecondsFormat;
use domain::Instant;
use serde::Serialize;

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    description: &'a str,
    language: &'a str,
    authors: [Author<'a>; 1],
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_html: &'a str,
    date_published: String,
    date_modified: String,
}

pub(super) fn write(feed: &Feed) -> String {
    let shaped = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.page_link,
        feed_url: &feed.own_link,
        description: &feed.description,
        language: feed.language,
        authors: [Author { name: &feed.author }],
        items: feed.entries.iter().map(item).collect(),
    };
    // Text keys only: writing it cannot fail.
    serde_json::to_string(&shaped).unwrap_or_default()
}

fn item(entry: &Entry) -> Item<'_> {
    Item {
        id: &entry.id,
        url: &entry.link,
        title: &entry.title,
        content_html: &entry.html,
        date_published: shown(entry.published),
        date_modified: shown(entry.updated),
    }
}

fn shown(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
