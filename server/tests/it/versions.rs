//! Two builds of different versions in one cluster: what the newer one writes, in another envelope, with another body
//! and of another kind, an older one keeps and hands on as it is, says that it is there, and reads after its upgrade.
//!
//! The newer build is the program `holdfast-next` (`store::version`). `HOLDFAST_NEXT` names it; without, it is built
//! here, beside the program under test.

use crate::{
    cluster::{Cluster, json, open, titles, until},
    process::{CATALOG, Serving, asked, said},
};
use serde_json::Value;
use server::store::{Record, stream::Records};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// The later version, between which and [`FAR`] there is no way but through [`BETWEEN`].
const NEWER: usize = 0;
const BETWEEN: usize = 1;
const FAR: usize = 2;
/// What a post says that is redacted.
const LEAKED: &str = "Zhang-Leaked-Customer-4711";
const EXISTS: &str = "Newer information exists that this server cannot read yet; other regions may show it.";

const NAMED: &str = "HOLDFAST_NEXT";
/// Building it takes a minute on two cores when its dependencies are there.
const BUILD_TIME_MAX: Duration = Duration::from_secs(20 * 60);
/// See `xtask`: build scripts would run again for them.
const CARGO_RUN_PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// The newer build; `None` where it neither is nor can be built.
fn next_program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(NAMED).map(PathBuf::from) {
        assert!(named.is_file(), "{NAMED} names {}, which is not a file", named.display());
        return Some(named);
    }
    let folder = Path::new(env!("CARGO_BIN_EXE_holdfast")).parent().expect("the folder of the programs");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut build = Command::new(std::env::var_os("CARGO")?);
    build
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--package", "server", "--bin", "holdfast-next", "--features", "next-version"])
        .args(["--profile", profile, "--target-dir"])
        .arg(folder.parent().expect("the target folder"));
    for (name, _) in std::env::vars_os() {
        if CARGO_RUN_PREFIXES.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            build.env_remove(name);
        }
    }
    let begun = Instant::now();
    let mut building = build.spawn().ok()?;
    loop {
        if let Some(status) = building.try_wait().expect("cargo") {
            assert!(status.success(), "the program of a later version does not build");
            return Some(folder.join("holdfast-next"));
        }
        if begun.elapsed() > BUILD_TIME_MAX {
            building.kill().expect("cargo was running");
            panic!("the program of a later version was not built in {BUILD_TIME_MAX:?}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn page(serving: &Serving, path: &str) -> String {
    let answer = asked(&serving.address, &format!("GET {path} HTTP/1.1"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    answer
}

fn status(serving: &Serving) -> Value {
    let answer = page(serving, "/api/v1/status");
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

fn says_that_newer_exists(serving: &Serving) -> bool {
    let said = || (status(serving)["newer"] == true, page(serving, "/en/").contains(EXISTS));
    let (mut in_json, mut in_page) = said();
    if in_json != in_page {
        // The news came between the two; now it is in both.
        (in_json, in_page) = said();
    }
    assert_eq!(in_json, in_page, "the document and the page say the same");
    in_json
}

/// What a node exports, by id.
fn exported(place: &Path) -> BTreeMap<String, Record> {
    let file = place.join("log.events");
    said(place, &["events", "export", file.to_str().expect("a path")]);
    let records = Records::new(File::open(&file).expect("the export")).expect("a file of events");
    let held =
        records.map(|record| record.expect("a record")).map(|record| (record.id().to_string(), record)).collect();
    std::fs::remove_file(file).expect("removed");
    held
}

fn update(place: &Path, incident: &str, status: &str, text: &str) -> Value {
    json(place, &["incident", "update", incident, "--status", status, "--text", text])
}

/// An incident, without what each node says of its own knowledge of the others.
fn shown(place: &Path, incident: &str) -> Value {
    let mut shown = json(place, &["incident", "show", incident]);
    for update in shown["updates"].as_array_mut().into_iter().flatten() {
        update.as_object_mut().expect("an update").remove("here_only").expect("said of each");
    }
    shown
}

#[test]
fn an_older_node_carries_what_a_newer_one_writes_and_reads_it_after_its_upgrade() {
    let Some(next) = next_program() else {
        // Past the test harness, which keeps what a passing test prints.
        let loud = b"\n!!! NOT RUN: mixed versions; there is no cargo here to build the later one, and HOLDFAST_NEXT names none\n\n";
        return io::stderr().write_all(loud).expect("standard error");
    };
    let cluster = Cluster::parted(3, Some((NEWER, FAR)));
    let [newer_place, between_place, far_place] = [NEWER, BETWEEN, FAR].map(|number| cluster.place(number));
    let newer = Serving::start_build(&next, &newer_place);
    let (between, far) = (cluster.start(BETWEEN), cluster.start(FAR));
    cluster.until_linked(BETWEEN, 2);
    let peers = cluster.peers(BETWEEN)["peers"].as_array().expect("peers").clone();
    let mut versions: Vec<_> = peers.iter().map(|peer| peer["version"].as_str().expect("a version")).collect();
    versions.sort();
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(versions, [own, &format!("{own}-next")], "{peers:?}");

    std::fs::write(between_place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(&between_place, &["catalog", "apply", "catalog.toml"]);
    let opened = open(&between_place, "Cloud API fails");
    let incident = opened["incident"].as_str().expect("an id");
    for (serving, place) in [(&newer, &newer_place), (&between, &between_place), (&far, &far_place)] {
        until("what an older version writes is shown everywhere", || titles(place) == ["Cloud API fails"]);
        assert!(!says_that_newer_exists(serving));
    }

    let leak = json(&far_place, &["incident", "update", incident, "--text", LEAKED]);
    let leak = leak["events"][0].as_str().expect("an event");
    until("the leak is everywhere", || shown(&newer_place, incident).to_string().contains(LEAKED));

    // The newer one posts; it reaches nobody but the older one between.
    let receipt = update(&newer_place, incident, "identified", "Told by a later version");
    assert_eq!((receipt["saved_in"].as_u64(), receipt["regions"].as_u64()), (Some(2), Some(3)), "{receipt}");
    let event = receipt["events"][0].as_str().expect("an event");
    for (serving, place) in [(&between, &between_place), (&far, &far_place)] {
        until("an older node says that newer information exists", || says_that_newer_exists(serving));
        let here = shown(place, incident);
        assert!(here["status"] == "investigating" && !here.to_string().contains("Told by a later version"), "{here}");
        // All else is shown as ever.
        assert!(page(serving, "/en/").contains("Cloud API fails"));
        assert!(page(serving, &format!("/en/incidents/{incident}")).contains("We look."));
        assert_eq!(status(serving)["incidents"][0]["status"], "investigating");
        let listed = json(place, &["events", "list"]).to_string();
        assert!(listed.contains("an event of version 2"), "operators see which event and why: {listed}");
    }
    assert!(!says_that_newer_exists(&newer));
    assert_eq!(shown(&newer_place, incident)["status"], "identified");
    let written = exported(&newer_place);
    let record = &written[event];
    let header = record.verify().expect("an event");
    assert!(header.version == 2 && header.must_understand() && record.body.is_some(), "{header:?}");
    for place in [&between_place, &far_place] {
        assert_eq!(exported(place).get(event), Some(record), "byte by byte as it was written");
    }

    // It redacts too, which an older node cannot do yet.
    let redaction = json(&newer_place, &["events", "redact", leak]);
    let redaction = redaction["events"][0].as_str().expect("an event");
    assert!(exported(&newer_place)[leak].body.is_none());
    cluster.until_equal(&[NEWER, BETWEEN, FAR]);
    assert!(exported(&far_place)[leak].body.is_some());

    // An older node goes on, and has seen what it cannot read.
    let later = update(&far_place, incident, "monitoring", "Told by an older version");
    let later = later["events"][0].as_str().expect("an event");
    until("the newer one shows what the older one said", || shown(&newer_place, incident)["status"] == "monitoring");
    let after = exported(&newer_place)[later].verify().expect("an event");
    assert!(after.version == 1 && after.parents.iter().any(|parent| parent.to_string() == redaction), "{after:?}");

    // Upgraded one by one, on their own data.
    let before = exported(&far_place);
    assert_eq!(far.end(), 0);
    let far = Serving::start_build(&next, &far_place);
    assert!(!says_that_newer_exists(&far));
    assert!(
        shown(&far_place, incident).to_string().contains("Told by a later version"),
        "folded anew from its own log"
    );
    let mut expected = before;
    expected.get_mut(leak).expect("the leak").body = None;
    assert_eq!(exported(&far_place), expected, "what it could not do it has done, and nothing else is lost or written");
    assert!(says_that_newer_exists(&between));
    assert_eq!(between.end(), 0);
    let between = Serving::start_build(&next, &between_place);
    cluster.until_linked(BETWEEN, 2);
    let last = update(&far_place, incident, "resolved", "All are of one version");
    assert_eq!(last["regions"], 3, "{last}");
    let agreed = |place: &Path| shown(place, incident)["status"] == "resolved";
    let log = exported(&far_place);
    for (serving, place) in [(&newer, &newer_place), (&between, &between_place), (&far, &far_place)] {
        until("all three agree", || agreed(place));
        assert!(!says_that_newer_exists(serving));
        assert_eq!(shown(place, incident), shown(&far_place, incident));
        assert_eq!(status(serving)["board"], status(&far)["board"]);
        assert_eq!(exported(place), log);
    }
    let texts = shown(&far_place, incident)["updates"].to_string();
    for text in ["We look.", "Told by a later version", "Told by an older version", "All are of one version"] {
        assert!(texts.contains(text), "{text}: {texts}");
    }
    assert!(!texts.contains(LEAKED), "{texts}");
    assert_eq!(shown(&far_place, incident)["conflict"], false, "who wrote had seen what was there");
    for node in [newer, between, far] {
        assert_eq!(node.end(), 0);
    }
}
