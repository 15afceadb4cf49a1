//! A text as people write it in requests and files: plain, or by language.

use domain::{
    command::{Reason, Refusal},
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The key of the page's first language.
const DEFAULT: &str = "default";

/// A text, or one text for each language with `default` for the page's first language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a text, or texts by language such as {default = \"...\", zh-CN = \"...\"}")]
pub enum Written {
    Plain(String),
    ByLanguage(BTreeMap<String, String>),
}

impl Written {
    /// The domain's text; what is missing is refused under `field`.
    pub fn text(self, field: &str, refusals: &mut Vec<Refusal>) -> Text {
        match self {
            Written::Plain(text) => text.into(),
            Written::ByLanguage(mut translations) => {
                let default = translations.remove(DEFAULT).unwrap_or_else(|| {
                    refusals.push(Reason::DefaultMissing.at(field));
                    String::new()
                });
                Text { default, translations }
            }
        }
    }
}

impl From<&Text> for Written {
    fn from(text: &Text) -> Self {
        let text = app::words::all_languages(text);
        if text.translations.is_empty() {
            return Written::Plain(text.default);
        }
        let mut all = text.translations;
        all.insert(DEFAULT.to_owned(), text.default);
        Written::ByLanguage(all)
    }
}
