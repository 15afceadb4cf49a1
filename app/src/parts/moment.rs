//! A time on the page, and messages with times or links inside.

use super::Context;
use crate::{time::machine, words::Piece};
use domain::Instant;
use fluent_bundle::FluentValue;
use leptos::prelude::*;

/// How much of an instant is told. The reader's browser tells the same much in the reader's own zone.
#[derive(Clone, Copy)]
pub enum Telling {
    Time,
    Seconds,
    Date,
    Both,
}

/// `<time>`: the machine's form in UTC, the words in the zone of the page.
pub fn moment(cx: &Context, at: Instant, telling: Telling) -> AnyView {
    let (text, format) = match telling {
        Telling::Time => (cx.times.time(at), Some("time")),
        Telling::Seconds => (cx.times.seconds(at), Some("seconds")),
        Telling::Date => (cx.times.date(at), Some("date")),
        Telling::Both => (cx.times.both(at), None),
    };
    view! { <time datetime=machine(at) data-format=format>{text}</time> }.into_any()
}

/// The place of "in 12 min", which only a browser with script can say and keep true.
pub fn relative(at: Instant) -> AnyView {
    view! { <span class="relative" data-relative=machine(at)></span> }.into_any()
}

/// A time of day; of another day with its date.
pub fn near(cx: &Context, at: Instant) -> AnyView {
    moment(cx, at, if cx.is_today(at) { Telling::Time } else { Telling::Both })
}

/// A time of day to the second; of another day with its date.
pub fn precise(cx: &Context, at: Instant) -> AnyView {
    moment(cx, at, if cx.is_today(at) { Telling::Seconds } else { Telling::Both })
}

/// A time of day, with its distance where that can be said.
pub fn soon(cx: &Context, at: Instant) -> AnyView {
    view! {
        {near(cx, at)}
        {relative(at)}
    }
    .into_any()
}

/// A message whose places hold views, in the order of their names.
pub fn message(
    cx: &Context,
    id: &str,
    arguments: &[(&str, FluentValue)],
    places: Vec<(&str, AnyView)>,
) -> Vec<AnyView> {
    let (names, views): (Vec<&str>, Vec<AnyView>) = places.into_iter().unzip();
    let mut views: Vec<Option<AnyView>> = views.into_iter().map(Some).collect();
    cx.words
        .pieces(id, arguments, &names)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.into_any()),
            Piece::Place(index) => views.get_mut(index).and_then(Option::take),
        })
        .collect()
}
