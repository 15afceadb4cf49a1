//! A new node fills itself from empty.

use std::fs;
use std::time::Duration;

use super::super::{
    Bench, MANY,
    figures::Figure,
    node::Directory,
    pair::{self, Pair, Seen},
    process,
};
use super::peers::DELAY;

const ROW: &str = "fill";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for delay in [Duration::ZERO, DELAY] {
        figures.extend(through(bench, delay)?);
    }
    Ok(figures)
}

fn through(bench: &mut Bench, delay: Duration) -> anyhow::Result<Vec<Figure>> {
    let near = bench.histories.copy(MANY, "fill-near")?.0;
    let data = bench.folder.join("fill-far");
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    fs::create_dir_all(&data)?;
    fs::copy(near.data.join(pair::CLUSTER_KEY), data.join(pair::CLUSTER_KEY))?;
    let far = Directory { program: bench.program.clone(), data };
    let pair = Pair::start_parted(&near, &far, delay)?;
    let events = Seen::of(&pair.near)?.look()?.events;
    let nodes = [pair.near.process(), pair.far.process()];
    let [near_before, far_before] = nodes.map(process::processor_ticks);
    let met = pair.meet(events)?;
    let [near_after, far_after] = nodes.map(process::processor_ticks);
    let processor_seconds = |before, after| anyhow::Ok((after? - before?) as f64 / bench.ticks_per_second);
    let (gave, took) = (processor_seconds(near_before, near_after)?, processor_seconds(far_before, far_after)?);
    pair.until_settled()?;
    pair.stop()?;
    let (seconds, megabytes) = (met.took.as_secs_f64(), met.bytes.all() as f64 / 1e6);
    let way = format!("{} ms away", delay.as_millis());
    Ok(vec![
        Figure::new(
            ROW,
            format!("s until a new node holds {events} events, {way}"),
            seconds,
            format!(
                "{:.0} events/s; processor time {took:.1} s of the new node and {gave:.1} s of the other one; one run",
                events as f64 / seconds
            ),
        ),
        Figure::new(
            ROW,
            format!("MB/s while a new node fills itself, {way}"),
            megabytes / seconds,
            format!("{megabytes:.1} MB"),
        ),
    ])
}
