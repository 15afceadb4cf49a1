//! Fields, buttons and notices that forms are made of.

use super::{Console, told};
use crate::parts::nothing;
use leptos::prelude::*;

/// The hidden field that says that the form is the console's own.
pub(super) fn form_key(cx: &Console) -> AnyView {
    match cx.signed {
        Some(signed) => hidden("form_key", signed.form_key.clone()),
        None => nothing(),
    }
}

pub(super) fn hidden(name: &str, value: impl Into<String>) -> AnyView {
    view! { <input r#type="hidden" name=name.to_owned() value=value.into() /> }.into_any()
}

/// For a browser that keeps passwords: whose it is. Nobody has to type it.
pub(super) fn username(login: &str) -> AnyView {
    view! {
        <input
            r#type="text"
            name="login"
            autocomplete="username"
            value=login.to_owned()
            readonly="readonly"
            hidden="hidden"
        />
    }
    .into_any()
}

/// Everything that is wrong with what was sent, before the form, which still holds what was typed.
pub(super) fn refusals(cx: &Console) -> AnyView {
    if cx.refusals.is_empty() {
        return nothing();
    }
    let lines: Vec<AnyView> =
        cx.refusals.iter().map(|refusal| view! { <li>{told::at_its_place(cx, refusal)}</li> }.into_any()).collect();
    view! {
        <section id="refusals" class="stands-out" role="alert" aria-labelledby="refusals-title">
            <h2 id="refusals-title">{cx.say("console-refused")}</h2>
            <ul>{lines}</ul>
        </section>
    }
    .into_any()
}

/// Whether something is wrong with the field of this name.
pub(super) fn refused(cx: &Console, name: &str) -> bool {
    of_field(cx, name).is_some()
}

/// The id of a field: without dots, which need escaping elsewhere.
pub(super) fn id_of(name: &str) -> String {
    name.replace('.', "_")
}

/// What is wrong with the field of this name.
fn of_field(cx: &Console, name: &str) -> Option<String> {
    cx.refusals.iter().find(|refusal| told::field(refusal) == name).map(|refusal| told::told(cx, refusal))
}

/// A field with its label above it, and what is wrong with it below.
pub(super) fn labelled(cx: &Console, name: &str, label: String, note: Option<String>, control: AnyView) -> AnyView {
    let wrong = of_field(cx, name);
    let id = id_of(name);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {control}
            {note.map(|note| view! { <p class="note" id=format!("{id}-note")>{note}</p> })}
            {wrong.map(|wrong| view! { <p class="wrong" id=format!("{id}-wrong")>{wrong}</p> })}
        </div>
    }
    .into_any()
}

/// One line of text.
pub(super) struct Line<'a> {
    pub name: &'a str,
    pub kind: &'static str,
    pub value: String,
    pub autocomplete: &'static str,
    pub required: bool,
}

impl Line<'_> {
    pub fn view(self, cx: &Console) -> AnyView {
        let invalid = of_field(cx, self.name).map(|_| "true");
        let described = invalid.map(|_| format!("{}-wrong", id_of(self.name)));
        view! {
            <input
                id=id_of(self.name)
                name=self.name.to_owned()
                r#type=self.kind
                value=self.value
                autocomplete=self.autocomplete
                autocapitalize="none"
                required=self.required
                aria-invalid=invalid
                aria-describedby=described
            />
        }
        .into_any()
    }
}

/// Text of several lines.
pub(super) fn area(cx: &Console, name: &str, value: &str, rows: u8) -> AnyView {
    let invalid = of_field(cx, name).map(|_| "true");
    let described = invalid.map(|_| format!("{}-wrong", id_of(name)));
    view! {
        <textarea
            id=id_of(name)
            name=name.to_owned()
            rows=rows.to_string()
            aria-invalid=invalid
            aria-describedby=described
        >
            {within_textarea(value)}
        </textarea>
    }
    .into_any()
}

/// The content of a `<textarea>`. Leptos writes it as it is (it takes the element for one whose text is raw, like
/// `<script>`), so it is escaped here: what somebody typed must never end the element. The first line feed is dropped by
/// browsers, so that a text may begin with one.
fn within_textarea(value: &str) -> String {
    format!("\n{}", value.replace('&', "&amp;").replace('<', "&lt;"))
}

/// A choice of few, all in sight.
pub(super) fn choices(name: &str, legend: String, chosen: &str, options: Vec<(String, String)>) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(value, label)| {
            let checked = value == chosen;
            view! {
                <label class="choice">
                    <input r#type="radio" name=name.to_owned() value=value checked=checked />
                    <span>{label}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {options}
        </fieldset>
    }
    .into_any()
}

/// A choice of many.
pub(super) fn select(id: &str, name: &str, chosen: &str, options: Vec<(String, String)>) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }.into_any()
        })
        .collect();
    view! { <select id=id.to_owned() name=name.to_owned()>{options}</select> }.into_any()
}

/// A button that sends the form and says what is wanted of it.
pub(super) fn button(wanted: &str, label: String, class: &'static str) -> AnyView {
    view! { <button class=class type="submit" name="do" value=wanted.to_owned()>{label}</button> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_never_ends_its_own_field() {
        let owner = Owner::new_root(None);
        let typed = "</textarea><button formaction=/admin/operators>Review</button> &lt; a & b";
        let html = owner.with(|| view! { <textarea>{within_textarea(typed)}</textarea> }.to_html());
        assert_eq!(html.matches('<').count(), 2, "{html}");
        assert!(html.contains("&lt;/textarea>") && html.contains("&amp;lt; a &amp; b"), "{html}");
    }
}
