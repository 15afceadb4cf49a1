//! What the kernel counts of a process tree: processor time and resident memory.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

/// Ticks of `/proc/PID/stat` in a second.
///
/// # Errors
/// When `getconf` does not say.
pub fn ticks_per_second() -> anyhow::Result<f64> {
    let output = Command::new("getconf").arg("CLK_TCK").output().context("cannot start `getconf CLK_TCK`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().with_context(|| format!("`getconf CLK_TCK` says {text:?}"))
}

/// User and system time of a process and of all that descend from it, in ticks.
///
/// # Errors
/// When the process is gone: then the run is broken.
pub fn processor_ticks(root: u32) -> anyhow::Result<u64> {
    let mut rows = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) {
            // A process that ended meanwhile has no row.
            rows.extend(fs::read_to_string(format!("/proc/{process}/stat")).ok().and_then(|text| row(process, &text)));
        }
    }
    anyhow::ensure!(rows.iter().any(|row| row.process == root), "the process {root} is gone");
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(rows.iter().filter(|row| row.parent == parent).map(|row| row.process));
        next += 1;
    }
    Ok(rows.iter().filter(|row| tree.contains(&row.process)).map(|row| row.ticks).sum())
}

struct Row {
    process: u32,
    parent: u32,
    ticks: u64,
}

/// Fields 4, 14 and 15 of `/proc/PID/stat` (proc(5)); the name before them may hold spaces and brackets.
fn row(process: u32, text: &str) -> Option<Row> {
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Row { process, parent: u32::try_from(number(4)?).ok()?, ticks: number(14)? + number(15)? })
}

/// The share of all cores that was not idle during `time`, from 0 to 1.
///
/// # Errors
/// When the kernel does not say.
pub fn busy_share(time: Duration) -> anyhow::Result<f64> {
    let before = machine_ticks()?;
    std::thread::sleep(time);
    let after = machine_ticks()?;
    let (idle, all) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1).max(1));
    Ok(1.0 - idle as f64 / all as f64)
}

/// Idle ticks of all cores, waits for disks among them, and all ticks: the first line of `/proc/stat`.
fn machine_ticks() -> anyhow::Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).map(str::parse).collect::<Result<_, _>>()?;
    let idle = ticks.get(3).zip(ticks.get(4)).context("/proc/stat is too short")?;
    Ok((idle.0 + idle.1, ticks.iter().sum()))
}

/// Resident memory in KiB.
///
/// # Errors
/// When the process is gone.
pub fn resident_kib(process: u32) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.trim().trim_end_matches(" kB").parse().with_context(|| format!("VmRSS says {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let text = "7 (a) b (c) S 1 7 7 0 -1 4194560 900 0 0 0 30 12 5 5 20 0 1 0 100 1 1";
        let row = row(7, text).expect("a row");
        assert_eq!((row.parent, row.ticks), (1, 42));
    }

    #[test]
    fn this_very_process_has_memory() {
        assert!(resident_kib(std::process::id()).expect("it runs") > 100.0);
    }
}
