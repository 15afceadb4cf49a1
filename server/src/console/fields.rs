//! The fields of a form, in their order.

use app::console::field_in_language;
use domain::text::{TRANSLATIONS_MAX, Text};

/// Longest form, in bytes: two texts of the longest kind, and as many cells as a form offers.
pub const FORM_BYTES_MAX: usize = 512 * 1024;
/// Fields of one form at most; what the console's own forms offer ([`app::console`]'s scope picker) stays below it.
pub const FIELDS_MAX: usize = 8192;

/// What a form sent; browsers' line ends are made plain.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(body: &[u8]) -> Fields {
        // One more than fit, so that too many are refused and not cut.
        let pairs = form_urlencoded::parse(body).take(FIELDS_MAX + 1);
        Fields(pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    pub fn are_too_many(&self) -> bool {
        self.0.len() > FIELDS_MAX
    }

    /// The first value of this name; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value.as_str())
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
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
