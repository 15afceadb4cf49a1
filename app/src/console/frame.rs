//! The document around a console page: navigation, who is signed in.

use super::{
    Console, Inputs,
    controls::{form_key, refusals},
    document,
};
use crate::parts::{nothing, shell::compact};
use domain::operator::Role;
use leptos::prelude::*;

/// How many of [`ENTRIES`] are always in sight; everybody may open those.
const IN_SIGHT: usize = 2;
/// The entries of the navigation: message, path, and the role that each needs at least.
const ENTRIES: &[(&str, &str, Role)] = &[
    ("console-overview", "", Role::Poster),
    ("console-report", "/incidents/new", Role::Poster),
    ("console-plan-maintenance", "/maintenances/new", Role::Editor),
    ("console-past", "/past", Role::Poster),
    ("console-templates", "/templates", Role::Editor),
    ("console-catalog", "/catalog", Role::Editor),
    ("console-peers", "/cluster", Role::Poster),
    ("console-audit", "/audit", Role::Poster),
    ("console-operators", "/operators", Role::Administrator),
    ("console-tokens", "/tokens", Role::Administrator),
    ("account", "/account", Role::Poster),
];

pub(super) fn html(cx: &Console, title: String, main: AnyView) -> String {
    let site_name = cx.text(&cx.board.catalog.page.name).to_owned();
    let title = format!("{title} · {} · {site_name}", cx.say("console"));
    let style =
        |path: &Option<String>| path.as_ref().map(|path| view! { <link rel="stylesheet" href=cx.site.link(path) /> });
    let view = view! {
        <html lang=cx.locale.tag() dir="ltr">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>{title}</title>
                <meta name="robots" content="noindex" />
                <meta name="color-scheme" content="light dark" />
                {style(&cx.site.files.style)}
                {style(&cx.site.files.console_style)}
                <link rel="icon" href=cx.site.link("/favicon.svg") r#type="image/svg+xml" />
            </head>
            <body class="console">
                <a class="skip" href="#main">
                    {cx.say("skip")}
                </a>
                <header class="masthead">
                    <a class="site" href=cx.at("")>
                        {format!("{site_name} · {}", cx.say("console"))}
                    </a>
                    {navigation(cx)}
                </header>
                <main id="main">{main}</main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", compact(&view.to_html()))
}

/// A page that says why nothing was done.
pub fn message(inputs: &Inputs) -> String {
    document(inputs, |cx| {
        let main = view! {
            <h1>{cx.say("console")}</h1>
            {refusals(cx)}
        };
        (cx.say("console"), main.into_any())
    })
}

fn navigation(cx: &Console) -> AnyView {
    let Some(signed) = cx.signed else { return nothing() };
    let (first, more) = ENTRIES.split_at(IN_SIGHT);
    let link = |message: &str, path: &str| view! { <a class="tool" href=cx.at(path)>{cx.say(message)}</a> }.into_any();
    let entries: Vec<AnyView> = first.iter().map(|(message, path, _)| link(message, path)).collect();
    let more: Vec<AnyView> = more
        .iter()
        .filter(|(_, _, least)| signed.role >= *least)
        .map(|(message, path, _)| view! { <li>{link(message, path)}</li> }.into_any())
        .collect();
    view! {
        <nav class="tools" aria-label=cx.say("console-pages")>
            {entries}
            <details class="menu">
                <summary class="tool">{cx.say("console-more")}</summary>
                <ul>
                    {more}
                    <li>
                        <a class="tool" href=cx.site.link("/")>{cx.say("console-public-page")}</a>
                    </li>
                    <li>
        <form class="who" method="post" action=cx.at("/sign-out")>
            {form_key(cx)}
            <span class="note">{format!("{} ({})", signed.name, cx.words.role(signed.role))}</span>
            <button class="quiet" type="submit">{cx.say("console-sign-out")}</button>
        </form>
                    </li>
                </ul>
            </details>
        </nav>
    }
    .into_any()
}
