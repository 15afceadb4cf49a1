//! The regions: a directory, a key, a configuration and a process on a host of its own each.

use super::{
    network::{address, on_host, relayed},
    poster::{ADDRESS, body, exchange},
};
use crate::process::{Serving, json, said};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

pub const NAMES: [&str; 3] = ["ap-shanghai", "ap-tokyo", "eu-frankfurt"];
/// A region is called silent after so long; above the two beats after which it is certainly known to be well.
const AMBER_SECONDS: u64 = 12;
const DISK_BYTES: u64 = 16 << 20;
/// How long anything may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until `holds`.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Three regions whose nodes know one another; two of them by the long way only.
pub struct Regions<'a> {
    pub root: &'a Path,
    pub apart: [usize; 2],
}

impl Regions<'_> {
    /// Makes keys and configurations; `on_small_disk` has its data on a disk of its own.
    pub fn prepare(&self, on_small_disk: usize) {
        let keys: Vec<String> = (0..NAMES.len()).map(|number| self.make_key(number, on_small_disk)).collect();
        for (number, own) in NAMES.iter().enumerate() {
            let mut text = format!(
                "data = \"data\"\n[public]\nlisten = \"{ADDRESS}\"\n[operators]\nlisten = \"127.0.0.1:8081\"\n\
                 [freshness]\namber_seconds = {AMBER_SECONDS}\n[node]\nname = \"{0}\"\nregion = \"{0}\"\n\
                 [replication]\nlisten = \"{1}\"\nkeep_free_mib = 0\n",
                own,
                address(number)
            );
            for (other, key) in keys.iter().enumerate().filter(|(other, _)| *other != number) {
                let is_far = self.apart.contains(&number) && self.apart.contains(&other);
                let at = if is_far { relayed(other) } else { address(other) };
                text.push_str(&format!(
                    "[[peer]]\nname = \"{0}\"\nregion = \"{0}\"\naddress = \"{at}\"\nkey = \"{key}\"\n",
                    NAMES[other]
                ));
            }
            std::fs::write(self.place(number).join("holdfast.toml"), text).expect("a configuration");
        }
    }

    fn make_key(&self, number: usize, on_small_disk: usize) -> String {
        let place = self.place(number);
        let data = place.join("data");
        std::fs::create_dir_all(&data).expect("a data directory");
        if number == on_small_disk {
            let size = format!("size={DISK_BYTES}");
            let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&data).status();
            assert!(mount.expect("mount").success());
        }
        if number > 0 {
            // The copy keeps the mode: only its owner may read it.
            std::fs::copy(self.place(0).join("data/cluster.key"), data.join("cluster.key")).expect("the key");
        }
        // Any command makes the cluster's key where there is none.
        said(&place, &["--data", "data", "incident", "list"]);
        said(&place, &["--data", "data", "node", "key"]).trim().to_owned()
    }

    pub fn place(&self, number: usize) -> PathBuf {
        self.root.join(NAMES[number])
    }

    pub fn start(&self, number: usize) -> Serving {
        let place = self.place(number);
        on_host(number, || Serving::start(&place))
    }

    /// What a command on the node's socket says; a socket is a file, so it is reached from everywhere.
    pub fn said(&self, number: usize, arguments: &[&str]) -> Value {
        json(&said(&self.place(number), &[&["--json"], arguments].concat()))
    }

    fn peer(&self, number: usize, other: usize) -> Value {
        let view = self.said(number, &["peers"]);
        let mut peers = view["peers"].as_array().expect("peers").iter();
        peers.find(|peer| peer["region"] == NAMES[other]).expect("the peer").clone()
    }

    pub fn is_linked(&self, number: usize, other: usize) -> bool {
        let peer = self.peer(number, other);
        peer["link"] != "down" && peer["age_ms"].is_u64()
    }

    pub fn key(&self, number: usize, other: usize) -> String {
        self.peer(number, other)["key"].as_str().expect("a key").to_owned()
    }

    pub fn trouble(&self, number: usize, other: usize) -> String {
        self.peer(number, other)["trouble"].as_str().unwrap_or_default().to_owned()
    }

    pub fn until_all_linked(&self) {
        for (number, own) in NAMES.iter().enumerate() {
            for (other, name) in NAMES.iter().enumerate().filter(|(other, _)| *other != number) {
                until(&format!("{own} has news of {name}"), || self.is_linked(number, other));
            }
        }
    }

    /// The whole answer to a request on the loopback of the region's host.
    pub fn read(&self, number: usize, page: &str) -> String {
        let answer = on_host(number, || exchange(&format!("GET {page} HTTP/1.1"), "")).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{page}: {answer}");
        answer
    }

    pub fn status(&self, number: usize) -> Value {
        body(&self.read(number, "/api/v1/status"))
    }

    /// The regions that the region's page calls silent.
    pub fn silent(&self, number: usize) -> BTreeSet<String> {
        let status = self.status(number);
        let silent = status["silent"].as_array().expect("regions").iter();
        silent.map(|region| region["region"].as_str().expect("a region").to_owned()).collect()
    }

    /// The ids of all events; an id is the hash of all that there is of an event.
    pub fn events(&self, number: usize) -> BTreeSet<String> {
        let pages = said(&self.place(number), &["--json", "events", "list"]);
        let pages = serde_json::Deserializer::from_str(&pages).into_iter::<Value>();
        let events = pages.flat_map(|page| page.expect("JSON")["events"].as_array().expect("events").clone());
        events.map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
    }
}
