//! Passkeys: the one thing in the console that needs script. Their forms are hidden until `public/passkeys.js` has run.

use super::{
    Console,
    account::present,
    controls::{Line, form_key, hidden, labelled, select},
};
use crate::parts::nothing;
use domain::Instant;
use leptos::prelude::*;

/// A passkey of an operator.
pub struct PasskeyLine {
    pub id: String,
    pub name: String,
    pub added_at: Instant,
}

/// Signing in with one. `next` is the page of the console to go on with.
pub(super) fn sign_in(cx: &Console, next: &str) -> AnyView {
    view! {
        <form
            id="passkey"
            class="stack"
            method="post"
            action=cx.at("/passkey")
            data-passkey="get"
            data-begin=cx.at("/passkey/begin")
            data-failed=cx.say("passkey-failed")
            hidden="hidden"
        >
            {hidden("next", next)}
            {answer()}
            <button type="submit">{cx.say("passkey-sign-in")}</button>
            {alert()}
        </form>
        {script(cx)}
    }
    .into_any()
}

/// What the script fills in.
fn answer() -> AnyView {
    view! {
        {hidden("state", "")}
        {hidden("credential", "")}
    }
    .into_any()
}

fn alert() -> AnyView {
    view! { <p class="wrong" role="alert"></p> }.into_any()
}

fn script(cx: &Console) -> AnyView {
    view! { <script src=cx.site.link("/passkeys.js") defer="defer"></script> }.into_any()
}

/// The passkeys of an account.
pub(super) fn section(cx: &Console, login: &str, passkeys: &[PasskeyLine]) -> AnyView {
    let name = Line { name: "passkey-name", kind: "text", value: String::new(), autocomplete: "off", required: true };
    view! {
        <section id="passkeys" class="narrow" aria-labelledby="passkeys-title">
            <h2 id="passkeys-title">{cx.say("passkeys")}</h2>
            <p class="note">{cx.say("passkeys-note")}</p>
            {list(cx, login, passkeys)}
            <form
                class="stack"
                method="post"
                action=cx.at("/account/passkeys")
                data-passkey="create"
                data-begin=cx.at("/account/passkeys/begin")
                data-failed=cx.say("passkey-failed")
                hidden="hidden"
            >
                {form_key(cx)}
                {answer()}
                {labelled(cx, "passkey-name", cx.say("passkey-name"), Some(cx.say("passkey-name-note")), name.view(cx))}
                {present(cx, login, "present-for-passkey")}
                <button type="submit">{cx.say("passkey-add")}</button>
                {alert()}
            </form>
            {script(cx)}
        </section>
    }
    .into_any()
}

fn list(cx: &Console, login: &str, passkeys: &[PasskeyLine]) -> AnyView {
    let Some(first) = passkeys.first() else { return nothing() };
    let label = |passkey: &PasskeyLine| {
        let since = cx.times.both(passkey.added_at);
        cx.say_with("passkey-since", &[("name", passkey.name.clone().into()), ("time", since.into())])
    };
    let options = passkeys.iter().map(|passkey| (passkey.id.clone(), label(passkey))).collect();
    let lines: Vec<AnyView> = passkeys.iter().map(|passkey| view! { <li>{label(passkey)}</li> }.into_any()).collect();
    view! {
        <ul>{lines}</ul>
        <form method="post" action=cx.at("/account/passkeys/remove") class="stack">
            {form_key(cx)}
            {labelled(cx, "passkey", cx.say("passkey-which"), None, select("passkey", "passkey", &first.id, options))}
            {present(cx, login, "present-to-remove-passkey")}
            <button class="quiet" type="submit">{cx.say("passkey-remove")}</button>
        </form>
    }
    .into_any()
}
