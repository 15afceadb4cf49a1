//! The program is killed (SIGKILL) at random moments while it writes a snapshot, hundreds of times, and what it writes
//! changes meanwhile: what stands always verifies, and the next run that is left alone completes it.

use crate::{
    cluster::open,
    process::{program, run, said},
};
use std::{
    process::Stdio,
    time::{Duration, Instant},
};

/// Runs that are killed, and how many it may take until enough of them met it while it writes: on a busy machine few do.
const KILLS: std::ops::Range<u32> = 200..2_000;
/// Of these, so many have to leave an update in progress, or nothing is shown.
const IN_PROGRESS_MIN: u32 = 150;
/// Every so many kills there is an incident more.
const KILLS_PER_POST: u32 = 20;
const UPDATING: i32 = 10;

fn verified(place: &std::path::Path) -> i32 {
    run(place, &["snapshot", "verify", "copy"]).status.code().expect("a code")
}

#[test]
fn a_writer_that_is_killed_at_any_moment_leaves_a_copy_that_verifies() {
    let directory = crate::process::prepared();
    let place = directory.path();
    said(place, &["catalog", "apply", "catalog.toml"]);
    for number in 1..=10 {
        open(place, &format!("Incident {number}"));
    }
    let write = ["snapshot", "write", "copy"];
    said(place, &write);
    let begun = Instant::now();
    said(place, &write);
    let whole = begun.elapsed();

    // The order of the moments is fixed, what each meets is not.
    let mut seed = 0x9e37_79b9_u32;
    let (mut kill, mut in_progress) = (0, 0);
    let next = place.join("copy/manifest.next");
    while kill < KILLS.start || in_progress < IN_PROGRESS_MIN {
        assert!(kill < KILLS.end, "only {in_progress} of {kill} met it while it wrote");
        if kill % KILLS_PER_POST == 0 {
            open(place, &format!("Between kills {kill}"));
        }
        let mut writer = program(place, &write).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a writer");
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let moment = whole.mul_f64(f64::from(seed >> 8) / f64::from(1 << 24)).max(Duration::from_millis(1));
        if kill % 2 == 0 {
            std::thread::sleep(moment);
        } else {
            // Not while it renders: from the moment on at which it begins to change what stands.
            while !next.exists() && writer.try_wait().expect("its state").is_none() {
                std::thread::yield_now();
            }
            std::thread::sleep(moment / 20);
        }
        writer.kill().expect("killed");
        writer.wait().expect("its end");
        let code = verified(place);
        assert!(code == 0 || code == UPDATING, "after kill {kill} it verifies as {code}");
        in_progress += u32::from(code == UPDATING);
        kill += 1;
    }
    said(place, &write);
    assert_eq!(verified(place), 0);
}
