//! What operators see of the copies that nodes keep elsewhere: the command line's table, `/metrics`, the console, and the
//! audit trail, which names who made a node the writer of a copy.

use crate::{
    cluster::{Cluster, free_port, json, open, until},
    console_app::ConsoleApp,
    process::{CATALOG, Serving, asked, prepared, refused, said},
};
use domain::{
    change::{Author, MirrorTaken},
    command::Command,
    id::NodeKey,
    operator::Role,
};
use server::snapshot::publisher::{Done, Kept, Obstacle, Wanted, Work};
use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

fn state(place: &Path) -> String {
    json(place, &["mirrors"])["mirrors"][0]["state"].as_str().expect("a state").to_owned()
}

/// A copy of two nodes' site in one directory, with a heartbeat of a second.
fn share_a_mirror(cluster: &Cluster, shared: &Path) {
    for number in 0..2 {
        let config = cluster.place(number).join("holdfast.toml");
        let text = std::fs::read_to_string(&config).expect("a configuration");
        let target = format!("file://{}", shared.display());
        let mirror = format!("[snapshot]\nheartbeat_seconds = 1\n[[mirror]]\nname = \"web\"\ntarget = \"{target}\"\n");
        std::fs::write(&config, text + &mirror).expect("a configuration");
    }
}

#[test]
fn a_takeover_is_in_every_audit_trail_and_a_writer_that_was_removed_is_named() {
    let (cluster, shared) = (Cluster::of(2), tempfile::tempdir().expect("a directory"));
    share_a_mirror(&cluster, shared.path());
    let (first, second) = (cluster.place(0), cluster.place(1));
    let shanghai = cluster.start(0);
    until("the first node writes it", || state(&first) == "complete");
    let tokyo = cluster.start(1);
    cluster.until_linked(1, 1);
    until("the second one stands by", || state(&second) == "standing_by");
    let table = said(&second, &["mirrors"]);
    assert!(table.contains("\n  written by ap-shanghai: `holdfast mirrors take web`\n"), "{table}");

    let (code, answer) = refused(&second, &["mirrors", "take", "wab"]);
    assert_eq!(code, 1);
    assert!(answer.contains("names no copy `wab` that it could write; one of `web`"), "{answer}");
    said(&second, &["mirrors", "take", "web"]);
    until("the second one writes it", || state(&second) == "complete");
    until("the first one stands by", || state(&first) == "standing_by");
    for place in [&first, &second] {
        let events = json(place, &["events", "list"]);
        let taken: Vec<_> = events["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter(|event| event["kind"] == "mirror_taken")
            .collect();
        assert_eq!(taken.len(), 1, "{events}");
        assert_eq!((&taken[0]["subject"], &taken[0]["way"]), (&"mirror web".into(), &"cli".into()));
        assert_eq!((&taken[0]["author"], &taken[0]["problem"]), (&"alice".into(), &serde_json::Value::Null));
    }

    // Removed for good, it writes no more: who stands by has to know.
    let key = said(&second, &["node", "key"]);
    assert_eq!(tokyo.end(), 0);
    said(&first, &["node", "remove", key.trim()]);
    let table = said(&first, &["mirrors"]);
    assert!(table.contains("\n  written by ap-tokyo, which was removed: `holdfast mirrors take web`\n"), "{table}");
    assert_eq!(json(&first, &["mirrors"])["mirrors"][0]["writer_removed"], true);
    said(&first, &["mirrors", "take", "web"]);
    until("the first one writes it again", || state(&first) == "complete");
    assert_eq!(shanghai.end(), 0);

    let (code, answer) = refused(&first, &["mirrors", "take", "web"]);
    assert_eq!(code, 1);
    assert!(answer.contains("no node runs here; start the one that is to write `web`"), "{answer}");
}

/// The samples of mirrors, without their ages.
fn measured(address: &str) -> Vec<String> {
    let answer = asked(address, "GET /metrics HTTP/1.1");
    let lines = answer.lines().filter(|line| line.starts_with("holdfast_mirror_") && !line.contains("age_seconds"));
    lines.map(str::to_owned).collect()
}

/// The value of a sample.
fn sample(address: &str, name: &str) -> Option<u64> {
    let begin = format!("holdfast_mirror_{name}{{mirror=\"web\"}} ");
    let lines = asked(address, "GET /metrics HTTP/1.1");
    lines.lines().find_map(|line| line.strip_prefix(&begin)?.parse().ok())
}

#[test]
fn a_mirror_that_fails_and_recovers_is_told_by_the_table_and_the_metrics() {
    let directory = prepared();
    let place = directory.path();
    let blocked = place.join("copy");
    std::fs::write(&blocked, "no directory").expect("a file in the way");
    let operators = format!("127.0.0.1:{}", free_port());
    let config = format!(
        "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"{operators}\"\n\
         [snapshot]\nheartbeat_seconds = 1\n[[mirror]]\nname = \"web\"\ntarget = \"file://{}\"\n",
        blocked.display()
    );
    std::fs::write(place.join("holdfast.toml"), config).expect("a configuration");
    std::fs::write(place.join("catalog.toml"), CATALOG).expect("a catalog");
    said(place, &["catalog", "apply", "catalog.toml"]);
    let serving = Serving::start(place);
    until("it fails twice", || sample(&operators, "failures_total").is_some_and(|failures| failures >= 2));
    let failures = |lines: &[String]| lines.iter().filter(|line| line.contains("failures_total")).count();
    let lines = measured(&operators);
    for line in ["failing{mirror=\"web\"} 1", "standing_by{mirror=\"web\"} 0", "updates_total{mirror=\"web\"} 0"] {
        assert!(lines.contains(&format!("holdfast_mirror_{line}")), "{line} in {lines:#?}");
    }
    assert_eq!((failures(&lines), lines.len()), (1, 4), "no board and no age of what was never written: {lines:#?}");
    assert_eq!(sample(&operators, "success_age_seconds"), None);
    let table = said(place, &["mirrors"]);
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].starts_with("MIRROR           STATE        UP TO DATE AT "), "{table}");
    assert!(rows[1].starts_with("web              failing      - "), "{table}");
    assert!(rows[1].ends_with(&blocked.display().to_string()), "{table}");
    assert!(rows[2].starts_with("  since 2") && rows[2].contains("copy"), "when, and what stands in the way: {table}");

    std::fs::remove_file(&blocked).expect("out of the way");
    until("it is written", || sample(&operators, "failing") == Some(0));
    until("a heartbeat later", || sample(&operators, "updates_total").is_some_and(|updates| updates >= 2));
    let events = json(place, &["mirrors"])["board_version"].as_u64();
    assert_eq!((sample(&operators, "board_version"), sample(&operators, "standing_by")), (events, Some(0)));
    assert!(sample(&operators, "success_age_seconds").is_some_and(|age| age < 30));
    let table = said(place, &["mirrors"]);
    let row = table.lines().nth(1).expect("a row");
    assert!(["complete", "updating"].iter().any(|state| row.contains(state)), "{table}");
    let events = events.expect("a number");
    assert!(row.contains(&format!(" {events} of {events} ")) && table.lines().count() == 2, "{table}");
    assert_eq!(serving.end(), 0);
}

/// A storage that takes every connection and never says anything; how many it took.
fn silent_storage() -> (String, Arc<Mutex<Vec<TcpStream>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let taken: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
    let kept = Arc::clone(&taken);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            kept.lock().expect("no panic").push(stream);
        }
    });
    (format!("http://{address}"), taken)
}

#[test]
fn neither_a_post_nor_a_read_waits_for_a_mirror_that_never_answers() {
    let directory = prepared();
    let place = directory.path();
    let (endpoint, taken) = silent_storage();
    let config = place.join("holdfast.toml");
    let text = std::fs::read_to_string(&config).expect("a configuration");
    let mirror = format!(
        "[[mirror]]\nname = \"hangs\"\ntarget = \"s3://bucket\"\n[mirror.options]\nendpoint = \"{endpoint}\"\n\
         allow_http = true\nregion = \"test\"\naccess_key_id = \"operator\"\nsecret_access_key = \"open sesame\"\n"
    );
    std::fs::write(&config, text + &mirror).expect("a configuration");
    said(place, &["catalog", "apply", "catalog.toml"]);
    let serving = Serving::start(place);
    until("the first update is under way", || !taken.lock().expect("no panic").is_empty());
    open(place, "While the mirror hangs");
    let page = asked(&serving.address, "GET /en/ HTTP/1.1");
    assert!(page.contains("While the mirror hangs"), "{page}");
    // All of it within that update, which waits for its answer still.
    let mirrors = json(place, &["mirrors"]);
    let mirror = &mirrors["mirrors"][0];
    assert_eq!((&mirror["failures"], &mirror["updates"]), (&0.into(), &0.into()), "{mirrors}");
}

fn by() -> Author {
    Author { name: "Wei Chen".to_owned(), way: "cli".to_owned() }
}

/// A target that answers as it is told.
struct Told(Arc<Mutex<Result<Done, Obstacle>>>);

impl Work for Told {
    fn update(&mut self, _: &Wanted) -> Result<Done, Obstacle> {
        self.0.lock().expect("an answer").clone()
    }
}

#[tokio::test]
async fn the_console_shows_how_each_copy_stands() {
    const HEARTBEAT: Duration = Duration::from_millis(50);
    let answer = Arc::new(Mutex::new(Err(Obstacle::Failed("the bucket is <gone>".to_owned()))));
    let work = Box::new(Told(Arc::clone(&answer)));
    let kept = Kept { name: "bucket".to_owned(), target: "s3://bucket/page".to_owned(), url: None, work };
    let app = ConsoleApp::with_copies(HEARTBEAT, vec![kept]).await;
    app.operator("ada", Role::Administrator).await;
    let cookie = app.sign_in("ada").await;
    let shows = async |words: &[&str]| loop {
        let reply = app.get("/admin/cluster", &cookie).await;
        let text = reply.text();
        let section = text.split("id=\"mirrors\"").nth(1).and_then(|rest| rest.split("</section>").next());
        let section = section.unwrap_or_else(|| panic!("no copies: {text}"));
        if words.iter().all(|word| section.contains(word)) {
            return section.to_owned();
        }
        tokio::time::sleep(HEARTBEAT).await;
    };
    let limit = Duration::from_secs(60);
    let until = async |words: &[&str]| match tokio::time::timeout(limit, shows(words)).await {
        Ok(section) => section,
        Err(_) => panic!("never shown: {words:?}"),
    };
    until(&["bucket", "s3://bucket/page", "failing", "since", "the bucket is &lt;gone&gt;"]).await;
    let done = Done { board_version: 7, sequence: 3, files: 421, bytes: 9, took_ms: 12 };
    *answer.lock().expect("an answer") = Ok(done);
    let section = until(&["up to date", "421", "7 of "]).await;
    assert!(!section.contains("failing") && !section.contains("gone"), "{section}");
    *answer.lock().expect("an answer") = Err(Obstacle::WrittenBy(crate::store::member(2).key));
    until(&["standing by", &format!("{} writes it", crate::store::member(2).name)]).await;
    let removed = app.node().remove_node(crate::store::member(2).key, None, by()).await;
    removed.expect("a removal");
    until(&[&format!("written by {}, which was removed: holdfast mirrors take bucket", crate::store::member(2).name)])
        .await;
    // Nobody knows this one, so its key stands for it.
    let stranger = NodeKey([9; 32]);
    *answer.lock().expect("an answer") = Err(Obstacle::WrittenBy(stranger));
    until(&[&stranger.to_string()]).await;

    let taken =
        MirrorTaken { mirror: "bucket".to_owned(), target: "s3://bucket/page".to_owned(), from: Some(stranger) };
    app.node().publish(Command::TakeMirror(taken), by()).await.expect("published");
    let trail = app.get("/admin/audit?kind=mirror_taken", &cookie).await;
    let exported = app.get("/admin/audit/export?kind=mirror_taken&format=csv", &cookie).await;
    let (trail, exported) = (trail.text(), exported.text());
    assert!(trail.contains("mirror taken") && trail.contains("Wei Chen"), "{trail}");
    for text in [trail, exported] {
        assert!(text.contains("bucket, s3://bucket/page"), "{text}");
    }
    assert!(exported.contains("mirror_taken") && exported.contains("Wei Chen"), "{exported}");
}
