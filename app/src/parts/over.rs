//! The line of a page that tells what is over, in the place of the freshness line: it needs no confirmation, and says
//! where the present is told.

use super::{Context, moment::message};
use crate::address::Address;
use leptos::prelude::*;

/// `said`: the message of the line.
pub fn over(cx: &Context, said: &'static str) -> AnyView {
    let page = view! { <a href=cx.link(Address::Home)>{cx.say("over-page")}</a> }.into_any();
    view! { <p id="over">{message(cx, said, &[], vec![("page", page)])}</p> }.into_any()
}
