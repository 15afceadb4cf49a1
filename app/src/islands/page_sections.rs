//! Replaces what changed on the page, and nothing else. Only in the browser.
//!
//! A section is compared with the server's HTML of last time, not with the page, which the other islands have changed.

use std::cell::RefCell;

use js_sys::futures::JsFuture;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Document, DomParser, Element, HtmlElement, RequestCache, RequestInit, Response, SupportedType};

use super::{browser, reader_clock};

/// The notice of a copy: a live region, which speaks when something is put into it and not when it is replaced.
const COPIED: &str = "copied";

/// A section's id and the server's HTML.
type Section = (String, String);

thread_local! {
    static SHOWN: RefCell<Vec<Section>> = const { RefCell::new(Vec::new()) };
    static HEADLINE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes the server's HTML before an island changes it.
pub fn remember() {
    let page = browser::document();
    SHOWN.set(sections(&page));
    HEADLINE.set(headline(&page));
}

/// Fetches the page again and shows what changed. A page that cannot be had is tried again by the next poll.
pub async fn refresh() {
    if let Ok(page) = fetch().await {
        show(&page);
    }
}

/// The stream confirmed what the page shows, as of this instant (RFC 3339), which was so old when it was sent.
pub fn confirm(instant: &str, age_ms: i64) {
    let Some(confirmed_at_ms) = browser::instant_ms(instant) else {
        return;
    };
    reader_clock::stream_confirmed(confirmed_at_ms, age_ms);
    if let Some(line) = browser::by_id("freshness") {
        let _ = line.set_attribute("data-confirmed-at", instant);
        if let Ok(Some(time)) = line.query_selector("time[datetime]") {
            let _ = time.set_attribute("datetime", instant);
        }
    }
    browser::announce_refresh();
}

async fn fetch() -> Result<Document, JsValue> {
    let window = browser::window();
    let location = window.location();
    let address = location.pathname()? + &location.search()?;
    let options = RequestInit::new();
    // The browser's own cache may serve stale pages while it revalidates; that would be the page we have.
    options.set_cache(RequestCache::NoCache);
    let response = JsFuture::from(window.fetch_with_str_and_init(&address, &options)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::UNDEFINED);
    }
    let html = JsFuture::from(response.text()?).await?;
    let html = html.as_string().unwrap_or_default();
    DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)
}

fn show(page: &Document) {
    // Read first: replacing moves the sections out of `page`.
    let (before, after) = (SHOWN.take(), sections(page));
    let headline = headline(page);
    let anchor = Anchor::find(&before, &after);
    if ids(&before).eq(ids(&after)) {
        for ((id, old), (_, new)) in before.iter().zip(&after) {
            if old != new
                && let (Some(old), Some(new)) = (browser::by_id(id), page.get_element_by_id(id))
            {
                replace(&old, &new);
            }
        }
    } else if let (Ok(Some(old)), Ok(Some(new))) =
        (browser::document().query_selector("main"), page.query_selector("main"))
    {
        replace(&old, &new);
        // Outside of `<main>` they were not replaced with it.
        for id in ["freshness", COPIED] {
            if let (Some(old), Some(new)) = (browser::by_id(id), page.get_element_by_id(id)) {
                replace(&old, &new);
            }
        }
    }
    SHOWN.set(after);
    // The whole element: it also holds what the title says once the page is too old.
    if let (Ok(Some(old)), Ok(Some(new))) =
        (browser::document().query_selector("head > title"), page.query_selector("head > title"))
    {
        let _ = old.replace_with_with_node_1(&new);
    }
    follow_life(page);
    reader_clock::page_arrived();
    browser::announce_refresh();
    if let Some(anchor) = anchor {
        anchor.restore();
    }
    announce_headline(headline);
}

/// What an incident's page tells becomes past when the incident ends, and present again when it is opened anew: only the
/// present turns grey with age. A page that was opened while it told the present goes on being polled.
fn follow_life(page: &Document) {
    const STATE: &str = "data-freshness";
    let Some(arrived) = page.document_element() else {
        return;
    };
    let root = browser::root();
    // The style sheet's count of seconds.
    root.set_class_name(&arrived.class_name());
    if !arrived.has_attribute(STATE) {
        let _ = root.remove_attribute(STATE);
    }
}

/// `main > [id]`, and the freshness line and the notice of a copy wherever they are.
fn sections(page: &Document) -> Vec<Section> {
    browser::all_in(page.as_ref(), "main > [id], #freshness, #copied")
        .into_iter()
        .map(|section| (section.id(), section.outer_html()))
        .collect()
}

fn ids(sections: &[Section]) -> impl Iterator<Item = &str> {
    sections.iter().map(|(id, _)| id.as_str())
}

/// Puts `new` in the place of `old`; what the reader opened stays open, what had the focus has it again.
fn replace(old: &Element, new: &Element) {
    if old.id() == COPIED {
        old.set_inner_html(&new.inner_html());
        return;
    }
    for kept in browser::all_in(old.as_ref(), "details[id]") {
        let same = format!("details[id=\"{}\"]", kept.id());
        if let Ok(Some(details)) = new.query_selector(&same) {
            let _ = details.toggle_attribute_with_force("open", kept.has_attribute("open"));
        }
    }
    let focused = Focused::find(old);
    if old.replace_with_with_node_1(new).is_err() {
        return;
    }
    if let Some(focused) = focused {
        focused.restore(new);
    }
}

/// The focused element of a section: what names it, and which of those that are named so it is.
struct Focused {
    selector: String,
    place: usize,
}

impl Focused {
    fn find(section: &Element) -> Option<Focused> {
        let element = browser::document().active_element().filter(|element| section.contains(Some(element)))?;
        let selector = match (element.id(), element.get_attribute("href")) {
            (id, _) if !id.is_empty() => format!("[id=\"{id}\"]"),
            (_, Some(address)) if !address.contains(['"', '\\']) => format!("a[href=\"{address}\"]"),
            // A summary, or a frame that scrolls: told apart by its place alone.
            _ => element.tag_name(),
        };
        let place = browser::all_in(section.as_ref(), &selector).iter().position(|same| *same == element)?;
        Some(Focused { selector, place })
    }

    /// Where fewer are left, the first of them; where none is, the reader's focus falls to the page.
    fn restore(self, section: &Element) {
        let mut same = browser::all_in(section.as_ref(), &self.selector);
        let place = if self.place < same.len() { self.place } else { 0 };
        if place < same.len()
            && let Ok(element) = same.swap_remove(place).dyn_into::<HtmlElement>()
        {
            browser::focus_in_place(&element);
        }
    }
}

fn headline(page: &Document) -> String {
    let headline = page.get_element_by_id("headline");
    let text = headline.and_then(|headline| headline.text_content());
    text.unwrap_or_default().trim().to_owned()
}

fn announce_headline(new: String) {
    let old = HEADLINE.replace(new.clone());
    if new != old
        && let Some(place) = browser::by_id("announce")
    {
        browser::set_text(&place, &new);
    }
}

/// What the reader looks at: what changes above it must not move it. The section across the top of the window, unless that
/// is what changes: it may grow above the edge, so the next one that stays as it is is held in its place.
struct Anchor {
    id: String,
    top: f64,
}

impl Anchor {
    fn find(before: &[Section], after: &[Section]) -> Option<Anchor> {
        let height = f64::from(browser::root().client_height());
        let place = |id: &str| browser::by_id(id).map(|section| section.get_bounding_client_rect());
        // Whether it is seen above this line of the window.
        let is_above = |id: &str, line: f64| place(id).is_some_and(|place| place.bottom() > 0.0 && place.top() < line);
        let (across, _) = before.iter().find(|(id, _)| is_above(id, 0.0))?;
        let stays = before.iter().find(|section| is_above(&section.0, height) && after.contains(section));
        let id = stays.map_or(across, |(id, _)| id);
        Some(Anchor { id: id.clone(), top: place(id)?.top() })
    }

    fn restore(&self) {
        if let Some(section) = browser::by_id(&self.id) {
            let moved = section.get_bounding_client_rect().top() - self.top;
            if moved != 0.0 {
                browser::scroll_at_once(moved);
            }
        }
    }
}
