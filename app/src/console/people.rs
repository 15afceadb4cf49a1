//! Who may work here, and which programs may write: operators and tokens.

use super::{
    Console, Inputs,
    controls::{Line, button, form_key, hidden, labelled, refusals, select},
    document,
};
use crate::parts::{moment::*, nothing};
use domain::{Instant, operator::Role};
use leptos::prelude::*;

/// An operator as the list has them.
pub struct OperatorLine {
    pub login: String,
    pub name: String,
    pub role: Role,
    /// May sign in, or will once a password is chosen.
    pub active: bool,
    /// Has chosen a password.
    pub is_ready: bool,
    pub has_second_factor: bool,
}

/// A token as the list has it.
pub struct TokenLine {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub expires_at: Option<Instant>,
    pub is_valid: bool,
}

/// A secret that is shown on this page and never again.
pub struct Shown {
    pub secret: String,
    pub expires_at: Option<Instant>,
}

pub fn operators(inputs: &Inputs, lines: &[OperatorLine], shown: Option<&Shown>, typed: (&str, &str)) -> String {
    document(inputs, |cx| {
        let rows: Vec<AnyView> = lines.iter().map(|line| operator(cx, line)).collect();
        let line = |name, value: &str| {
            Line { name, kind: "text", value: value.to_owned(), autocomplete: "off", required: true }.view(cx)
        };
        let add = view! {
            <form id="add" method="post" action=cx.at("/operators") class="stack">
                {form_key(cx)}
                <h2>{cx.say("console-operator-add")}</h2>
                {labelled(cx, "login", cx.say("console-login-theirs"), Some(cx.say("console-login-note")), line("login", typed.0))}
                {labelled(cx, "name", cx.say("console-name-theirs"), None, line("name", typed.1))}
                {labelled(cx, "role", cx.say("console-role"), Some(cx.say("console-role-note")), roles(cx, "role", Role::Poster))}
                <p class="actions">{button("add", cx.say("console-operator-invite"), "primary")}</p>
            </form>
        };
        let main = view! {
            <h1>{cx.say("console-operators")}</h1>
            {refusals(cx)}
            {shown.map(|shown| secret(cx, "console-invitation-shown", shown))}
            <ul class="work">{rows}</ul>
            {add}
        };
        (cx.say("console-operators"), main.into_any())
    })
}

fn operator(cx: &Console, line: &OperatorLine) -> AnyView {
    let state = match (line.active, line.is_ready) {
        (false, _) => cx.say("console-operator-out"),
        (true, false) => cx.say("console-operator-invited"),
        (true, true) => cx.words.role(line.role),
    };
    let id = format!("role-{}", line.login);
    let change = match line.active {
        true => view! {
            <label class="visually-hidden" for=id.clone()>{cx.say("console-role")}</label>
            {roles(cx, &id, line.role)}
            {button("role", cx.say("console-role-set"), "quiet")}
            {button("invite", cx.say("console-operator-link"), "quiet")}
            {line.has_second_factor.then(|| button("second-factor-off", cx.say("account-factor-take-off"), "quiet"))}
            {button("out", cx.say("console-operator-let-out"), "quiet")}
        }
        .into_any(),
        false => button("back", cx.say("console-operator-let-back"), "quiet"),
    };
    view! {
        <li>
            <h2>{line.name.clone()}</h2>
            <p class="standing">
                <b>{state}</b>
                <span>{line.login.clone()}</span>
            </p>
            <form method="post" action=cx.at("/operators") class="chips">
                {form_key(cx)}
                {hidden("login", line.login.clone())}
                {change}
            </form>
        </li>
    }
    .into_any()
}

fn roles(cx: &Console, id: &str, chosen: Role) -> AnyView {
    let options = Role::ALL.iter().map(|role| (role.word().to_owned(), cx.words.role(*role))).collect();
    select(id, "role", chosen.word(), options)
}

fn secret(cx: &Console, message_id: &str, shown: &Shown) -> AnyView {
    let until = shown.expires_at.map(|at| {
        view! { <p class="note">{message(cx, "console-until-then", &[], vec![("time", moment(cx, at, Telling::Both))])}</p> }
    });
    view! {
        <section id="shown" class="stands-out" role="status">
            <p>{cx.say(message_id)}</p>
            <pre><code>{shown.secret.clone()}</code></pre>
            {until}
        </section>
    }
    .into_any()
}

/// Days that a token may be good for.
const DAYS: &[u16] = &[1, 7, 30, 90, 365];

pub fn tokens(inputs: &Inputs, lines: &[TokenLine], shown: Option<&Shown>, typed: &str) -> String {
    document(inputs, |cx| {
        let rows: Vec<AnyView> = lines.iter().map(|line| token(cx, line)).collect();
        let list = match rows.is_empty() {
            true => view! { <p>{cx.say("console-tokens-none")}</p> }.into_any(),
            false => view! { <ul class="work">{rows}</ul> }.into_any(),
        };
        let name =
            Line { name: "name", kind: "text", value: typed.to_owned(), autocomplete: "off", required: true }.view(cx);
        let days = DAYS.iter().map(|days| {
            let length = cx.times.duration(chrono::TimeDelta::days(i64::from(*days)));
            (days.to_string(), cx.say_with("console-in", &[("length", length.into())]))
        });
        let days = days.chain([(String::new(), cx.say("console-never"))]).collect();
        let main = view! {
            <h1>{cx.say("console-tokens")}</h1>
            {refusals(cx)}
            {shown.map(|shown| secret(cx, "console-token-shown", shown))}
            {list}
            <form id="add" method="post" action=cx.at("/tokens") class="stack">
                {form_key(cx)}
                <h2>{cx.say("console-token-add")}</h2>
                {labelled(cx, "name", cx.say("console-token-name"), None, name)}
                {labelled(cx, "role", cx.say("console-role"), Some(cx.say("console-role-note")), roles(cx, "role", Role::Poster))}
                {labelled(cx, "days", cx.say("console-expires"), None, select("days", "days", "90", days))}
                <p class="actions">{button("add", cx.say("console-token-make"), "primary")}</p>
            </form>
        };
        (cx.say("console-tokens"), main.into_any())
    })
}

fn token(cx: &Console, line: &TokenLine) -> AnyView {
    let until = match (line.is_valid, line.expires_at) {
        (false, _) => cx.say("console-token-over").into_any(),
        (true, None) => cx.say("console-never").into_any(),
        (true, Some(at)) => {
            message(cx, "console-until-then", &[], vec![("time", moment(cx, at, Telling::Both))]).into_any()
        }
    };
    let end = match line.is_valid {
        false => nothing(),
        true => view! {
            <form method="post" action=cx.at("/tokens") class="chips">
                {form_key(cx)}
                {hidden("id", line.id.clone())}
                {button("revoke", cx.say("console-token-revoke"), "quiet")}
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <h2>{line.name.clone()}</h2>
            <p class="standing">
                <b>{cx.words.role(line.role)}</b>
                <span>{until}</span>
            </p>
            {end}
        </li>
    }
    .into_any()
}
