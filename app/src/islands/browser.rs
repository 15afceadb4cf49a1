//! The few words of the DOM that the islands share. Only in the browser.
//!
//! Listeners and timers live as long as the page: an island is never taken away, so their closures are leaked on
//! purpose.

use js_sys::{Array, Date, Function, Math, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, EventTarget, HtmlElement, Storage, Window};

/// The window. A page always has one; islands run nowhere else.
pub fn window() -> Window {
    web_sys::window().expect_throw("islands run in a window")
}

/// The page.
pub fn document() -> Document {
    window().document().expect_throw("islands run in a page")
}

/// `<html>`.
pub fn root() -> Element {
    document().document_element().expect_throw("a page has a root")
}

/// The element with this id.
pub fn by_id(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Every element of the page that the selector names.
pub fn all(selector: &str) -> Vec<Element> {
    all_in(document().as_ref(), selector)
}

/// Every element below `parent` that the selector names. `parent` is an element or a document.
pub fn all_in(parent: &JsValue, selector: &str) -> Vec<Element> {
    let list = parent.unchecked_ref::<Element>().query_selector_all(selector);
    let Ok(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.item(index)).filter_map(|node| node.dyn_into().ok()).collect()
}

/// An attribute as a whole number.
pub fn number(element: &Element, attribute: &str) -> Option<i64> {
    element.get_attribute(attribute)?.parse().ok()
}

/// Sets the text only if it differs, so that an unchanged tick costs no layout.
pub fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Calls `work` on every such event.
pub fn listen(target: &EventTarget, event: &str, work: impl FnMut(JsValue) + 'static) {
    let closure = Closure::<dyn FnMut(JsValue)>::new(work).into_js_value();
    let added = target.add_event_listener_with_callback(event, closure.unchecked_ref());
    added.unwrap_throw();
}

/// Tells the other islands that the page changed.
pub fn announce_refresh() {
    if let Ok(event) = web_sys::Event::new(super::REFRESHED) {
        // An event that nobody cancels has nothing to tell.
        let _ = document().dispatch_event(&event);
    }
}

/// Calls `work` once.
pub fn after(delay_ms: i32, work: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(work);
    let set =
        window().set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref::<Function>(), delay_ms);
    set.unwrap_throw();
}

/// Calls `work` again and again.
pub fn every(interval_ms: i32, work: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(work).into_js_value();
    let set = window()
        .set_interval_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref::<Function>(), interval_ms);
    set.unwrap_throw();
}

/// A random whole number from 0 to `max`, so that a crowd of readers does not move as one.
#[expect(clippy::cast_possible_truncation, reason = "below `max`, an i32")]
pub fn jitter_ms(max: i32) -> i32 {
    (Math::random() * f64::from(max)) as i32
}

/// The reader's wall clock, in milliseconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
pub fn wall_ms() -> i64 {
    Date::now() as i64
}

/// The tab's monotonic clock, in milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
pub fn monotonic_ms() -> i64 {
    window().performance().map_or(0, |clock| clock.now() as i64)
}

/// An RFC 3339 instant in milliseconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
pub fn instant_ms(text: &str) -> Option<i64> {
    let milliseconds = Date::parse(text);
    (!milliseconds.is_nan()).then_some(milliseconds as i64)
}

/// The reader's store, unless it is refused.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Moves the focus without scrolling.
pub fn focus_in_place(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // Not focusable any more: the reader's focus falls to the page, as without script.
    let _ = element.focus_with_options(&options);
}

/// Scrolls down by so many pixels, without the way there that the style sheet asks for.
pub fn scroll_at_once(pixels: f64) {
    let options = web_sys::ScrollToOptions::new();
    options.set_top(pixels);
    options.set_behavior(web_sys::ScrollBehavior::Instant);
    window().scroll_by_with_scroll_to_options(&options);
}

/// The page's language as `Intl` wants it. English is told as the server tells it, day before month.
pub fn locales() -> Array {
    let language = match root().get_attribute("lang") {
        Some(language) if language == "en" => "en-GB".to_owned(),
        language => language.unwrap_or_default(),
    };
    match js_sys::Intl::get_canonical_locales(&JsValue::from_str(&language)) {
        list if list.length() > 0 => list,
        _ => Array::new(),
    }
}

/// An options object of texts and numbers.
pub fn options(entries: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        // A plain object takes every property.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    object
}
