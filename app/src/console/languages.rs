//! A text in every language of the page, as forms hold it: the first language in a field of the text's own name, each
//! translation in a field `NAME.TAG`. The first is always in sight, the others are folded away until they hold something.

use super::{
    Console,
    controls::{Line, area, hidden, labelled, refused},
};
use crate::{locale::Locale, parts::nothing};
use domain::text::Text;
use leptos::prelude::*;

/// One text of a form.
pub(super) struct Writing<'a> {
    pub name: &'static str,
    pub label: String,
    pub note: Option<String>,
    pub value: &'a Text,
    /// Lines that are in sight; a text of one line for 1.
    pub rows: u8,
    /// Whether a browser is to ask for the first language.
    pub required: bool,
}

/// The field of a translation.
pub fn field(name: &str, tag: &str) -> String {
    format!("{name}.{tag}")
}

/// The language of the page that the first texts are in; `None` where each has a translation of its own. What is there
/// tells, and of an empty form it is the operator's own.
pub(super) fn first(texts: &[&Text], own: Locale) -> Option<Locale> {
    let is_free = |locale: &Locale| !tags(texts).any(|tag| Locale::from_tag(tag) == Some(*locale));
    let written = texts.iter().find_map(|text| Locale::of_writing(&text.default));
    written.into_iter().chain([own]).chain(Locale::ALL.iter().copied()).find(is_free)
}

/// The tags of the other languages: those of the page, then whatever else there is.
pub(super) fn others(texts: &[&Text], own: Locale) -> Vec<String> {
    let first = first(texts, own);
    let held = |locale: Locale| tags(texts).any(|tag| Locale::from_tag(tag) == Some(locale));
    let of_page = Locale::ALL.iter().copied().filter(|locale| Some(*locale) != first && !held(*locale));
    let mut others: Vec<String> = of_page.map(|locale| locale.tag().to_owned()).collect();
    others.extend(tags(texts).map(str::to_owned));
    others.sort();
    others.dedup();
    others
}

fn tags<'t>(texts: &'t [&Text]) -> impl Iterator<Item = &'t str> {
    texts.iter().flat_map(|text| text.translations.keys().map(String::as_str))
}

/// A language by its own name; one that the page is not made in by its tag.
pub(super) fn name(tag: &str) -> String {
    match Locale::from_tag(tag) {
        Some(locale) if locale.tag() == tag => locale.own_name().to_owned(),
        Some(locale) => format!("{} ({tag})", locale.own_name()),
        None => tag.to_owned(),
    }
}

/// A field's label with the language that it is about.
pub(super) fn in_language(cx: &Console, label: &str, tag: &str) -> String {
    cx.say_with("console-in-language", &[("field", label.into()), ("language", name(tag).into())])
}

/// The languages of the page in which readers see these texts each in its own words, the operator's own first: that one
/// is always there, another only when it differs.
pub(super) fn told_apart(texts: &[&Text], own: Locale) -> Vec<Locale> {
    let differs =
        |locale: &Locale| texts.iter().any(|text| text.in_language(locale.tag()) != text.in_language(own.tag()));
    [own].into_iter().chain(Locale::ALL.iter().copied().filter(|locale| *locale != own && differs(locale))).collect()
}

/// The field of the first language.
pub(super) fn in_first(cx: &Console, writing: &Writing) -> AnyView {
    let control = control(cx, writing, writing.name, &writing.value.default, writing.required);
    labelled(cx, writing.name, writing.label.clone(), writing.note.clone(), control)
}

/// The fields of the other languages, for all texts of a form.
pub(super) fn in_others(cx: &Console, writings: &[Writing]) -> AnyView {
    let texts: Vec<&Text> = writings.iter().map(|writing| writing.value).collect();
    let tags = others(&texts, cx.locale);
    if tags.is_empty() {
        return nothing();
    }
    let names: Vec<String> = tags.iter().map(|tag| name(tag)).collect();
    let mut is_open = false;
    let mut fields: Vec<AnyView> = Vec::new();
    for tag in &tags {
        for writing in writings {
            let name = field(writing.name, tag);
            let value = writing.value.translations.get(tag).map(String::as_str).unwrap_or_default();
            is_open |= !value.trim().is_empty() || refused(cx, &name);
            let label = in_language(cx, &writing.label, tag);
            let control = control(cx, writing, &name, value, false);
            let control = view! { <div lang=tag.clone()>{control}</div> }.into_any();
            fields.push(labelled(cx, &name, label, None, control));
        }
    }
    let summary = cx.say_with("console-other-languages", &[("languages", cx.words.list(&names).into())]);
    view! {
        <details id="other-languages" open=is_open>
            <summary>{summary}</summary>
            <p class="note">{cx.say("console-other-languages-note")}</p>
            <div class="stack">{fields}</div>
        </details>
    }
    .into_any()
}

fn control(cx: &Console, writing: &Writing, name: &str, value: &str, required: bool) -> AnyView {
    match writing.rows {
        1 => Line { name, kind: "text", value: value.to_owned(), autocomplete: "off", required }.view(cx),
        rows => area(cx, name, value, rows),
    }
}

/// A text that is carried on unseen, in all its languages.
pub(super) fn carried(name: &str, text: &Text) -> AnyView {
    let translations: Vec<AnyView> =
        text.translations.iter().map(|(tag, text)| hidden(&field(name, tag), text.clone())).collect();
    view! {
        {hidden(name, text.default.clone())}
        {translations}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(default: &str, translations: &[(&str, &str)]) -> Text {
        let translations = translations.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
        Text { default: default.to_owned(), translations }
    }

    #[test]
    fn a_form_offers_every_language_but_the_one_that_stands_first() {
        use Locale::{English, SimplifiedChinese};
        let cases = [
            (text("", &[]), English, Some(English), vec!["zh-CN"]),
            (text("", &[]), SimplifiedChinese, Some(SimplifiedChinese), vec!["en"]),
            (text("It fails", &[]), SimplifiedChinese, Some(English), vec!["zh-CN"]),
            (text("出现故障", &[]), English, Some(SimplifiedChinese), vec!["en"]),
            (text("It fails", &[("zh-CN", "故障")]), SimplifiedChinese, Some(English), vec!["zh-CN"]),
            (text("It fails", &[("zh", "故障")]), English, Some(English), vec!["zh"]),
            (text("It fails", &[("de", "Ausfall")]), English, Some(English), vec!["de", "zh-CN"]),
            (text("Ausfall", &[("en", "It fails"), ("zh-CN", "故障")]), English, None, vec!["en", "zh-CN"]),
        ];
        for (text, own, expected, tags) in cases {
            assert_eq!(first(&[&text], own), expected, "{text:?}");
            assert_eq!(others(&[&text], own), tags, "{text:?}");
        }
    }

    #[test]
    fn readers_are_told_apart_only_where_they_see_something_else() {
        let one = text("It fails", &[("de", "Ausfall")]);
        assert_eq!(told_apart(&[&one], Locale::English), [Locale::English]);
        let two = text("It fails", &[("zh-CN", "故障")]);
        let own_first = [Locale::SimplifiedChinese, Locale::English];
        assert_eq!(told_apart(&[&one, &two], Locale::SimplifiedChinese), own_first);
    }
}
