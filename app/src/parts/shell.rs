//! The whole document around a page's `<main>`.

use super::{Context, copied, footer, freshness, masthead};
use crate::{
    address::{Address, FeedFormat, Selection},
    islands::{LocalTime, PageIslands, RegionMemory, Scripts},
    locale::Locale,
};
use leptos::prelude::*;

/// What a page does in the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Follows the board.
    Live,
    /// Tells times in the reader's zone; what it shows is past.
    Past,
    /// Loads no script.
    Still,
}

/// A page as the shell needs it.
pub struct Document {
    /// Before the name of the site; for the home page the first sentence.
    pub title: String,
    /// In its place once the page is past its bound, where the title claims that something operates.
    pub title_unconfirmed: Option<String>,
    pub description: String,
    /// Whose feeds are linked beside those of the whole page.
    pub selection: Selection,
    pub life: Life,
    /// The sections: each a direct child of `<main>` with an id, which live refresh replaces alone.
    pub main: AnyView,
}

/// The document as HTML.
pub fn html(cx: &Context, document: Document) -> String {
    let Document { title, title_unconfirmed, description, selection, life, main } = document;
    let site_name = cx.text(&cx.board.catalog.page.name).to_owned();
    let whole =
        |title: String| cx.say_with("page-title", &[("title", title.into()), ("site", site_name.as_str().into())]);
    let (title, title_unconfirmed) = (whole(title), title_unconfirmed.map(whole));
    let title = match title_unconfirmed {
        Some(instead) => view! { <title class="claim" data-unconfirmed=instead>{title}</title> }.into_any(),
        None => view! { <title>{title}</title> }.into_any(),
    };
    // Without the bundle nothing runs, and nothing needs a place to run in.
    let is_scripted = life != Life::Still && cx.site.files.boot.is_some();
    let state = matches!(life, Life::Live).then(|| freshness::word(cx.stamp.freshness));
    let bound = state.map(|_| freshness::bound_classes(cx));
    let view = view! {
        <html lang=cx.locale.tag() dir="ltr" class=bound data-freshness=state>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                {title}
                <meta name="description" content=description />
                <meta name="color-scheme" content="light dark" />
                {cx.site.files.style.as_ref().map(|path| view! { <link rel="stylesheet" href=cx.site.link(path) /> })}
                <link rel="icon" href=cx.site.link("/favicon.svg") r#type="image/svg+xml" />
                {addresses(cx)}
                {feeds(cx, selection)}
                {is_scripted.then(|| view! { <Scripts site=cx.site /> }.into_any())}
            </head>
            <body>
                <a class="skip" href="#main">
                    {cx.say("skip")}
                </a>
                {masthead::masthead(cx)}
                {is_scripted.then(|| copied::copied(cx))}
                <main id="main">{main}</main>
                {footer::footer(cx, selection)}
                {is_scripted.then(|| islands(cx, life))}
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", compact(&view.to_html()))
}

/// Without the empty comments that tell text nodes apart for hydration: nothing outside of an island is hydrated.
/// They cannot come from a text, where `<` is escaped. An island's own is kept, as a comment that is valid HTML.
pub fn compact(html: &str) -> String {
    const NODE_MARK: &str = "<!>";
    const ISLAND_END: &str = "</leptos-island>";
    let mut compact = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(NODE_MARK) {
        compact.push_str(before);
        if after.starts_with(ISLAND_END) {
            compact.push_str("<!---->");
        }
        rest = after;
    }
    compact.push_str(rest);
    compact
}

fn islands(cx: &Context, life: Life) -> AnyView {
    if life == Life::Live {
        let stream = cx.site.stream.as_ref().map(|path| cx.site.link(path));
        view! { <PageIslands stream=stream /> }.into_any()
    } else {
        view! {
            <LocalTime />
            <RegionMemory />
        }
        .into_any()
    }
}

/// Canonical address, and the same page in each language.
fn addresses(cx: &Context) -> AnyView {
    let address = cx.page.address;
    if address == Address::NotFound {
        return view! { <meta name="robots" content="noindex" /> }.into_any();
    }
    let catalog = &cx.board.catalog;
    let absolute = |locale| format!("{}{}", catalog.page.url, address.path(catalog, locale));
    let alternates: Vec<AnyView> = Locale::ALL
        .iter()
        .map(|locale| view! { <link rel="alternate" hreflang=locale.tag() href=absolute(Some(*locale)) /> }.into_any())
        .collect();
    view! {
        <link rel="canonical" href=absolute(Some(cx.locale)) />
        {alternates}
        <link rel="alternate" hreflang="x-default" href=absolute(None) />
    }
    .into_any()
}

/// Feed autodiscovery: the page's own feeds first, then those of the whole page.
fn feeds(cx: &Context, selection: Selection) -> AnyView {
    let mut selections = vec![selection];
    if selection != Selection::Whole {
        selections.push(Selection::Whole);
    }
    let feeds: Vec<AnyView> = selections
        .into_iter()
        .flat_map(|of| FeedFormat::ALL.iter().map(move |format| (of, *format)))
        .map(|(of, format)| {
            let (kind, name) = match format {
                FeedFormat::Atom => ("application/atom+xml", "Atom"),
                FeedFormat::Rss => ("application/rss+xml", "RSS"),
                FeedFormat::Json => ("application/feed+json", "JSON Feed"),
            };
            let title = format!("{} ({name})", selection_name(cx, of));
            view! { <link rel="alternate" r#type=kind title=title href=cx.link(Address::Feed(format, of)) /> }
                .into_any()
        })
        .collect();
    feeds.into_any()
}

/// What a feed is called.
pub fn selection_name(cx: &Context, of: Selection) -> String {
    match of {
        Selection::Whole => cx.text(&cx.board.catalog.page.name).to_owned(),
        Selection::Component(id) => cx.component_name(id),
        Selection::Region(id) => cx.region_name(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_islands_own_mark_is_kept() {
        let html = "<p>a<!>b</p><!><leptos-island><!></leptos-island>c<!>";
        assert_eq!(compact(html), "<p>ab</p><leptos-island><!----></leptos-island>c");
    }
}
