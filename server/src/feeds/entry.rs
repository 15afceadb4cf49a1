//! A feed as a value: what all formats say, with ids that stay for ever.
//!
//! Ids are tag URIs (RFC 4151) on the host of the page's address, as in the feeds of Statuspage, so that a reader who
//! moves from there to here sees no entry twice. An entry has one id in every feed and language.

use super::content;
use app::{
    address::{Address, FeedFormat, Selection},
    locale::Locale,
    markdown,
    words::Words,
};
use domain::{Instant, board::Board, incident::Incident};
use std::sync::Arc;

/// One incident or maintenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// The page of the timeline, absolute.
    pub link: String,
    pub title: String,
    /// The first update; never moves.
    pub published: Instant,
    /// The newest change (RFC 4287, `atom:updated`): a new update makes the entry newer, and so do a word about the past
    /// and another title or schedule; an import does not.
    pub updated: Instant,
    /// The whole timeline, newest first, as sanitised HTML.
    pub html: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub id: String,
    pub title: String,
    pub description: String,
    /// Where this very feed is.
    pub own_link: String,
    /// The page that it tells of.
    pub page_link: String,
    pub author: String,
    pub language: &'static str,
    pub updated: Instant,
    /// In the order given: newest start first.
    pub entries: Vec<Entry>,
}

impl Feed {
    pub fn new(format: FeedFormat, of: Selection, board: &Board, incidents: &[Arc<Incident>], locale: Locale) -> Feed {
        let catalog = &board.catalog;
        let (settings, words) = (&catalog.page, Words::of(locale));
        let absolute = |address: Address| format!("{}{}", settings.url, address.path(catalog, Some(locale)));
        let name = xml_text(words.text(&settings.name));
        let about = match of {
            Selection::Whole => None,
            Selection::Component(id) => catalog.component(id).map(|component| &component.name),
            Selection::Region(id) => catalog.region(id).map(|region| &region.name),
        };
        let title = match about {
            None => name.clone(),
            Some(about) => format!("{name}: {}", xml_text(words.text(about))),
        };
        let notice = settings.notice.as_ref().map(|notice| xml_text(&markdown::to_text(words.text(notice))));
        let page = match of {
            Selection::Whole => Address::Home,
            Selection::Component(id) => Address::Component(id),
            Selection::Region(id) => Address::Region(id),
        };
        // Without its extension, so that one feed has one id in every format and language.
        let path = Address::Feed(format, of).path(catalog, None);
        let place = path.strip_suffix(&format!(".{}", format.extension())).unwrap_or(&path);
        let host = settings.host();
        Feed {
            id: format!("tag:{host},2005:{place}"),
            description: notice.filter(|notice| !notice.is_empty()).unwrap_or_else(|| title.clone()),
            title,
            own_link: absolute(Address::Feed(format, of)),
            page_link: absolute(page),
            author: name,
            language: locale.tag(),
            updated: updated(board, incidents),
            entries: incidents
                .iter()
                .map(|incident| Entry {
                    id: format!("tag:{host},2005:Incident/{}", incident.id),
                    link: absolute(Address::of_timeline(incident.kind, incident.id)),
                    title: xml_text(words.text(&incident.title)),
                    published: incident.started_at,
                    updated: incident.updated_at,
                    html: xml_text(&content::timeline(board, incident, locale)),
                })
                .collect(),
        }
    }
}

/// The newest change of an entry; of a feed without one, when the page's oldest component came to be.
fn updated(board: &Board, incidents: &[Arc<Incident>]) -> Instant {
    let created = board.catalog.components.iter().map(|component| component.created_at).min();
    incidents.iter().map(|incident| incident.updated_at).max().or(created).unwrap_or_default()
}

/// Without the characters that XML 1.0 cannot hold, whichever way they came into the log (section 2.2, `Char`).
pub fn xml_text(text: &str) -> String {
    let fits = |character: &char| !matches!(character, '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    text.chars().filter(fits).collect()
}
