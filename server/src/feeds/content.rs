//! An entry's timeline as HTML, newest first: every update readable in the reader itself, without styles or script.

use app::{
    locale::Locale,
    markdown,
    time::{self, TimeFormat},
    words::Words,
};
use domain::{
    Instant,
    board::Board,
    catalog::Cell,
    headline::REGIONS_NAMED,
    incident::{Incident, Update},
    status::{ComponentStatus, Status},
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// How one feed says what it shows.
struct Voice {
    words: &'static Words,
    times: TimeFormat,
}

/// The whole timeline. What operators wrote is sanitised Markdown; everything else is escaped here.
pub fn timeline(board: &Board, incident: &Incident, locale: Locale) -> String {
    let words = Words::of(locale);
    let voice = Voice { words, times: TimeFormat::new(&board.catalog.page, words) };
    let mut html = String::new();
    if let Some(schedule) = &incident.schedule {
        html.push_str(&voice.fact("feed-scheduled-from", schedule.from));
        html.push_str(&voice.fact("feed-scheduled-until", schedule.until));
    }
    if let Some(postmortem) = &incident.postmortem {
        html.push_str(&voice.heading(Status::Postmortem, postmortem.at));
        html.push_str(&voice.prose(&postmortem.text));
    }
    for update in incident.updates.iter().rev() {
        html.push_str(&voice.heading(update.standing, update.at));
        html.push_str(&voice.prose(&update.text));
        html.push_str(&voice.facts(update));
        html.push_str(&voice.scope(board, update));
    }
    html
}

/// Text as HTML and SVG show it.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

impl Voice {
    fn heading(&self, status: Status, at: Instant) -> String {
        let (machine, shown) = (time::machine(at), escaped(&self.times.both(at)));
        let word = escaped(&self.words.status(status));
        format!("<p><time datetime=\"{machine}\">{shown}</time> · <strong>{word}</strong></p>\n")
    }

    fn prose(&self, text: &Text) -> String {
        format!("<div>{}</div>\n", markdown::to_html(self.words.text(text)))
    }

    /// One labelled time.
    fn fact(&self, label: &str, at: Instant) -> String {
        let (machine, shown) = (time::machine(at), escaped(&self.times.both(at)));
        format!("<p>{} <time datetime=\"{machine}\">{shown}</time></p>\n", escaped(&self.words.say(label)))
    }

    /// What the update promised and stated beside its text.
    fn facts(&self, update: &Update) -> String {
        let mut html = String::new();
        if let Some(cause) = &update.root_cause {
            let label = escaped(&self.words.say("feed-root-cause"));
            html.push_str(&format!("<p><strong>{label}</strong></p>\n{}", self.prose(cause)));
        }
        let times =
            [("feed-expected-recovery", update.expected_recovery_at), ("feed-next-update", update.next_update_at)];
        html.extend(times.into_iter().filter_map(|(label, at)| Some(self.fact(label, at?))));
        html
    }

    /// What the update changed, worst first: one line a status, each component with its regions named or counted.
    fn scope(&self, board: &Board, update: &Update) -> String {
        let mut lines: BTreeMap<ComponentStatus, BTreeSet<Cell>> = BTreeMap::new();
        for step in &update.scope {
            lines.entry(step.to).or_default().insert(step.cell);
        }
        let line = |(status, cells): (ComponentStatus, BTreeSet<Cell>)| {
            let word = escaped(&self.words.component_status(status));
            format!("<li><strong>{word}</strong> {}</li>\n", escaped(&self.places(board, &cells)))
        };
        let items: String = lines.into_iter().rev().map(line).collect();
        if items.is_empty() { items } else { format!("<ul>\n{items}</ul>\n") }
    }

    /// `Console, Cloud API (16/17)`: components in page order, and where they are more than a few, of how many
    /// regions.
    fn places(&self, board: &Board, cells: &BTreeSet<Cell>) -> String {
        let mut names = Vec::new();
        for component in &board.catalog.components {
            let of_it: Vec<Cell> = component.cells().into_iter().filter(|cell| cells.contains(cell)).collect();
            let name = self.words.text(&component.name);
            match of_it.as_slice() {
                [] => {}
                [Cell { region: None, .. }] => names.push(name.to_owned()),
                few if few.len() <= REGIONS_NAMED => names.extend(few.iter().filter_map(|cell| {
                    let region = board.catalog.region(cell.region?)?;
                    Some(format!("{name} ({})", self.words.text(&region.name)))
                })),
                many => names.push(format!("{name} ({}/{})", many.len(), component.regions.len())),
            }
        }
        // Cells that their component no longer has, as far as the catalog can name them.
        let is_current =
            |cell: &Cell| board.catalog.component(cell.component).is_some_and(|of| of.cells().contains(cell));
        let former = cells.iter().filter(|cell| !is_current(cell));
        names.extend(former.filter_map(|cell| board.catalog.cell_name(*cell)));
        names.join(", ")
    }
}
