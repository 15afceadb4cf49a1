//! The status as a small SVG: a name, a shape and a word, readable without colour and by a screen reader. It loads
//! nothing and runs nothing.

use super::{content::escaped, entry::xml_text};
use app::{address::Selection, locale::Locale, words::Words};
use domain::{
    board::Board,
    stamp::{Freshness, Stamp},
    status::{ComponentStatus, Impact},
};

/// A badge has one address and no language of its own.
const LANGUAGE: Locale = Locale::English;
/// Longest name shown, in characters.
const NAME_LENGTH_MAX: usize = 40;
/// Everything below in pixels. The width of a character is a guess that `textLength` makes true in every font.
const HEIGHT: u32 = 20;
const NARROW: u32 = 7;
const WIDE: u32 = 12;
const MARGIN: u32 = 8;
const SHAPE_BOX: u32 = 16;

/// What the right half shows.
struct Face {
    word: String,
    /// White text on it has a contrast of at least 4.5:1.
    colour: &'static str,
    /// Drawn in a box of 12 by 12, the same as in the page's matrix.
    shape: &'static str,
}

const NOT_CONFIRMED_COLOUR: &str = "#5f6368";

pub(super) fn write(board: &Board, of: Selection, stamp: &Stamp) -> String {
    let name: String = xml_text(&name(board, of)).chars().take(NAME_LENGTH_MAX).collect();
    // Too long for the face; told by those who point at it, and read out.
    let newer =
        if board.has_newer() { format!(". {}", Words::of(LANGUAGE).say("newer-exists")) } else { String::new() };
    let face = face(board, of, stamp);
    let word = xml_text(&face.word);
    let (name_width, word_width) = (width(&name), width(&word));
    let left = name_width + 2 * MARGIN;
    let total = left + MARGIN + SHAPE_BOX + word_width + MARGIN;
    let word_at = left + MARGIN + SHAPE_BOX;
    let (name, word, colour, shape) = (escaped(&name), escaped(&word), face.colour, face.shape);
    let shape_at = left + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total}\" height=\"{HEIGHT}\" viewBox=\"0 0 {total} {HEIGHT}\" \
         role=\"img\" aria-label=\"{name}: {word}{newer}\"><title>{name}: {word}{newer}</title>\
         <rect width=\"{total}\" height=\"{HEIGHT}\" rx=\"3\" fill=\"#33383d\"/>\
         <path d=\"M{left} 0h{right}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right}z\" fill=\"{colour}\"/>\
         <g transform=\"translate({shape_at} 4)\" fill=\"#fff\" stroke=\"#fff\">{shape}</g>\
         <g fill=\"#fff\" font-family=\"system-ui,sans-serif\" font-size=\"12\">\
         <text x=\"{MARGIN}\" y=\"14\" textLength=\"{name_width}\" lengthAdjust=\"spacingAndGlyphs\">{name}</text>\
         <text x=\"{word_at}\" y=\"14\" textLength=\"{word_width}\" lengthAdjust=\"spacingAndGlyphs\">{word}</text></g></svg>",
        right = total - left - 3,
    )
}

fn name(board: &Board, of: Selection) -> String {
    let catalog = &board.catalog;
    let name = match of {
        Selection::Whole => Some(&catalog.page.name),
        Selection::Component(id) => catalog.component(id).map(|component| &component.name),
        Selection::Region(id) => catalog.region(id).map(|region| &region.name),
    };
    name.map(|name| name.in_language(LANGUAGE.tag()).to_owned()).unwrap_or_default()
}

fn face(board: &Board, of: Selection, stamp: &Stamp) -> Face {
    let words = Words::of(LANGUAGE);
    let status = match of {
        Selection::Whole => ComponentStatus::worst(
            board.catalog.components.iter().map(|component| board.component_status(component.id)),
        ),
        Selection::Component(id) => board.component_status(id),
        Selection::Region(id) => board.region_status(id),
    };
    // An open incident whose cells are back, or that names none, still stands on the page.
    let open = board.open_incidents();
    let standing = open.iter().find(|incident| match of {
        Selection::Whole => incident.impact != Impact::None,
        Selection::Component(id) => incident.components().contains(&id),
        Selection::Region(id) => incident.named.iter().any(|cell| cell.region == Some(id)),
    });
    let calm = matches!(status, ComponentStatus::Operational | ComponentStatus::UnderMaintenance);
    if stamp.freshness == Freshness::Grey && (calm || status == ComponentStatus::Unknown) {
        let shape = shape(ComponentStatus::Unknown);
        return Face { word: words.say("badge-not-confirmed"), colour: NOT_CONFIRMED_COLOUR, shape };
    }
    let drawn = if calm && standing.is_some() { ComponentStatus::DegradedPerformance } else { status };
    let word = match standing {
        Some(incident) if calm => words.status(incident.status),
        _ => words.component_status(status),
    };
    Face { word, colour: colour(drawn), shape: shape(drawn) }
}

fn colour(status: ComponentStatus) -> &'static str {
    match status {
        ComponentStatus::Operational => "#1a7240",
        ComponentStatus::UnderMaintenance => "#2b5fa8",
        ComponentStatus::Unknown => NOT_CONFIRMED_COLOUR,
        ComponentStatus::DegradedPerformance => "#7d5c00",
        ComponentStatus::PartialOutage => "#a3480b",
        ComponentStatus::MajorOutage => "#b3202a",
    }
}

fn shape(status: ComponentStatus) -> &'static str {
    match status {
        ComponentStatus::Operational => r#"<circle cx="6" cy="6" r="3" stroke="none"/>"#,
        ComponentStatus::UnderMaintenance => r#"<path d="M6 1l5 5-5 5-5-5z" fill="none" stroke-width="1.5"/>"#,
        ComponentStatus::Unknown => {
            r#"<path d="M3.5 4.5a2.5 2.5 0 1 1 2.5 2.5v1M6 10v1" fill="none" stroke-width="1.5"/>"#
        }
        ComponentStatus::DegradedPerformance => r#"<path d="M6 1l5 10h-10z" stroke="none"/>"#,
        ComponentStatus::PartialOutage => {
            r#"<path d="M1.5 1.5h9v9h-9z" fill="none" stroke-width="1.5"/><path d="M1.5 1.5h4.5v9h-4.5z" stroke="none"/>"#
        }
        ComponentStatus::MajorOutage => r#"<path d="M1 1h10v10h-10z" stroke="none"/>"#,
    }
}

/// About how wide a text is: a character beyond Latin, Greek and Cyrillic counts as wide.
fn width(text: &str) -> u32 {
    text.chars().map(|character| if u32::from(character) < 0x1100 { NARROW } else { WIDE }).sum()
}
