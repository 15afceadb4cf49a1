//! Markdown of operators on the page.

use super::Context;
use crate::markdown;
use domain::text::Text;
use leptos::prelude::*;

/// The heading that an update of a timeline stands under.
pub const UPDATE_LEVEL: u8 = 3;
/// The heading that a postmortem stands under.
pub const POSTMORTEM_LEVEL: u8 = 2;

/// A text under a heading of this level.
pub fn prose(cx: &Context, text: &Text, level: u8) -> AnyView {
    let html = markdown::to_html_under(cx.text(text), level);
    view! { <div class="prose" inner_html=html></div> }.into_any()
}

/// The beginning of a text, for a description: at most `characters_max`, cut at a word.
pub fn beginning(cx: &Context, text: &Text, characters_max: usize) -> String {
    let whole = markdown::to_text(cx.text(text)).split_whitespace().collect::<Vec<_>>().join(" ");
    match whole.char_indices().nth(characters_max) {
        None => whole,
        Some((end, _)) => {
            let cut = whole[..end].rsplit_once(' ').map_or(&whole[..end], |(before, _)| before);
            format!("{cut} …")
        }
    }
}
