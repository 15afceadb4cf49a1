//! From the program's start to the first page.

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    node::Directory,
    posts::Operator,
    statistics::Samples,
};

const STARTS: usize = 5;
/// Posts before a server is killed, so that its file is not one that was closed well.
const POSTS_BEFORE_KILL: usize = 3;
const ROW: &str = "start";

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let (directory, _) = bench.histories.copy(MANY, ROW)?;
    let first = directory.serve()?;
    let after_import = first.started_in.as_secs_f64() * 1e3;
    first.stop()?;
    let clean = started(&directory, Ended::Stopped)?;
    let killed = started(&directory, Ended::Killed)?;
    let how = |samples: &Samples| {
        format!("worst {:.0} ms; {} starts, files in the page cache", samples.worst(), samples.count())
    };
    Ok(vec![
        Figure::new(
            ROW,
            format!("ms to the first page after a clean stop, {MANY} incidents"),
            clean.median(),
            format!("{}; the very first start after the import {after_import:.0} ms", how(&clean)),
        )
        .reaching(Reach::AtMost(300.0)),
        Figure::new(
            ROW,
            format!("ms to the first page after `kill -9`, {MANY} incidents"),
            killed.median(),
            format!("{}; killed right after {POSTS_BEFORE_KILL} posts", how(&killed)),
        )
        .reaching(Reach::AtMost(300.0)),
    ])
}

enum Ended {
    Stopped,
    Killed,
}

fn started(directory: &Directory, ended: Ended) -> anyhow::Result<Samples> {
    let mut times = Vec::new();
    for round in 0..STARTS {
        let node = directory.serve()?;
        match ended {
            Ended::Stopped => node.stop()?,
            Ended::Killed => {
                let mut operator = Operator::of(&node, &format!("{ROW} {round}"))?;
                for _ in 0..POSTS_BEFORE_KILL {
                    operator.post()?;
                }
                node.kill()?;
            }
        }
        let next = directory.serve()?;
        times.push(next.started_in.as_secs_f64() * 1e3);
        next.stop()?;
    }
    Samples::of(times)
}
