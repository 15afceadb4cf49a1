//! The last lines of every page: where to subscribe, history, data, the operator's notice.

use super::{Context, shell::selection_name};
use crate::address::{Address, FeedFormat, Selection, V2};
use leptos::prelude::*;

pub fn footer(cx: &Context, selection: Selection) -> AnyView {
    let page = &cx.board.catalog.page;
    let notice = page.notice.as_ref().map(|notice| view! { <p>{cx.text(notice).to_owned()}</p> });
    let support = page.support_url.clone().map(|url| {
        view! { <li><a href=url rel="noopener">{cx.say("support")}</a></li> }
    });
    let zone = cx.say_with("zone-note", &[("name", cx.times.zone_name().into())]);
    view! {
        <footer class="footer">
            <section id="subscribe" aria-labelledby="subscribe-title">
                <h2 id="subscribe-title">{cx.say("subscribe")}</h2>
                {subscribe(cx, selection)}
            </section>
            <ul class="links">
                <li>
                    <a href=cx.link(Address::History(None))>{cx.say("history")}</a>
                </li>
                <li>
                    <a href=cx.link(Address::Status)>{cx.say("data-own")}</a>
                </li>
                <li>
                    <a href=cx.link(Address::V2(V2::Summary))>{cx.say("data-v2")}</a>
                </li>
                <li>
                    <a href=cx.link(Address::Verify)>{cx.verify_title()}</a>
                </li>
                {support}
            </ul>
            {notice}
            <p>{zone}</p>
        </footer>
    }
    .into_any()
}

/// The page's own feeds, then those of the whole page.
fn subscribe(cx: &Context, selection: Selection) -> AnyView {
    let mut selections = vec![selection];
    if selection != Selection::Whole {
        selections.push(Selection::Whole);
    }
    let lines: Vec<AnyView> = selections
        .into_iter()
        .map(|of| {
            let feed = |format, name: &'static str| {
                let whole = format!("{name}: {}", selection_name(cx, of));
                view! { <a href=cx.link(Address::Feed(format, of)) aria-label=whole>{name}</a> }.into_any()
            };
            view! {
                <li>
                    <span>{selection_name(cx, of)}</span>
                    {feed(FeedFormat::Atom, "Atom")}
                    {feed(FeedFormat::Rss, "RSS")}
                    {feed(FeedFormat::Json, "JSON Feed")}
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <ul class="feeds">
            {lines} <li>
                <span>{cx.say("maintenances")}</span>
                <a href=cx.link(Address::Calendar)>{cx.say("calendar")}</a>
            </li>
        </ul>
    }
    .into_any()
}
