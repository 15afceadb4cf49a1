//! Signing in by a provider, beside the other ways: a link, since the policy lets no form lead to another site.

use super::{BASE, Console, Inputs, audit::escaped, document};
use crate::parts::nothing;
use leptos::prelude::*;

/// The way to the provider; nothing where there is none. `next` is the page of the console to go on with.
pub(super) fn sign_in(cx: &Console, next: &str) -> AnyView {
    let Some(name) = &cx.site.sign_in_provider else { return nothing() };
    let href = match next {
        BASE => cx.at("/oidc"),
        next => cx.at(&format!("/oidc?next={}", escaped(next))),
    };
    view! {
        <p>
            <a id="provider" class="primary" href=href rel="nofollow">
                {cx.say_with("provider-sign-in", &[("name", name.clone().into())])}
            </a>
        </p>
        <p class="note">{cx.say("provider-note")}</p>
    }
    .into_any()
}

/// Back from the provider: a page of our own, from which the browser goes on to `next` with all its cookies.
pub fn going_on(inputs: &Inputs, next: &str) -> String {
    document(inputs, |cx| {
        let main = view! {
            <section class="slim">
                <h1>{cx.say("provider-back")}</h1>
                <p>
                    <a class="primary" href=cx.site.link(next)>
                        {cx.say("provider-go-on")}
                    </a>
                </p>
            </section>
        };
        (cx.say("provider-back"), main.into_any())
    })
}
