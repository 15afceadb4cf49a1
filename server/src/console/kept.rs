//! A form that was sent when its session was over: its fields travel through signing in, in a hidden field of each step,
//! and are shown again in the form that they were typed into. Nothing is done with them before that.

use super::{
    fields::{FORM_BYTES_MAX, Fields},
    sign_in::own,
};
use app::console::WRITER;
use axum::http::Uri;
use data_encoding::BASE64URL_NOPAD;

/// Longest word, in bytes: a form as browsers write it, in base64url.
const WORD_BYTES_MAX: usize = FORM_BYTES_MAX / 3 * 4 + 4;
/// Longest form that carries another with it, in bytes: that one, and what signing in asks for.
pub const CARRYING_BYTES_MAX: usize = WORD_BYTES_MAX + 16 * 1024;

/// Between the address and the fields, within the word.
const BETWEEN: u8 = b'\n';
/// The key of the session that is over, and what the pressed button asked for.
const LEFT: [&str; 2] = ["form_key", "do"];

/// A form that is kept.
pub struct Kept {
    /// Where it was sent.
    pub action: String,
    pub fields: Fields,
}

impl Kept {
    /// A form as one word; `None` for one that nobody wrote in, that no person has sent, or that no browser wrote: bytes that
    /// are no text grow.
    pub fn word(uri: &Uri, fields: &Fields) -> Option<String> {
        if fields.get(WRITER).is_empty() || is_preview(fields) {
            return None;
        }
        let mut word = action(uri).as_bytes().to_vec();
        word.push(BETWEEN);
        let typed = fields.all().filter(|(name, _)| !LEFT.contains(name));
        word.extend(form_urlencoded::Serializer::new(String::new()).extend_pairs(typed).finish().into_bytes());
        Some(BASE64URL_NOPAD.encode(&word)).filter(|word| word.len() <= WORD_BYTES_MAX)
    }

    /// `None` for what no [`Kept::word`] is.
    pub fn read(word: &str) -> Option<Kept> {
        let word = BASE64URL_NOPAD.decode(word.as_bytes()).ok()?;
        let between = word.iter().position(|byte| *byte == BETWEEN)?;
        let (action, fields) = (std::str::from_utf8(&word[..between]).ok()?, &word[between + 1..]);
        (own(action) == action).then(|| Kept { action: action.to_owned(), fields: Fields::parse(fields) })
    }
}

/// Asked by a script, while somebody types.
pub fn is_preview(fields: &Fields) -> bool {
    fields.get("do") == "preview"
}

fn action(uri: &Uri) -> &str {
    uri.path_and_query().map_or(super::BASE, |asked| asked.as_str())
}

/// The page with the form that is sent there.
pub fn page_of(uri: &Uri) -> &str {
    let action = action(uri);
    action.strip_suffix("/updates").unwrap_or(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_through_signing_in_as_it_was_typed() {
        let uri: Uri = "/admin/templates?edit=abc".parse().expect("an address");
        let typed = "form_key=secret&by=wei&text=a%26b%3Dc%0A%E5%8F%98&text.zh-CN=%3C&do=set";
        let word = Kept::word(&uri, &Fields::parse(typed.as_bytes())).expect("kept");
        let kept = Kept::read(&word).expect("as it was");
        assert_eq!(kept.action, "/admin/templates?edit=abc");
        let fields: Vec<(&str, &str)> = kept.fields.all().collect();
        assert_eq!(fields, [("by", "wei"), ("text", "a&b=c\n变"), ("text.zh-CN", "<")]);
    }

    #[test]
    fn what_nobody_wrote_and_what_leads_elsewhere_is_not_kept() {
        let uri: Uri = "/admin/catalog".parse().expect("an address");
        for form in ["file=x", "by=&file=x", "by=wei&do=preview"] {
            assert_eq!(Kept::word(&uri, &Fields::parse(form.as_bytes())), None, "{form}");
        }
        for word in ["https://evil.example/\nby=wei", "//evil.example\nby=wei", "/\nby=wei", "/admin/catalog", ""] {
            assert!(Kept::read(&BASE64URL_NOPAD.encode(word.as_bytes())).is_none(), "{word}");
        }
        assert!(Kept::read("not base64!").is_none());
    }

    #[test]
    fn the_longest_form_can_be_carried() {
        // As long as a form may be, with the key that is left out.
        let form =
            |text: &str| format!("form_key={}&by=wei&file={}", "k".repeat(32), text.repeat(FORM_BYTES_MAX / 9 - 8));
        let uri: Uri = "/admin/catalog".parse().expect("an address");
        assert!(Kept::word(&uri, &Fields::parse(form("%E5%8F%98").as_bytes())).is_some());
        assert!(Kept::word(&uri, &Fields::parse(form("%E5%E5%E5").as_bytes())).is_none(), "no text");
    }
}
