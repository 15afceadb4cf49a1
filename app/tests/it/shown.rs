//! Pages as a browser gets them, and what a reader reads of them.

use app::{
    address::{Address, Page},
    locale::Locale,
    site::{Files, Site},
};
use chrono::TimeDelta;
use domain::{Instant, board::Board, stamp::Stamp};

pub fn site() -> Site {
    let files = Files {
        console_style: None,
        style: Some("/pkg/holdfast.css".to_owned()),
        boot: Some("/pkg/boot.js".to_owned()),
        glue: Some("/pkg/holdfast.js".to_owned()),
        wasm: Some("/pkg/holdfast.wasm".to_owned()),
    };
    Site { files, stream: Some("/live".to_owned()), ..Site::default() }
}

pub fn page(board: &Board, address: Address) -> Page {
    Page::of(address, board)
}

pub fn html(board: &Board, address: Address, locale: Locale, stamp: &Stamp) -> String {
    app::pages::html(&site(), board, &page(board, address), locale, stamp)
}

pub fn fresh(now: Instant) -> Stamp {
    Stamp::new(now, now, "Guangzhou")
}

pub fn grey(now: Instant) -> Stamp {
    Stamp::new(now - TimeDelta::minutes(6), now, "Guangzhou")
}

/// Every page of a board, in no language yet.
pub fn addresses(board: &Board) -> Vec<Address> {
    let is_page = |address: &Address| {
        !matches!(
            address,
            Address::Feed(..)
                | Address::Calendar
                | Address::Badge(_)
                | Address::V2(_)
                | Address::Status
                | Address::Copies
        )
    };
    let timelines = board.all_newest().map(|summary| (summary.kind, summary.id));
    Address::all(board, timelines).into_iter().filter(is_page).collect()
}

/// What a reader reads: without tags, attributes and style.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push('|');
            }
            character if !in_tag => text.push(character),
            _ => {}
        }
    }
    text
}

/// The values of an attribute.
pub fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
