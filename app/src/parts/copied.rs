//! What a page says when the reader's browser shows it in place of an address that does not answer.
//!
//! The worker (`public/worker.js`) puts one of these templates in the place of both, with the copy's name and the time
//! of its confirmation. So its words are the page's, in the page's language, and the worker has none.

use super::{Context, moment::message};
use leptos::prelude::*;

/// What the worker replaces in a template.
const NAME: &str = "{name}";
const TIME: &str = "{time}";

/// Empty for whoever reads the page at an address that answers. Live refresh replaces it like a section.
pub fn copied(cx: &Context) -> AnyView {
    view! {
        <div id="copied" role="status" data-list=cx.site.copies_mark()>
            <template class="lent">{words(cx, "copied-lent")}</template>
            <template class="kept">{words(cx, "copied-kept")}</template>
        </div>
    }
    .into_any()
}

fn words(cx: &Context, id: &str) -> AnyView {
    let time = view! {
        <time datetime=TIME>{TIME}</time>
        " ("
        <span data-relative=TIME>"…"</span>
        ")"
    };
    let name = view! { <b>{NAME}</b> };
    view! { <p class="copied">{message(cx, id, &[], vec![("name", name.into_any()), ("time", time.into_any())])}</p> }
        .into_any()
}
