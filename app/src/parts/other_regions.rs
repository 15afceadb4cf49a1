//! What this server has not heard from the other regions, below the freshness line.
//!
//! It says nothing of the services there: the cells of a silent region stay as they were posted, because any region may
//! post about any other.

use super::{Context, moment::*};
use domain::stamp::{Heard, Silent};
use leptos::prelude::*;

/// One sentence each: newer information, being cut off, silent regions.
pub fn notes(cx: &Context) -> Vec<AnyView> {
    let mut notes = Vec::new();
    if cx.board.has_newer() {
        notes.push(vec![view! { <strong>{cx.say("newer-exists")}</strong> }.into_any()]);
    }
    if cx.stamp.is_cut_off() {
        notes.push(cut_off(cx, cx.stamp.heard.as_ref()));
    } else {
        notes.extend(silent(cx, &cx.stamp.silent));
    }
    notes.into_iter().map(|words| view! { <span class="told">{words}</span> }.into_any()).collect()
}

/// All of them are silent then, and the one that was heard last says for how long at most.
fn cut_off(cx: &Context, heard: Option<&Heard>) -> Vec<AnyView> {
    let count = ("count", cx.stamp.peers.into());
    match heard {
        Some(heard) => {
            let region = ("region", cx.serving_region(&heard.region).into());
            message(cx, "cut-off", &[count, region], vec![("time", precise(cx, heard.at))])
        }
        None => message(cx, "cut-off-ever", &[count], Vec::new()),
    }
}

fn silent(cx: &Context, silent: &[Silent]) -> Option<Vec<AnyView>> {
    match silent {
        [] => None,
        [one] => Some(of_one(cx, one, "silent-one", "silent-one-ever")),
        many => {
            let mut regions: Vec<AnyView> = Vec::new();
            for one in many {
                if !regions.is_empty() {
                    regions.push(cx.say("silent-between").into_any());
                }
                regions.extend(of_one(cx, one, "silent-since", "silent-ever"));
            }
            let count = ("count", many.len().into());
            Some(message(cx, "silent-many", &[count], vec![("regions", regions.into_any())]))
        }
    }
}

fn of_one(cx: &Context, silent: &Silent, id: &str, id_ever: &str) -> Vec<AnyView> {
    let region = [("region", cx.serving_region(&silent.region).into())];
    match silent.as_of {
        Some(as_of) => message(cx, id, &region, vec![("time", precise(cx, as_of))]),
        None => message(cx, id_ever, &region, Vec::new()),
    }
}
