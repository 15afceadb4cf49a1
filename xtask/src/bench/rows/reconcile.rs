//! Two long logs that differ in a few events become equal.

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    node::Node,
    pair::{Pair, Seen},
    posts::Operator,
    statistics::Samples,
};
use super::peers::DELAY;

/// Events that each side has and the other one lacks.
const EACH: u64 = 15;
const ROUNDS: usize = 3;
const ROW: &str = "reconcile";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let near = bench.histories.copy(MANY, "reconcile-near")?.0;
    let far = bench.histories.copy(MANY, "reconcile-far")?.0;
    let pair = Pair::start(&near, &far, DELAY)?;
    let mut events = pair.until_settled()?;
    let (mut seconds, mut kilobytes, mut ways) = (Vec::new(), Vec::new(), String::new());
    for round in 0..ROUNDS {
        pair.part()?;
        for (name, node) in [("near", &pair.near), ("far", &pair.far)] {
            post(node, &format!("{ROW} {name} {round}"), events + EACH)?;
        }
        events += 2 * EACH;
        let met = pair.meet(events)?;
        seconds.push(met.took.as_secs_f64());
        kilobytes.push(met.bytes.all() as f64 / 1e3);
        ways = format!("{} bytes one way and {} the other", met.bytes.to_target, met.bytes.from_target);
        pair.until_settled()?;
    }
    pair.stop()?;
    let (seconds, kilobytes) = (Samples::of(seconds)?, Samples::of(kilobytes)?);
    let differing = format!("two nodes with {events} events that differ in {}", 2 * EACH);
    Ok(vec![
        Figure::new(
            ROW,
            format!("KB on the wire until equal, {differing}"),
            kilobytes.median(),
            format!(
                "worst {:.1} KB; {ways} in the last of {ROUNDS} rounds, from the handshake to the last event",
                kilobytes.worst()
            ),
        )
        .reaching(Reach::AtMost(100.0)),
        Figure::new(
            ROW,
            format!("s from connecting until equal, {differing}"),
            seconds.median(),
            format!("worst {:.2} s; {} ms away, {ROUNDS} rounds", seconds.worst(), DELAY.as_millis()),
        ),
    ])
}

/// Posts updates of one incident until the node holds so many events.
fn post(node: &Node, name: &str, events: u64) -> anyhow::Result<()> {
    let (mut operator, mut seen) = (Operator::of(node, name)?, Seen::of(node)?);
    while seen.look()?.events < events {
        operator.post()?;
    }
    let held = seen.look()?.events;
    anyhow::ensure!(held == events, "{held} events instead of {events}: a post wrote more than one");
    Ok(())
}
