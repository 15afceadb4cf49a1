//! What was measured, beside what is to be reached: a table, `server/docs/figures.md`, and JSON.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use super::machine::Machine;

/// One measured value.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub row: &'static str,
    /// What is measured, and its unit.
    pub what: String,
    pub value: f64,
    /// How it came about: the values that a ratio is made of, rounds, samples.
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
}

/// What DESIGN section 10 asks for.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    pub fn new(row: &'static str, what: impl Into<String>, value: f64, detail: impl Into<String>) -> Self {
        Figure { row, what: what.into(), value, detail: detail.into(), reach: None }
    }

    pub fn reaching(self, reach: Reach) -> Self {
        Figure { reach: Some(reach), ..self }
    }

    fn verdict(&self) -> &'static str {
        match self.reach {
            None => "",
            Some(Reach::AtMost(bound)) if self.value <= bound => "reached",
            Some(Reach::AtLeast(bound)) if self.value >= bound => "reached",
            Some(_) => "**short**",
        }
    }

    fn bound(&self) -> String {
        match self.reach {
            None => "-".to_owned(),
            Some(Reach::AtMost(bound)) => format!("<= {}", number(bound)),
            Some(Reach::AtLeast(bound)) => format!(">= {}", number(bound)),
        }
    }
}

/// Three significant digits, or all before the point.
fn number(value: f64) -> String {
    let magnitude = value.abs();
    match magnitude {
        _ if magnitude == 0.0 || magnitude >= 100.0 => format!("{value:.0}"),
        _ if magnitude >= 10.0 => format!("{value:.1}"),
        _ if magnitude >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The figures as a Markdown table.
pub fn table(figures: &[Figure]) -> String {
    let mut table = String::from("| row | what | measured | reach | | how |\n|---|---|---:|---:|---|---|\n");
    for figure in figures {
        let Figure { row, what, detail, .. } = figure;
        let (value, bound, verdict) = (number(figure.value), figure.bound(), figure.verdict());
        // Writing to a string does not fail.
        let _written = writeln!(table, "| {row} | {what} | {value} | {bound} | {verdict} | {detail} |");
    }
    table
}

/// How many of the figures reach what they should, in words.
pub fn summary(figures: &[Figure]) -> String {
    let reached = figures.iter().filter(|figure| figure.verdict() == "reached").count();
    let all = figures.iter().filter(|figure| figure.reach.is_some()).count();
    format!("{reached} of {all} figures reach what DESIGN section 10 asks for; {} fall short.", all - reached)
}

const PREFACE: &str = "# Figures\n\n\
    Written by `cargo xtask bench`; not edited by hand. What each figure should reach is section 10 of the design. A \
    slow figure never fails a build: it stands here, as short.\n\n\
    Load and server share the cores of one machine, so requests per second say what both cost together; processor time \
    per request is the server's own (user and system time of its whole process tree, from `/proc`). Rounds of two \
    things that are compared alternate, and medians are taken. All connections of readers and operators are kept alive \
    over loopback, without TLS. Between two nodes stands a relay that delays what it passes and counts the bytes, those of \
    TLS included and those of TCP and IP not.\n\n";

/// Writes the page that is kept in the repository.
///
/// # Errors
/// When it cannot be written.
pub fn write_page(path: &Path, machine: &Machine, figures: &[Figure]) -> anyhow::Result<()> {
    let page = format!("{PREFACE}{machine}\n{}\n\n{}", summary(figures), table(figures));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes the figures for programs.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(path: &Path, machine: &Machine, figures: &[Figure]) -> anyhow::Result<()> {
    let json = serde_json::json!({ "machine": machine, "figures": figures });
    fs::write(path, format!("{json:#}\n")).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_beside_its_bound_says_plainly_whether_it_is_reached() {
        let cases = [
            (1.0, Reach::AtMost(1.0), "reached"),
            (1.01, Reach::AtMost(1.0), "**short**"),
            (0.9, Reach::AtLeast(0.9), "reached"),
            (0.89, Reach::AtLeast(0.9), "**short**"),
            (f64::NAN, Reach::AtMost(1.0), "**short**"),
        ];
        for (value, reach, verdict) in cases {
            let figure = Figure::new("row", "what", value, "").reaching(reach);
            assert_eq!(figure.verdict(), verdict, "{value} {reach:?}");
        }
        assert_eq!(Figure::new("row", "what", 1.0, "").verdict(), "");
    }

    #[test]
    fn numbers_keep_three_digits() {
        let numbers = [(0.0, "0"), (0.9614, "0.961"), (8.649, "8.65"), (64.05, "64.0"), (81_234.6, "81235")];
        for (value, text) in numbers {
            assert_eq!(number(value), text);
        }
    }
}
