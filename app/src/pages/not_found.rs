//! There is no such page: what there is instead.

use crate::{
    address::{Address, Selection},
    parts::{
        Context,
        shell::{Document, Life},
    },
};
use leptos::prelude::*;

pub fn page(cx: &Context) -> Document {
    let main = view! {
        <section id="not-found" aria-labelledby="not-found-title">
            <h1 id="not-found-title">{cx.say("not-found")}</h1>
            <p>{cx.say("not-found-why")}</p>
            <ul>
                <li>
                    <a href=cx.link(Address::Home)>{cx.say("not-found-home")}</a>
                </li>
                <li>
                    <a href=cx.link(Address::History(None))>{cx.say("not-found-history")}</a>
                </li>
            </ul>
        </section>
    };
    Document {
        title: cx.say("not-found"),
        title_unconfirmed: None,
        description: cx.say("not-found-why"),
        selection: Selection::Whole,
        life: Life::Still,
        main: main.into_any(),
    }
}
