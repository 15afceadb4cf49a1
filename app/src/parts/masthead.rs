//! The first line of every page: name, region, theme, language.

use super::{Context, nothing};
use crate::{address::Address, islands::Theme, locale::Locale};
use leptos::prelude::*;

pub fn masthead(cx: &Context) -> AnyView {
    let name = cx.text(&cx.board.catalog.page.name).to_owned();
    view! {
        <header class="masthead">
            <a class="site" href=cx.link(Address::Home)>
                {name}
            </a>
            <nav class="tools" aria-label=cx.say("tools")>
                {regions(cx)}
                <a class="tool" href="#subscribe">
                    {cx.say("subscribe")}
                </a>
                {languages(cx)}
                {theme(cx)}
            </nav>
        </header>
    }
    .into_any()
}

/// Plain links that open without script; the remembered region beside them with it.
fn regions(cx: &Context) -> AnyView {
    let regions = &cx.board.catalog.regions;
    if regions.is_empty() {
        return nothing();
    }
    let here = match cx.page.address {
        Address::Region(id) => Some(id),
        _ => None,
    };
    let links: Vec<AnyView> = regions
        .iter()
        .map(|region| {
            let current = (here == Some(region.id)).then_some("page");
            view! {
                <li>
                    <a href=cx.link(Address::Region(region.id)) aria-current=current>
                        {cx.text(&region.name).to_owned()}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    let label = match here {
        Some(id) => cx.region_name(id),
        None => cx.say("choose-region"),
    };
    let all = here.map(|_| {
        view! {
            <li>
                <a href=cx.link(Address::Home)>{cx.say("all-regions")}</a>
            </li>
        }
    });
    view! {
        <span id="my-region" hidden>
            <a class="tool" href=cx.link(Address::Home)>{cx.say("my-region")}</a>
        </span>
        <details id="regions" class="menu">
            <summary class="tool">{label}</summary>
            <ul>{all} {links}</ul>
        </details>
    }
    .into_any()
}

/// This page in the other languages.
fn languages(cx: &Context) -> AnyView {
    let others = Locale::ALL.iter().filter(|locale| **locale != cx.locale);
    let links: Vec<AnyView> = others
        .map(|locale| {
            let path = cx.page.address.path(&cx.board.catalog, Some(*locale));
            view! {
                <a class="tool" href=cx.site.link(&path) lang=locale.tag() hreflang=locale.tag()>
                    {locale.own_name()}
                </a>
            }
            .into_any()
        })
        .collect();
    links.into_any()
}

/// Hidden until the island has made it work.
fn theme(cx: &Context) -> AnyView {
    if cx.site.files.boot.is_none() || cx.page.address == Address::NotFound {
        return nothing();
    }
    let (label, system, light, dark) =
        (cx.say("theme"), cx.say("theme-system"), cx.say("theme-light"), cx.say("theme-dark"));
    view! {
        <Theme>
            <span id="theme-control" hidden>
                <label class="visually-hidden" for="theme">
                    {label}
                </label>
                <select id="theme" class="tool">
                    <option value="system">{system}</option>
                    <option value="light">{light}</option>
                    <option value="dark">{dark}</option>
                </select>
            </span>
        </Theme>
    }
    .into_any()
}
