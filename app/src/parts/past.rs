//! The line of a page that tells what is over, in the place of the freshness line: it needs no confirmation, and says
//! where the present is told.

use super::{Context, moment::message};
use crate::address::Address;
use leptos::prelude::*;

pub fn past(cx: &Context) -> AnyView {
    let page = view! { <a href=cx.link(Address::Home)>{cx.say("past-page")}</a> }.into_any();
    view! { <p id="past">{message(cx, "past", &[], vec![("page", page)])}</p> }.into_any()
}
