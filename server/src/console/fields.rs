//! The fields of a form, in their order.

use app::console::{Obstacle, field_in_language};
use domain::{
    command::Refusal,
    text::{TRANSLATIONS_MAX, Text},
};

/// Longest form, in bytes: two texts of the longest kind, and as many cells as a form offers.
pub const FORM_BYTES_MAX: usize = 512 * 1024;
/// Fields of one form at most; what the console's own forms offer ([`app::console`]'s scope picker) stays below it.
pub const FIELDS_MAX: usize = 8192;

/// What a form sent; browsers' line ends are made plain.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    held: Vec<(String, String)>,
    /// Of a session that is over.
    is_resumed: bool,
}

impl Fields {
    pub fn parse(body: &[u8]) -> Fields {
        // One more than fit, so that too many are refused and not cut.
        let pairs = form_urlencoded::parse(body).take(FIELDS_MAX + 1);
        let held = pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect();
        Fields { held, is_resumed: false }
    }

    /// The same form, sent by somebody whose session it is not: only to be shown again, whatever button was pressed.
    pub fn resumed(mut self) -> Fields {
        self.held.retain(|(name, _)| name != "do");
        self.held.push(("do".to_owned(), "edit".to_owned()));
        Fields { is_resumed: true, ..self }
    }

    /// What is said of a form that is shown again because its session is over.
    pub fn notice(&self) -> Option<Refusal> {
        self.is_resumed.then(|| Obstacle::SessionAnew.at(""))
    }

    pub fn are_too_many(&self) -> bool {
        self.held.len() > FIELDS_MAX
    }

    /// The first value of this name; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.held.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value.as_str())
    }

    /// A text in every language that was sent ([`app::console::field_in_language`]), as it was typed.
    pub fn text(&self, name: &str) -> Text {
        let prefix = field_in_language(name, "");
        let others = self.all().filter_map(|(held, value)| Some((held.strip_prefix(&prefix)?, value)));
        // One more than fit, so that too many are refused and not cut.
        let translations = others.take(TRANSLATIONS_MAX + 1).map(|(tag, text)| (tag.to_owned(), text.to_owned()));
        Text { default: self.get(name).to_owned(), translations: translations.collect() }
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.held.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
