//! Refusals in the operator's language: which field, what is wrong with it, and what would be right.

use super::{Console, Inputs, languages, within};
use domain::command::{Detail, Refusal, refusal::SHOWN_MAX};
use fluent_bundle::FluentValue;

/// What is wrong, and what would be right.
pub(super) fn told(cx: &Console, refusal: &Refusal) -> String {
    let Some(told) = &refusal.told else { return format!("{}; {}", refusal.what, refusal.right) };
    let details: Vec<(&str, FluentValue)> =
        told.details.iter().map(|(name, detail)| (*name, said(cx, detail))).collect();
    cx.say_with(&format!("refusal-{}", told.code), &details)
}

/// The same for what is no page.
pub fn refused(inputs: &Inputs, refusal: &Refusal) -> String {
    within(inputs, |cx| told(cx, refusal))
}

/// The same after the label of the field that is refused.
pub(super) fn at_its_place(cx: &Console, refusal: &Refusal) -> String {
    let said = told(cx, refusal);
    match place(cx, refusal) {
        Some(place) => cx.say_with("refusal-place", &[("field", place.into()), ("said", said.into())]),
        None => said,
    }
}

/// The form's field that is refused: some have another name in the domain.
pub(super) fn field(refusal: &Refusal) -> &str {
    match refusal.field.as_str() {
        "next_update_at" => "next_at",
        "expected_recovery_at" => "recovery_at",
        "schedule" | "schedule.until" => "until",
        field => field,
    }
}

/// The label of the field that is refused; its name where the console has none for it, nothing for the whole input.
fn place(cx: &Console, refusal: &Refusal) -> Option<String> {
    if refusal.field.is_empty() {
        return None;
    }
    let translation =
        refusal.field.split_once('.').filter(|(field, _)| matches!(*field, "title" | "text" | "root_cause"));
    Some(match translation {
        Some((field, tag)) => languages::in_language(cx, &label(cx, field), tag),
        None => label(cx, field(refusal)),
    })
}

fn label(cx: &Console, field: &str) -> String {
    let zoned = |id: &str| cx.say_with(id, &[("zone", cx.times.zone_name().into())]);
    match field {
        "title" => cx.say("console-title"),
        "text" => cx.say("console-text"),
        "root_cause" => cx.say("root-cause"),
        "status" => cx.say("console-status"),
        "impact" => cx.say("console-impact"),
        "next_in" | "next_at" => cx.say("console-next"),
        "recovery_in" | "recovery_at" => cx.say("console-recovery"),
        "from" => zoned("console-from"),
        "until" => zoned("console-until"),
        "component" => cx.say("service"),
        "login" => cx.say("console-login"),
        "name" => cx.say("console-name-of-it"),
        "password" => cx.say("console-password"),
        "role" => cx.say("console-role"),
        "days" | "expires_at" => cx.say("console-expires"),
        "code" => cx.say("account-code"),
        "passkey" => cx.say("passkey-which"),
        "passkey-name" => cx.say("passkey-name"),
        scope if scope.starts_with("scope") => cx.say("console-scope"),
        present if present.starts_with("present") => cx.say("account-present-password"),
        // A place in the catalog's file, or one that no form of the console has.
        other => other.replace("line ", &cx.say("console-line")).replace("column ", &cx.say("console-column")),
    }
}

fn said(cx: &Console, detail: &Detail) -> FluentValue<'static> {
    match detail {
        Detail::Text(text) => text.clone().into(),
        Detail::Number(number) => number.to_string().into(),
        Detail::Time(at) => cx.times.both(*at).into(),
        Detail::Status(status) => cx.words.status(*status).into(),
        Detail::Kind(kind) => cx.kind(*kind).into(),
        Detail::Role(role) => cx.words.role(*role).into(),
        Detail::Statuses(statuses) => {
            cx.words.list(&statuses.iter().map(|status| cx.words.status(*status)).collect::<Vec<_>>()).into()
        }
        Detail::Names(names) if names.len() > SHOWN_MAX => {
            let shown = cx.words.list(&names[..SHOWN_MAX]);
            let more = names.len() - SHOWN_MAX;
            cx.say_with("refusal-and-more", &[("names", shown.into()), ("count", more.into())]).into()
        }
        Detail::Names(names) if names.is_empty() => cx.say("refusal-none-yet").into(),
        Detail::Names(names) => cx.words.list(names).into(),
    }
}
