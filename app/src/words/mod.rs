//! Every word that a page says, from the message files under `app/messages/`, one file per page and language.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the bundle of one language, and how a message is said |
//! | `headline.rs` | the page's first sentence from the facts of [`domain::headline`] |
//! | `statuses.rs` | the names of statuses, impacts and planes |
//! | `tests.rs` | both languages are complete and every message can be said |

mod headline;
mod statuses;
#[cfg(test)]
mod tests;

pub use headline::HeadlineText;

use crate::locale::Locale;
use domain::text::Text;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::OnceLock;
use unic_langid::langid;

macro_rules! sources {
    ($language:literal) => {
        &[
            include_str!(concat!("../../messages/", $language, "/access.ftl")),
            include_str!(concat!("../../messages/", $language, "/component.ftl")),
            include_str!(concat!("../../messages/", $language, "/console.ftl")),
            include_str!(concat!("../../messages/", $language, "/feed.ftl")),
            include_str!(concat!("../../messages/", $language, "/headline.ftl")),
            include_str!(concat!("../../messages/", $language, "/history.ftl")),
            include_str!(concat!("../../messages/", $language, "/home.ftl")),
            include_str!(concat!("../../messages/", $language, "/incident.ftl")),
            include_str!(concat!("../../messages/", $language, "/maintenance.ftl")),
            include_str!(concat!("../../messages/", $language, "/not-found.ftl")),
            include_str!(concat!("../../messages/", $language, "/refusal.ftl")),
            include_str!(concat!("../../messages/", $language, "/region.ftl")),
            include_str!(concat!("../../messages/", $language, "/shell.ftl")),
            include_str!(concat!("../../messages/", $language, "/status.ftl")),
            include_str!(concat!("../../messages/", $language, "/time.ftl")),
            include_str!(concat!("../../messages/", $language, "/verify.ftl")),
        ]
    };
}

const ENGLISH: &[&str] = sources!("en");
const SIMPLIFIED_CHINESE: &[&str] = sources!("zh-CN");

/// What a message's placeholders receive.
pub type Arguments<'a> = &'a [(&'a str, FluentValue<'a>)];

/// The messages of one language.
pub struct Words {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
    /// What stands in place of a text that was redacted.
    redacted: String,
}

/// A part of a message that has places for more than text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// The place of this number, in the order of the names given.
    Place(usize),
}

/// Private-use characters stand for places while a message is put together; no name or text on the page may hold
/// meaning in them.
const FIRST_PLACE: u32 = 0xE000;

/// Marks the edge of a name while a message is put together.
const EDGE: char = '\u{F8FF}';

impl Words {
    /// The words of a language, put together once in the life of the process.
    pub fn of(locale: Locale) -> &'static Words {
        static ALL: [OnceLock<Words>; 2] = [OnceLock::new(), OnceLock::new()];
        match locale {
            Locale::English => ALL[0].get_or_init(|| Words::read(locale, ENGLISH)),
            Locale::SimplifiedChinese => ALL[1].get_or_init(|| Words::read(locale, SIMPLIFIED_CHINESE)),
        }
    }

    fn read(locale: Locale, sources: &[&str]) -> Words {
        let language = match locale {
            Locale::English => langid!("en"),
            Locale::SimplifiedChinese => langid!("zh-CN"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks that isolate text of another direction are not needed by either language, and would stand in
        // titles, feeds and JSON.
        bundle.set_use_isolating(false);
        for source in sources {
            // A file with a fault gives what it has; the tests hold that there is none.
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        let mut words = Words { locale, bundle, redacted: String::new() };
        words.redacted = words.say("redacted");
        words
    }

    /// What people wrote, in this language as far as it is translated.
    pub fn text<'t>(&'t self, text: &'t Text) -> &'t str {
        if text.is_redacted() { &self.redacted } else { text.in_language(self.locale.tag()) }
    }

    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// A message without placeholders; its id where there is none, so that a fault shows without stopping a page.
    pub fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A message with its placeholders filled.
    pub fn say_with(&self, id: &str, arguments: Arguments) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut filled = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            filled.set(*name, self.with_edges(value));
        }
        let said = self.bundle.format_pattern(pattern, Some(&filled), &mut Vec::new());
        if said.contains(EDGE) { without_edges(&said) } else { said.into_owned() }
    }

    /// In Chinese a name's edges are marked, because what stands next to it decides whether a space is set.
    fn with_edges<'a>(&self, value: &FluentValue<'a>) -> FluentValue<'a> {
        match value {
            FluentValue::String(text) if self.locale == Locale::SimplifiedChinese => {
                format!("{EDGE}{text}{EDGE}").into()
            }
            other => other.clone(),
        }
    }

    /// A message in pieces, for those who put something other than text into the places of these names.
    pub fn pieces(&self, id: &str, arguments: Arguments, places: &[&str]) -> Vec<Piece> {
        let mut all = arguments.to_vec();
        for (place, index) in places.iter().zip(0..) {
            let stand_in = char::from_u32(FIRST_PLACE + index).unwrap_or_default();
            all.push((place, stand_in.to_string().into()));
        }
        let mut pieces = Vec::new();
        let mut text = String::new();
        for character in self.say_with(id, &all).chars() {
            match (character as u32).checked_sub(FIRST_PLACE).map(|index| index as usize) {
                Some(index) if index < places.len() => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(Piece::Place(index));
                }
                _ => text.push(character),
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces
    }

    /// "A, B and C".
    pub fn list(&self, items: &[String]) -> String {
        let Some((last, before)) = items.split_last() else { return String::new() };
        let Some((first, middle)) = before.split_first() else { return last.clone() };
        let start = middle.iter().fold(first.clone(), |so_far, item| {
            self.say_with("list-further", &[("before", so_far.into()), ("item", item.as_str().into())])
        });
        self.say_with("list-last", &[("before", start.into()), ("item", last.as_str().into())])
    }

    /// Sentences after one another, as the language sets them.
    pub fn sentences(&self, sentences: &[String]) -> String {
        let between = match self.locale {
            Locale::English => " ",
            Locale::SimplifiedChinese => "",
        };
        sentences.join(between)
    }
}

/// What people wrote, in the page's first language, for formats that have room for one.
pub fn first_language(text: &Text) -> &str {
    if text.is_redacted() { Words::of(Locale::default()).text(text) } else { &text.default }
}

/// What people wrote with all its translations, for formats that have room for them.
pub fn all_languages(text: &Text) -> Text {
    if !text.is_redacted() {
        return text.clone();
    }
    let [first, others @ ..] = Locale::ALL else { return text.clone() };
    let said = |locale: &Locale| Words::of(*locale).redacted.clone();
    let translations = others.iter().map(|locale| (locale.tag().to_owned(), said(locale))).collect();
    Text { default: said(first), translations }
}

/// Takes the marks away, and sets a space where Han and Latin letters or digits meet at one: "Cloud API 和 Console",
/// "广州和上海". Inside of a name nothing is changed.
fn without_edges(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at_edge = false;
    for character in text.chars() {
        if character == EDGE {
            at_edge = true;
            continue;
        }
        if at_edge && clean.chars().next_back().is_some_and(|before| wants_space(before, character)) {
            clean.push(' ');
        }
        at_edge = false;
        clean.push(character);
    }
    clean
}

fn wants_space(before: char, after: char) -> bool {
    let is_han = |character: char| matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}');
    let is_latin = |character: char| character.is_ascii_alphanumeric() || matches!(character, '\u{C0}'..='\u{24F}');
    is_han(before) && is_latin(after) || is_latin(before) && is_han(after)
}
