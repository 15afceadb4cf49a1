//! The line that something stands on in a TOML file.

use domain::command::{Reason, Refusal};
use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

/// Line and column of a byte offset, both from 1.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |index| index + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A TOML error with its place.
pub fn of_error(text: &str, error: &toml::de::Error) -> Refusal {
    let place = error.span().map(|span| {
        let (line, column) = line_and_column(text, span.start);
        format!("line {line}, column {column}")
    });
    Reason::CatalogSyntax { error: error.message().replace('\n', ", ") }.at(place.unwrap_or_default())
}

#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    page: Option<Spanned<IgnoredAny>>,
    #[serde(default)]
    region: Vec<Spanned<IgnoredAny>>,
    #[serde(default)]
    group: Vec<Spanned<IgnoredAny>>,
    #[serde(default)]
    component: Vec<Spanned<IgnoredAny>>,
}

/// Puts the line of its entry before each refusal's field: `line 12, component[3].regions`.
pub fn with_lines(text: &str, refusals: Vec<Refusal>) -> Vec<Refusal> {
    let Ok(places) = toml::from_str::<Places>(text) else { return refusals };
    let line = |field: &str| {
        let (list, rest) = field.split_once(['[', '.'])?;
        let index = rest.split_once(']').and_then(|(index, _)| index.parse::<usize>().ok());
        let entry = match list {
            "page" => places.page.as_ref(),
            "region" => places.region.get(index?),
            "group" => places.group.get(index?),
            "component" => places.component.get(index?),
            _ => None,
        };
        Some(line_and_column(text, entry?.span().start).0)
    };
    let placed = |refusal: Refusal| match line(&refusal.field) {
        Some(line) => Refusal { field: format!("line {line}, {}", refusal.field), ..refusal },
        None => refusal,
    };
    refusals.into_iter().map(placed).collect()
}
