//! Three regions as three processes of the built program, linked over real TLS on loopback.

use crate::process::{CATALOG, Serving, run, said};
use serde_json::Value;
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const REGIONS: [&str; 3] = ["ap-shanghai", "ap-tokyo", "eu-frankfurt"];

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// A port of loopback that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address").port()
}

/// A port of loopback on which nobody listens.
const NOBODY: u16 = 1;

/// A cluster's directories: keys made, configurations written, nobody started.
pub struct Cluster {
    directory: tempfile::TempDir,
    ports: Vec<u16>,
    keys: Vec<String>,
    /// Two that trust each other and cannot reach each other.
    parted: Option<(usize, usize)>,
}

impl Cluster {
    pub fn of(count: usize) -> Cluster {
        Cluster::parted(count, None)
    }

    pub fn parted(count: usize, parted: Option<(usize, usize)>) -> Cluster {
        let directory = tempfile::tempdir().expect("a directory");
        let ports = (0..count).map(|_| free_port()).collect();
        let mut cluster = Cluster { directory, ports, keys: Vec::new(), parted };
        for number in 0..count {
            let place = cluster.place(number);
            std::fs::create_dir_all(&place).expect("a region's directory");
            cluster.share_cluster_key(number);
            // Any command makes the cluster's key where there is none.
            said(&place, &["--data", "data", "incident", "list"]);
            cluster.keys.push(said(&place, &["--data", "data", "node", "key"]).trim().to_owned());
        }
        for number in 0..count {
            cluster.configure(number);
        }
        cluster
    }

    pub fn place(&self, number: usize) -> PathBuf {
        self.directory.path().join(REGIONS[number])
    }

    /// The first node has made the cluster's key; the others get it before their first start.
    fn share_cluster_key(&self, number: usize) {
        if number > 0 {
            let data = self.place(number).join("data");
            std::fs::create_dir_all(&data).expect("a data directory");
            // The copy keeps the mode: only its owner may read it.
            std::fs::copy(self.place(0).join("data/cluster.key"), data.join("cluster.key")).expect("the key");
        }
    }

    fn configure(&self, number: usize) {
        let mut text = format!(
            "data = \"data\"\n[public]\nlisten = \"127.0.0.1:0\"\n[operators]\nlisten = \"127.0.0.1:0\"\n\
             [node]\nname = \"{0}\"\nregion = \"{0}\"\n[replication]\nlisten = \"127.0.0.1:{1}\"\n",
            REGIONS[number], self.ports[number]
        );
        for (other, key) in self.keys.iter().enumerate().filter(|(other, _)| *other != number) {
            let is_parted =
                self.parted.is_some_and(|(one, another)| [(one, another), (another, one)].contains(&(number, other)));
            let port = if is_parted { NOBODY } else { self.ports[other] };
            text.push_str(&format!(
                "[[peer]]\nname = \"{0}\"\nregion = \"{0}\"\naddress = \"127.0.0.1:{port}\"\nkey = \"{key}\"\n",
                REGIONS[other]
            ));
        }
        std::fs::write(self.place(number).join("holdfast.toml"), text).expect("a configuration");
    }

    pub fn start(&self, number: usize) -> Serving {
        Serving::start(&self.place(number))
    }

    pub fn peers(&self, number: usize) -> Value {
        json(&self.place(number), &["peers"])
    }

    pub fn until_linked(&self, number: usize, count: usize) {
        until(&format!("{} has {count} links with news", REGIONS[number]), || {
            let peers = self.peers(number);
            let linked = |peer: &&Value| peer["link"] != "down" && peer["age_ms"].is_u64();
            peers["peers"].as_array().expect("peers").iter().filter(linked).count() == count
        });
    }

    fn events(&self, number: usize) -> u64 {
        self.peers(number)["events"].as_u64().expect("a count")
    }

    pub fn until_equal(&self, numbers: &[usize]) {
        until("all hold the same number of events", || {
            let counts: Vec<u64> = numbers.iter().map(|number| self.events(*number)).collect();
            counts.iter().all(|count| *count == counts[0])
        });
    }
}

pub fn json(place: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.extend(arguments);
    serde_json::from_str(&said(place, &all)).expect("JSON")
}

pub fn open(place: &Path, title: &str) -> Value {
    let scope = ["--scope", "cloud-api=major_outage", "--text", "We look."];
    let mut arguments = vec!["incident", "open", "--title", title, "--impact", "critical", "--status", "investigating"];
    arguments.extend(scope);
    json(place, &arguments)
}

pub fn titles(place: &Path) -> Vec<String> {
    let answer = json(place, &["incident", "list"]);
    let incidents = answer["incidents"].as_array().expect("incidents").iter();
    let mut titles: Vec<String> =
        incidents.map(|incident| incident["title"].as_str().expect("a title").to_owned()).collect();
    titles.sort();
    titles
}

#[test]
fn every_region_takes_posts_also_alone_and_all_agree_when_they_meet() {
    let cluster = Cluster::of(3);
    let (shanghai, tokyo, frankfurt) = (cluster.start(0), cluster.start(1), cluster.start(2));
    for number in 0..3 {
        cluster.until_linked(number, 2);
    }
    std::fs::write(cluster.place(0).join("catalog.toml"), CATALOG).expect("a catalog");
    said(&cluster.place(0), &["catalog", "apply", "catalog.toml"]);
    // A post in one region is everywhere when it is answered.
    let receipt = open(&cluster.place(1), "Posted in Tokyo");
    assert_eq!((receipt["saved_in"].as_u64(), receipt["regions"].as_u64()), (Some(3), Some(3)), "{receipt}");
    for number in 0..3 {
        until("the post is shown", || titles(&cluster.place(number)) == ["Posted in Tokyo"]);
    }
    // One region is gone, killed: the answer says where a post is, and the figure rises when the region is back.
    frankfurt.signal("KILL");
    drop(frankfurt);
    until("Frankfurt is noticed to be gone", || {
        let peers = cluster.peers(0);
        peers["peers"]
            .as_array()
            .expect("peers")
            .iter()
            .any(|peer| peer["name"] == REGIONS[2] && peer["link"] == "down")
    });
    let receipt = open(&cluster.place(0), "While Frankfurt is away");
    assert_eq!((receipt["saved_in"].as_u64(), receipt["regions"].as_u64()), (Some(2), Some(3)), "{receipt}");
    let event = receipt["events"][0].as_str().expect("an event").to_owned();
    // All alone a region still takes posts, and says that it alone holds them.
    assert_eq!(tokyo.end(), 0);
    until("Shanghai is alone", || {
        cluster.peers(0)["peers"].as_array().expect("peers").iter().all(|peer| peer["link"] == "down")
    });
    let open_alone =
        ["incident", "open", "--title", "All alone", "--impact", "minor", "--status", "investigating", "--text", "x"];
    let answer = said(&cluster.place(0), &open_alone);
    assert!(answer.contains("Saved in 1 of 3 regions: held by this region only"), "{answer}");
    let listed = said(&cluster.place(0), &["events", "list"]);
    assert_eq!(listed.matches("held by this region only").count(), 1, "{listed}");
    let (tokyo, frankfurt) = (cluster.start(1), cluster.start(2));
    let all = ["All alone", "Posted in Tokyo", "While Frankfurt is away"];
    for number in 0..3 {
        until("every post is everywhere", || titles(&cluster.place(number)) == all);
    }
    cluster.until_equal(&[0, 1, 2]);
    assert!(!said(&cluster.place(0), &["events", "list"]).contains("held by this region only"));
    until("the figure has risen", || {
        said(&cluster.place(0), &["events", "saved", &event]).contains("Saved in 3 of 3 regions")
    });
    for node in [shanghai, tokyo, frankfurt] {
        assert_eq!(node.end(), 0);
    }
}

#[test]
fn a_region_is_added_a_lost_one_removed_and_a_backup_restored() {
    let mut cluster = Cluster::of(2);
    let (shanghai, tokyo) = (cluster.start(0), cluster.start(1));
    cluster.until_linked(0, 1);
    std::fs::write(cluster.place(0).join("catalog.toml"), CATALOG).expect("a catalog");
    said(&cluster.place(0), &["catalog", "apply", "catalog.toml"]);
    open(&cluster.place(0), "Before there were three");

    // Added by one event on one node; it fills itself from empty.
    cluster.ports.push(free_port());
    std::fs::create_dir_all(cluster.place(2)).expect("a region's directory");
    cluster.share_cluster_key(2);
    let key = said(&cluster.place(2), &["--data", "data", "node", "key"]).trim().to_owned();
    cluster.keys.push(key.clone());
    cluster.configure(2);
    let address = format!("127.0.0.1:{}", cluster.ports[2]);
    let trust = ["node", "trust", &key, "--name", REGIONS[2], "--region", REGIONS[2], "--address", &address];
    said(&cluster.place(0), &trust);
    let frankfurt = cluster.start(2);
    cluster.until_linked(2, 2);
    cluster.until_linked(1, 2);
    until("the new region shows the history", || titles(&cluster.place(2)) == ["Before there were three"]);

    // Backed up while it runs, restored under another key; with its peers gone the backup is all there is.
    let answer = said(&cluster.place(2), &["backup", "copy.events"]);
    assert!(answer.contains("every signature was checked"), "{answer}");
    let second = run(&cluster.place(2), &["backup", "copy.events"]);
    assert_eq!(second.status.code(), Some(1), "a backup is never written over another one");
    assert_eq!(frankfurt.end(), 0);
    let restore = ["restore", "copy.events", "--data", "restored"];
    let refused = run(&cluster.place(2), &restore);
    assert_eq!(refused.status.code(), Some(1), "without the cluster's key");
    let with_key = [&restore[..], &["--cluster-key", "data/cluster.key"]].concat();
    let answer = said(&cluster.place(2), &with_key);
    assert!(answer.contains("Restored:"), "{answer}");
    assert_eq!(run(&cluster.place(2), &with_key).status.code(), Some(1), "a log is never restored over another one");
    let restored = said(&cluster.place(2), &["--data", "restored", "node", "key"]).trim().to_owned();
    assert_ne!(restored, key);
    let listed = said(&cluster.place(2), &["--data", "restored", "--json", "incident", "list"]);
    assert!(listed.contains("Before there were three"), "{listed}");

    // The lost node's key is removed: it is a peer no longer, and cannot link again.
    said(&cluster.place(0), &["node", "remove", &key]);
    until("Tokyo has heard of the removal", || {
        cluster.peers(1)["peers"].as_array().expect("peers").iter().all(|peer| peer["key"] != key.as_str())
    });
    let removed = cluster.start(2);
    until("the removed node is refused", || {
        let peers = cluster.peers(2);
        let troubles: Vec<&str> =
            peers["peers"].as_array().expect("peers").iter().filter_map(|peer| peer["trouble"].as_str()).collect();
        troubles.len() == 2 && troubles.iter().all(|trouble| trouble.contains("no handshake"))
    });
    for node in [shanghai, tokyo, removed] {
        assert_eq!(node.end(), 0);
    }
}
