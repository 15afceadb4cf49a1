//! Text that people write, with optional translations, and what it may contain.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest name or title, in characters.
pub const NAME_LENGTH_MAX: usize = 200;
/// Longest text of an update, description or postmortem, in bytes. An event's body has 64 KiB in all.
pub const PROSE_BYTES_MAX: usize = 48 * 1024;
/// Longest code of a region, group or component, in characters.
pub const CODE_LENGTH_MAX: usize = 40;
/// Most translations that a text carries.
pub const TRANSLATIONS_MAX: usize = 24;

/// A text in the page's first language, with translations by BCP 47 tag. Serialised as a plain string when there is
/// no translation, else as a map whose key `default` holds the first language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Shape", into = "Shape")]
pub struct Text {
    pub default: String,
    pub translations: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Shape {
    Plain(String),
    Translated {
        default: String,
        #[serde(flatten)]
        translations: BTreeMap<String, String>,
    },
}

impl From<Shape> for Text {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Plain(default) => Text { default, translations: BTreeMap::new() },
            Shape::Translated { default, translations } => Text { default, translations },
        }
    }
}

impl From<Text> for Shape {
    fn from(text: Text) -> Self {
        if text.translations.is_empty() {
            Shape::Plain(text.default)
        } else {
            Shape::Translated { default: text.default, translations: text.translations }
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text { default: text.to_owned(), translations: BTreeMap::new() }
    }
}

impl From<String> for Text {
    fn from(default: String) -> Self {
        Text { default, translations: BTreeMap::new() }
    }
}

/// Stands in place of a text that was redacted: an annotation without content, which [`check_name`] and
/// [`check_prose`] refuse, so that nobody can write it. The words that readers see are chosen where it is shown.
pub const REDACTED: &str = "\u{FFF9}\u{FFFB}";

impl Text {
    /// In place of a text that was redacted.
    pub fn redacted() -> Self {
        REDACTED.into()
    }

    pub fn is_redacted(&self) -> bool {
        self.default == REDACTED
    }

    /// The text in the language of tag `tag` (such as `zh-CN`), or of its primary subtag, or in the first language.
    pub fn in_language(&self, tag: &str) -> &str {
        let primary = tag.split('-').next().unwrap_or(tag);
        let of_primary = |key: &&String| key.split('-').next() == Some(primary);
        self.translations
            .get(tag)
            .or_else(|| self.translations.keys().find(of_primary).and_then(|key| self.translations.get(key)))
            .unwrap_or(&self.default)
    }

    /// Whether there is a translation that [`Text::in_language`] finds for this tag.
    pub fn is_in(&self, tag: &str) -> bool {
        let primary = tag.split('-').next().unwrap_or(tag);
        self.translations.keys().any(|key| key == tag || key.split('-').next() == Some(primary))
    }

    pub fn is_empty(&self) -> bool {
        self.default.trim().is_empty()
    }

    /// Without space around, and without translations that hold nothing.
    pub fn trimmed(&self) -> Text {
        let translations = self.translations.iter().map(|(tag, text)| (tag.clone(), text.trim().to_owned()));
        let translations = translations.filter(|(_, text)| !text.is_empty()).collect();
        Text { default: self.default.trim().to_owned(), translations }
    }

    /// The first language and every translation.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default.as_str()).chain(self.translations.values().map(String::as_str))
    }
}

/// What is wrong with a name or a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("is empty")]
    Empty,
    #[error("has {actual} characters; at most {max} fit")]
    TooLong { actual: usize, max: usize },
    #[error("has {actual} bytes; at most {max} fit")]
    TooManyBytes { actual: usize, max: usize },
    #[error("holds the control character U+{0:04X} at character {1}; remove it")]
    Control(u32, usize),
    #[error("holds the invisible direction or format character U+{0:04X} at character {1}; remove it")]
    Invisible(u32, usize),
    #[error("has a line break at character {0}; a name is one line")]
    LineBreak(usize),
    #[error("`{0}` is not a code: use 1 to 40 characters of a-z, 0-9 and inner hyphens, such as `cloud-api`")]
    Code(String),
    #[error("has {0} translations; at most {TRANSLATIONS_MAX} fit")]
    Translations(usize),
    #[error("has the translation `{0}`, which is not a language tag such as `zh-CN`")]
    LanguageTag(String),
}

/// Characters that reorder or hide text (Unicode Bidi_Control and invisible format characters): a name with one of
/// them can read as another name.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

fn characters(text: &str, lines: bool) -> Result<(), TextError> {
    for (index, character) in text.chars().enumerate() {
        let line_break = matches!(character, '\n' | '\u{2028}' | '\u{2029}');
        if line_break && !lines {
            return Err(TextError::LineBreak(index + 1));
        }
        if character.is_control() && !(lines && matches!(character, '\n' | '\t')) {
            return Err(TextError::Control(character as u32, index + 1));
        }
        if is_invisible(character) {
            return Err(TextError::Invisible(character as u32, index + 1));
        }
    }
    Ok(())
}

fn translations(text: &Text) -> Result<(), TextError> {
    if text.translations.len() > TRANSLATIONS_MAX {
        return Err(TextError::Translations(text.translations.len()));
    }
    for tag in text.translations.keys() {
        let valid = (2..=35).contains(&tag.len())
            && tag.split('-').all(|part| {
                !part.is_empty() && part.len() <= 8 && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if !valid {
            return Err(TextError::LanguageTag(tag.chars().take(CODE_LENGTH_MAX).collect()));
        }
    }
    Ok(())
}

/// Checks a name or title: one line, not empty, no control, direction or invisible character.
pub fn check_name(text: &Text) -> Result<(), TextError> {
    translations(text)?;
    text.all().try_for_each(|name| {
        if name.trim().is_empty() {
            return Err(TextError::Empty);
        }
        let actual = name.chars().count();
        if actual > NAME_LENGTH_MAX {
            return Err(TextError::TooLong { actual, max: NAME_LENGTH_MAX });
        }
        characters(name, false)
    })
}

/// Checks a text of several lines (Markdown); it may be empty where the caller allows that.
pub fn check_prose(text: &Text) -> Result<(), TextError> {
    translations(text)?;
    let actual: usize = text.all().map(str::len).sum();
    if actual > PROSE_BYTES_MAX {
        return Err(TextError::TooManyBytes { actual, max: PROSE_BYTES_MAX });
    }
    text.all().try_for_each(|prose| characters(prose, true))
}

/// Checks the code of a region, group or component: what stands in addresses and in the catalog file.
pub fn check_code(code: &str) -> Result<(), TextError> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = (1..=CODE_LENGTH_MAX).contains(&code.len())
        && code.bytes().all(inner)
        && !code.starts_with('-')
        && !code.ends_with('-');
    if valid { Ok(()) } else { Err(TextError::Code(code.chars().take(CODE_LENGTH_MAX).collect())) }
}
