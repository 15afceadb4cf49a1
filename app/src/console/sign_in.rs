//! Signing in, and choosing a password by a link that is used once.

use super::{
    Console, Inputs,
    controls::{Line, hidden, labelled, refusals, username},
    document,
    drafts::Onward,
    oidc, passkeys,
};
use leptos::prelude::*;

/// `/admin/sign-in`.
pub fn sign_in(inputs: &Inputs, login: &str, onward: Onward) -> String {
    document(inputs, |cx| {
        let name =
            Line { name: "login", kind: "text", value: login.to_owned(), autocomplete: "username", required: true };
        let password = password(cx, "current-password");
        let main = view! {
            <section class="slim">
                <h1>{cx.say("console-sign-in")}</h1>
                {refusals(cx)}
                <form method="post" action=cx.at("/sign-in") class="stack">
                    {onward.carried()}
                    {labelled(cx, "login", cx.say("console-login"), None, name.view(cx))}
                    {labelled(cx, "password", cx.say("console-password"), None, password)}
                    <button class="primary" type="submit">{cx.say("console-sign-in")}</button>
                </form>
                {passkeys::sign_in(cx, onward.next)}
                {oidc::sign_in(cx, onward.next)}
                <p class="note">{cx.say("console-sign-in-lost")}</p>
                <p class="note">
                    <a href=cx.at("/break-glass")>{cx.say("break-glass-link")}</a>
                </p>
            </section>
        };
        (cx.say("console-sign-in"), main.into_any())
    })
}

/// A link that is used once: `login` is fixed by an invitation, and asked for by the first link.
pub fn choose_password(inputs: &Inputs, action: &str, key: &str, login: Option<&str>, typed: (&str, &str)) -> String {
    document(inputs, |cx| {
        let heading = match login {
            Some(login) => cx.say_with("console-choose-password", &[("login", login.into())]),
            None => cx.say("console-first"),
        };
        let who = match login {
            Some(login) => username(login),
            None => {
                let line = |name, autocomplete, value: &str| {
                    Line { name, kind: "text", value: value.to_owned(), autocomplete, required: true }.view(cx)
                };
                let login = line("login", "username", typed.0);
                let name = line("name", "name", typed.1);
                view! {
                    {labelled(cx, "login", cx.say("console-login"), Some(cx.say("console-login-note")), login)}
                    {labelled(cx, "name", cx.say("console-name"), Some(cx.say("console-name-note")), name)}
                }
                .into_any()
            }
        };
        let password = password(cx, "new-password");
        let note = Some(cx.say("console-password-note"));
        let main = view! {
            <section class="slim">
                <h1>{heading.clone()}</h1>
                {refusals(cx)}
                <form method="post" action=cx.at(action) class="stack">
                    {hidden("key", key)}
                    {who}
                    {labelled(cx, "password", cx.say("console-password"), note, password)}
                    <button class="primary" type="submit">{cx.say("console-begin")}</button>
                </form>
            </section>
        };
        (heading, main.into_any())
    })
}

/// What was typed is not sent back: a page is no place for a password.
fn password(cx: &Console, autocomplete: &'static str) -> AnyView {
    Line { name: "password", kind: "password", value: String::new(), autocomplete, required: true }.view(cx)
}
