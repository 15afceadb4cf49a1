//! From when to when each part of an incident was affected: the strip, and the same facts as a table.

use super::{Context, mark::mark, moment::*, nothing, recovery_strip, scope};
use domain::{
    Instant,
    catalog::Cell,
    incident::Incident,
    status::{ComponentStatus, Kind},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The strip with its table, or which components are named when nothing says from when to when.
pub fn recovery(cx: &Context, incident: &Incident) -> AnyView {
    if incident.spans.is_empty() {
        return named(cx, incident);
    }
    let heading = match incident.kind {
        Kind::Incident => "recovery",
        Kind::Maintenance => "recovery-maintenance",
    };
    // A strip of one bar says nothing that the table does not say better.
    let is_story = recovery_strip::rows(cx, incident).len() > 1;
    view! {
        <section id="recovery" aria-labelledby="recovery-title">
            <h2 id="recovery-title">{cx.say(heading)}</h2>
            {is_story.then(|| recovery_strip::strip(cx, incident))}
            {if is_story {
                view! {
                    <details id="recovery-table">
                        <summary>{cx.say("recovery-as-table")}</summary>
                        {table(cx, incident)}
                    </details>
                }
                .into_any()
            } else {
                table(cx, incident)
            }}
            {unrecorded(incident).then(|| view! { <p class="note">{cx.say("severity-not-recorded")}</p> })}
        </section>
    }
    .into_any()
}

/// Some part is known to be affected, and how badly is not.
fn unrecorded(incident: &Incident) -> bool {
    incident.kind == Kind::Incident && incident.spans.iter().any(|span| span.status == ComponentStatus::Unknown)
}

/// Scope of a maintenance that has not begun, or of an incident without statuses.
fn named(cx: &Context, incident: &Incident) -> AnyView {
    if incident.named.is_empty() {
        return nothing();
    }
    let blocks = scope::blocks(cx, &incident.named);
    let lines: Vec<AnyView> = blocks
        .iter()
        .enumerate()
        .map(|(index, block)| view! { <li>{block.view(cx, format!("n-{index}"), String::new())}</li> }.into_any())
        .collect();
    view! {
        <section id="scope" aria-labelledby="scope-title">
            <h2 id="scope-title">{cx.say("scope-title")}</h2>
            <ul>{lines}</ul>
        </section>
    }
    .into_any()
}

/// One line for all cells that were affected from and until the same times, and as badly.
fn table(cx: &Context, incident: &Incident) -> AnyView {
    type Key = (Option<Instant>, Instant, ComponentStatus);
    let mut same: BTreeMap<Key, Vec<Cell>> = BTreeMap::new();
    for recovery in incident.recoveries() {
        same.entry((recovery.recovered_at, recovery.impacted_at, recovery.worst)).or_default().push(recovery.cell);
    }
    let mut lines: Vec<AnyView> = Vec::new();
    // What lasts comes last, as in the strip.
    let (lasting, back): (Vec<_>, Vec<_>) = same.into_iter().partition(|((recovered, ..), _)| recovered.is_none());
    for ((recovered, impacted, worst), cells) in back.into_iter().chain(lasting) {
        for block in scope::blocks(cx, &cells) {
            let length = recovered.map(|at| cx.times.duration(at - impacted));
            lines.push(
                view! {
                    <tr>
                        <th scope="row">
                            {block.short(cx)}
                            {block.is_shortened().then(|| view! { <span class="names">{block.whole(cx)}</span> })}
                        </th>
                        <td>{moment(cx, impacted, Telling::Both)}</td>
                        <td>
                            {match recovered {
                                Some(at) => moment(cx, at, Telling::Both),
                                None => cx.say("strip-lasts").into_any(),
                            }}
                        </td>
                        <td>{length}</td>
                        <td class="status">{mark(worst)} {cx.words.component_status(worst)}</td>
                    </tr>
                }
                .into_any(),
            );
        }
    }
    view! {
        <section class="scroll" tabindex="0" aria-label=cx.say("recovery-as-table")>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{cx.say("table-what")}</th>
                        <th scope="col">{cx.say("table-from")}</th>
                        <th scope="col">{cx.say("table-until")}</th>
                        <th scope="col">{cx.say("table-length")}</th>
                        <th scope="col">{cx.say("table-worst")}</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </section>
    }
    .into_any()
}
