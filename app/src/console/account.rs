//! `/admin/account`: an operator's own password, second factor and sessions; and the second step of signing in.

use super::{
    Console, Inputs,
    controls::{Line, form_key, hidden, labelled, refusals, username},
    document,
    drafts::Onward,
    passkeys::{self, PasskeyLine},
};
use crate::parts::nothing;
use domain::Instant;
use leptos::prelude::*;

/// What an operator's own page shows.
pub struct Account {
    pub login: String,
    pub second_factor: Option<Factor>,
    pub passkeys: Vec<PasskeyLine>,
    /// What was just done.
    pub notice: Option<Notice>,
    /// A second factor that counts once a code of it was typed.
    pub offer: Option<Offer>,
    /// Recovery codes that were just made; they are shown once.
    pub recovery: Vec<String>,
}

/// A second factor that is set.
pub struct Factor {
    pub since: Instant,
    pub recovery_left: usize,
}

/// A second factor that is offered.
pub struct Offer {
    pub sealed: String,
    pub secret: String,
    pub picture: Option<Picture>,
}

/// A picture to scan: dark squares in a field of `side` by `side`.
pub struct Picture {
    pub side: usize,
    pub path: String,
}

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    Password,
    Sessions,
    FactorRemoved,
    PasskeyAdded,
    PasskeyRemoved,
}

impl Notice {
    const ALL: [Notice; 5] =
        [Notice::Password, Notice::Sessions, Notice::FactorRemoved, Notice::PasskeyAdded, Notice::PasskeyRemoved];

    /// The word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Notice::Password => "password",
            Notice::Sessions => "sessions",
            Notice::FactorRemoved => "factor-removed",
            Notice::PasskeyAdded => "passkey-added",
            Notice::PasskeyRemoved => "passkey-removed",
        }
    }

    pub fn of_word(word: &str) -> Option<Notice> {
        Notice::ALL.into_iter().find(|notice| notice.word() == word)
    }

    fn message(self) -> &'static str {
        match self {
            Notice::Password => "account-password-changed",
            Notice::Sessions => "account-sessions-ended",
            Notice::FactorRemoved => "account-factor-removed",
            Notice::PasskeyAdded => "passkey-added",
            Notice::PasskeyRemoved => "passkey-removed",
        }
    }
}

/// `/admin/sign-in/code`: the second step.
pub fn second_step(inputs: &Inputs, onward: Onward) -> String {
    document(inputs, |cx| {
        let main = view! {
            <section class="slim">
                <h1>{cx.say("account-second-step")}</h1>
                {refusals(cx)}
                <form method="post" action=cx.at("/sign-in/code") class="stack">
                    {onward.carried()}
                    {labelled(cx, "code", cx.say("account-code"), Some(cx.say("account-code-note")), code(cx))}
                    <button class="primary" type="submit">{cx.say("console-sign-in")}</button>
                </form>
                <p class="note">{cx.say("account-code-lost")}</p>
            </section>
        };
        (cx.say("account-second-step"), main.into_any())
    })
}

/// `/admin/account`.
pub fn account(inputs: &Inputs, account: &Account) -> String {
    document(inputs, |cx| {
        let notice = account.notice.map(|notice| {
            view! { <p class="stand" role="status">{cx.say(notice.message())}</p> }
        });
        let main = view! {
            <h1>{cx.say_with("account-of", &[("login", account.login.clone().into())])}</h1>
            {notice}
            {refusals(cx)}
            {recovery(cx, &account.recovery)}
            {second_factor(cx, account)}
            {passkeys::section(cx, &account.login, &account.passkeys)}
            {own_password(cx, &account.login)}
            {sessions(cx)}
        };
        (cx.say("account"), main.into_any())
    })
}

fn code(cx: &Console) -> AnyView {
    Line { name: "code", kind: "text", value: String::new(), autocomplete: "one-time-code", required: true }.view(cx)
}

/// The present password, without which nothing is changed that its owner could be robbed of.
pub(super) fn present(cx: &Console, login: &str, name: &'static str) -> AnyView {
    let line = Line { name, kind: "password", value: String::new(), autocomplete: "current-password", required: true };
    view! {
        {username(login)}
        {labelled(cx, name, cx.say("account-present-password"), None, line.view(cx))}
    }
    .into_any()
}

fn recovery(cx: &Console, codes: &[String]) -> AnyView {
    if codes.is_empty() {
        return nothing();
    }
    let codes: Vec<AnyView> =
        codes.iter().map(|code| view! { <li><code>{code.clone()}</code></li> }.into_any()).collect();
    view! {
        <section id="recovery" class="stands-out" aria-labelledby="recovery-title">
            <h2 id="recovery-title">{cx.say("account-recovery")}</h2>
            <p>{cx.say("account-recovery-note")}</p>
            <ol class="codes">{codes}</ol>
        </section>
    }
    .into_any()
}

fn second_factor(cx: &Console, account: &Account) -> AnyView {
    let state = match &account.second_factor {
        Some(factor) => {
            let since = cx.times.both(factor.since);
            let on = cx.say_with("account-factor-on", &[("time", since.into())]);
            let left = cx.say_with("account-recovery-left", &[("count", factor.recovery_left.into())]);
            view! {
                <p>{on}</p>
                <p>{left}</p>
            }
            .into_any()
        }
        None => view! { <p>{cx.say("account-factor-off")}</p> }.into_any(),
    };
    let change = match (&account.offer, &account.second_factor) {
        (Some(offer), _) => confirm(cx, offer),
        (None, factor) => {
            let label = if factor.is_some() { "account-factor-replace" } else { "account-factor-set" };
            let remove = factor.as_ref().map(|_| {
                view! {
                    <form method="post" action=cx.at("/account/second-factor/remove") class="stack">
                        {form_key(cx)}
                        {present(cx, &account.login, "present-to-remove")}
                        <button class="quiet" type="submit">{cx.say("account-factor-remove")}</button>
                    </form>
                }
            });
            view! {
                <form method="post" action=cx.at("/account/second-factor") class="stack">
                    {form_key(cx)}
                    {present(cx, &account.login, "present-for-factor")}
                    <button type="submit">{cx.say(label)}</button>
                </form>
                {remove}
            }
            .into_any()
        }
    };
    view! {
        <section id="second-factor" class="slim" aria-labelledby="second-factor-title">
            <h2 id="second-factor-title">{cx.say("account-factor")}</h2>
            {state}
            {change}
        </section>
    }
    .into_any()
}

fn confirm(cx: &Console, offer: &Offer) -> AnyView {
    let picture = offer.picture.as_ref().map(|picture| {
        // Scanners want a light margin of four squares.
        let side = picture.side + 8;
        view! {
            <svg
                class="scan"
                role="img"
                aria-label=cx.say("account-scan")
                viewBox=format!("-4 -4 {side} {side}")
                shape-rendering="crispEdges"
            >
                <rect x="-4" y="-4" width=side.to_string() height=side.to_string() fill="#fff"></rect>
                <path d=picture.path.clone() fill="#000"></path>
            </svg>
        }
    });
    let groups: Vec<String> =
        offer.secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    view! {
        <p>{cx.say("account-scan-note")}</p>
        {picture}
        <p>
            {cx.say("account-secret")} " " <code id="secret">{groups.join(" ")}</code>
        </p>
        <form method="post" action=cx.at("/account/second-factor/confirm") class="stack">
            {form_key(cx)}
            {hidden("offer", offer.sealed.clone())}
            {labelled(cx, "code", cx.say("account-code"), Some(cx.say("account-confirm-note")), code(cx))}
            <button class="primary" type="submit">{cx.say("account-confirm")}</button>
        </form>
    }
    .into_any()
}

fn own_password(cx: &Console, login: &str) -> AnyView {
    let new =
        Line { name: "password", kind: "password", value: String::new(), autocomplete: "new-password", required: true };
    view! {
        <section class="slim" aria-labelledby="password-title">
            <h2 id="password-title">{cx.say("account-password")}</h2>
            <form method="post" action=cx.at("/account/password") class="stack">
                {form_key(cx)}
                {present(cx, login, "present")}
                {labelled(
                    cx,
                    "password",
                    cx.say("account-new-password"),
                    Some(cx.say("console-password-note")),
                    new.view(cx),
                )}
                <button type="submit">{cx.say("account-password-change")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn sessions(cx: &Console) -> AnyView {
    view! {
        <section class="slim" aria-labelledby="sessions-title">
            <h2 id="sessions-title">{cx.say("account-sessions")}</h2>
            <form method="post" action=cx.at("/account/sessions") class="stack">
                {form_key(cx)}
                <p class="note">{cx.say("account-sessions-note")}</p>
                <button type="submit">{cx.say("account-sessions-end")}</button>
            </form>
        </section>
    }
    .into_any()
}
