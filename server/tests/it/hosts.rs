//! Three regions as three processes on hosts of their own: namespaces of network, linked by TLS, two of them 50 ms apart.
//! Everywhere somebody posts all the time. A disk fills up and is freed; one host's cable is pulled, so that its links go
//! quiet; another node is killed meanwhile, in the middle of a post. In the end all is well again, and a checker compares
//! what was acknowledged with what the regions hold.
//!
//! Which region meets with what is drawn from a seed; `HOLDFAST_HOSTS_SEED` repeats one.

mod network;
mod poster;
mod region;

use crate::{
    full_disk::fill,
    process::{CATALOG, Serving, said},
};
use network::{cut, heal, lay, long_way, on_host};
use poster::{Acknowledged, Desk, Poster};
use region::{NAMES, Regions, until};
use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The directory of the test, for the process inside.
const INSIDE: &str = "HOLDFAST_TEST_HOSTS";
const SEED: &str = "HOLDFAST_HOSTS_SEED";
const REGIONS: u64 = 3;
/// Namespaces that are the test's alone: what is mounted, named or started inside ends with it, however it ends.
const OWN: [&str; 5] = ["--mount", "--net", "--pid", "--fork", "--kill-child"];
/// As root, and for those who are not, where the system lets them.
const WAYS: [&[&str]; 2] = [&["--mount-proc"], &["--user", "--map-root-user", "--mount-proc"]];
const PROBE: &str = "mount -t tmpfs tmpfs /run && ip netns add probe && ip link add bridge0 type bridge && \
                     ip link add port0 type veth peer name eth0 netns probe && ip link set port0 master bridge0 up";
/// More than the small disk takes of posts of [`POST_BYTES`].
const BIG_POSTS_MAX: usize = 400;
const POST_BYTES: usize = 48_000;
const READS: usize = 40;
/// Posts of which one has to be read before it is answered: a busy machine may take longer to read than peers are waited
/// for. So many take less time than a quiet link is kept.
const POSTS_READ_MAX: usize = 4;
/// What a node says of a link on which nothing came.
const QUIET: &str = "nothing was heard of it for too long";

#[test]
fn cut_hosts_a_killed_node_and_a_full_disk_lose_nothing_that_was_acknowledged() {
    if let Some(directory) = std::env::var_os(INSIDE) {
        return Story::begin(Path::new(&directory)).run();
    }
    let alone = |way: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(OWN).args(way);
        command
    };
    let works =
        |way: &&&[&str]| alone(way).args(["sh", "-c", PROBE]).output().is_ok_and(|output| output.status.success());
    let Some(way) = WAYS.iter().find(works) else {
        // Past the test harness, which keeps what a passing test prints.
        let loud = b"\n!!! NOT RUN: regions on separate hosts; this machine has no iproute2 (ip), or lets nobody make \
                     namespaces and mount a tmpfs (unshare)\n\n";
        return io::stderr().write_all(loud).expect("standard error");
    };
    let directory = tempfile::tempdir().expect("a directory");
    let name = "hosts::cut_hosts_a_killed_node_and_a_full_disk_lose_nothing_that_was_acknowledged";
    let inside = alone(way)
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, directory.path())
        .output()
        .expect("unshare");
    let (out, error) = (String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
    eprintln!("{error}");
    assert!(inside.status.success() && out.contains("1 passed"), "{out}");
}

/// Numbers from a seed (SplitMix64: Steele et al. 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below the bound")
    }
}

/// Who meets with what.
struct Story<'a> {
    regions: Regions<'a>,
    /// Its cable is pulled.
    lonely: usize,
    killed: usize,
    /// Nothing happens to it but to its disk, perhaps.
    calm: usize,
    on_small_disk: usize,
    draw: Draw,
    begun: Instant,
}

impl Story<'_> {
    fn begin(root: &Path) -> Story<'_> {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
        let seed = std::env::var(SEED).map_or_else(|_| now(), |seed| seed.parse().expect("a number"));
        let mut draw = Draw(seed);
        let lonely = draw.below(3);
        let (one, other) = ((lonely + 1) % 3, (lonely + 2) % 3);
        let (killed, calm) = if draw.below(2) == 0 { (one, other) } else { (other, one) };
        // A link that goes quiet behind somebody who still acknowledges is noticed by nothing but the silence.
        let regions = Regions { root, apart: [lonely, calm] };
        let on_small_disk = draw.below(3);
        eprintln!(
            "{SEED}={seed}: {} is cut off, {} is killed, {}'s disk fills up",
            NAMES[lonely], NAMES[killed], NAMES[on_small_disk]
        );
        Story { regions, lonely, killed, calm, on_small_disk, draw, begun: Instant::now() }
    }

    fn tell(&self, what: &str) {
        eprintln!("{:>5} ms: {what}", self.begun.elapsed().as_millis());
    }

    fn run(mut self) {
        let mount = Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/run"]).status().expect("mount");
        assert!(mount.success());
        lay(NAMES.len());
        let _relay = long_way(self.regions.apart);
        self.regions.prepare(self.on_small_disk);
        let mut nodes: Vec<_> = (0..NAMES.len()).map(|number| Some(self.regions.start(number))).collect();
        self.regions.until_all_linked();
        self.tell("all are linked");
        let desks = self.open_desks();
        let posters: Vec<Poster> = desks
            .iter()
            .map(|desk| {
                let pace = Duration::from_millis(20 + self.draw.below(80) as u64);
                Poster::start(desk.clone(), pace, REGIONS)
            })
            .collect();
        until("everybody posts", || posters.iter().all(|poster| poster.acknowledged() > 2));
        let usual = self.reading_takes();
        let mut extra = self.fill_the_disk(&desks[self.on_small_disk], &posters);

        // The cable is pulled: nobody is told, and the links go quiet.
        let quiet_links = [(self.lonely, self.killed), (self.lonely, self.calm), (self.calm, self.lonely)];
        let quiet_links = quiet_links.map(|(number, other)| (number, self.regions.key(number, other)));
        let log = |nodes: &[Option<Serving>], number: usize| nodes[number].as_ref().expect("it runs").log();
        let logged = [0, 1, 2].map(|number| log(&nodes, number).len());
        cut(self.lonely);
        for (number, poster) in posters.iter().enumerate() {
            poster.reaches(if number == self.lonely { 1 } else { 2 });
        }
        self.tell("one is cut off");
        extra.extend(self.reads_wait_for_no_peer(&desks[self.lonely]));

        // Another one is killed in the middle of a post, which waits for the quiet link.
        until("a post is under way", || posters[self.killed].is_under_way());
        let victim = nodes[self.killed].take().expect("it runs");
        victim.signal("KILL");
        drop(victim);
        posters[self.calm].reaches(1);
        until("its poster has noticed", || posters[self.killed].unanswered() > 0);
        let before = posters[self.calm].held_to_reach();
        until("the only one left goes on", || posters[self.calm].held_to_reach() > before);
        posters[self.calm].reaches(2);
        nodes[self.killed] = Some(self.regions.start(self.killed));
        self.tell("the killed one is back");
        let before = posters[self.killed].acknowledged();
        until("it takes posts again", || posters[self.killed].acknowledged() > before);
        for (one, other) in [(self.killed, self.calm), (self.calm, self.killed)] {
            until("the two are linked", || self.regions.is_linked(one, other));
        }

        self.is_silent_and_says_so(&usual);
        for (number, key) in quiet_links {
            let ended = || {
                let log = log(&nodes, number);
                log[logged[number]..].lines().filter(|line| line.contains(QUIET) && line.contains(&key)).count()
            };
            until("a link is ended for its silence", || ended() > 0);
            assert_eq!(ended(), 1, "{} ended its link to {key} more than once", NAMES[number]);
        }
        let answer = said(
            &self.regions.place(self.lonely),
            &["incident", "update", &desks[self.lonely].incident, "--text", "By the command line."],
        );
        assert!(answer.contains("Saved in 1 of 3 regions: held by this region only"), "{answer}");

        for poster in &posters {
            assert!(poster.held_to_reach() > 0);
            poster.reaches(REGIONS);
        }
        heal(self.lonely);
        self.regions.until_all_linked();
        self.tell("all are linked again");
        let posts = posters.into_iter().flat_map(Poster::stop).chain(extra);
        self.check(&posts.collect::<Vec<_>>(), &desks);
        for node in nodes.into_iter().flatten() {
            assert_eq!(node.end(), 0);
        }
        self.tell("the end");
    }

    /// The catalog, a token, and in each region an incident to post to.
    fn open_desks(&self) -> Vec<Desk> {
        std::fs::write(self.regions.place(0).join("catalog.toml"), CATALOG).expect("a catalog");
        self.regions.said(0, &["catalog", "apply", "catalog.toml"]);
        let token = self.regions.said(0, &["token", "create", "pipeline"]);
        let secret = token["secret"].as_str().expect("a secret");
        let open = |host: usize| {
            let title = format!("Of {}", NAMES[host]);
            let receipt = self
                .regions
                .said(host, &["incident", "open", "--title", &title, "--impact", "minor", "--text", "We look."]);
            let incident = receipt["incident"].as_str().expect("an id").to_owned();
            Desk { host, incident, secret: secret.to_owned() }
        };
        (0..NAMES.len()).map(open).collect()
    }

    /// How long the lonely region takes to answer its page and its status, at the median.
    fn reading_takes(&self) -> Duration {
        let read = |number: usize| {
            let page = if number.is_multiple_of(2) { "/" } else { "/api/v1/status" };
            let begun = Instant::now();
            self.regions.read(self.lonely, page);
            begun.elapsed()
        };
        let mut times: Vec<Duration> = (0..READS).map(read).collect();
        times.sort();
        self.tell(&format!("a read takes {:?} at the median, {:?} at most", times[READS / 2], times[READS - 1]));
        times[READS / 2]
    }

    /// A disk fills up: posts there are refused and peers are told, reads go on; with space again all goes on.
    fn fill_the_disk(&self, desk: &Desk, posters: &[Poster]) -> Vec<Acknowledged> {
        let filler = self.regions.place(desk.host).join("data/filler");
        fill(&filler);
        let post = |number: usize| {
            let text = format!("Big post {number}. {}", "x".repeat(POST_BYTES));
            let answer = on_host(desk.host, || desk.post(&format!("big {number}"), &text)).expect("an answer");
            (text, answer)
        };
        let mut posts = (0..BIG_POSTS_MAX).map(post);
        let mut taken = Vec::new();
        posts
            .find(|(text, answer)| {
                let is_taken = answer.starts_with("HTTP/1.1 201");
                if is_taken {
                    taken.push(Acknowledged::of(text.clone(), answer));
                }
                !is_taken && answer.starts_with("HTTP/1.1 503") && answer.contains("the disk is full")
            })
            .expect("the disk never filled up");
        let poster = &posters[desk.host];
        let others = || (0..NAMES.len()).filter(|number| *number != desk.host);
        until("small posts are refused as well", || poster.refused() > 0);
        until("the peers are told", || others().all(|other| self.regions.trouble(other, desk.host).contains("disk")));
        self.regions.read(desk.host, "/");
        std::fs::remove_file(&filler).expect("removed");
        let before = poster.acknowledged();
        until("posts are taken again", || poster.acknowledged() > before);
        until("events of peers as well", || others().all(|other| self.regions.trouble(other, desk.host).is_empty()));
        self.tell(&format!("a disk was full after {} big posts, and is not any more", taken.len()));
        taken
    }

    /// A post waits for peers whose links are quiet; until it is answered, readers have long seen it.
    fn reads_wait_for_no_peer(&self, desk: &Desk) -> Vec<Acknowledged> {
        let mut posted = Vec::new();
        for number in 0..POSTS_READ_MAX {
            let (post, was_read_first) = self.is_read_before_its_answer(desk, number);
            assert_eq!(post.saved_in, 1);
            posted.push(post);
            if was_read_first {
                return posted;
            }
        }
        panic!("each of {POSTS_READ_MAX} posts was answered before it was read");
    }

    fn is_read_before_its_answer(&self, desk: &Desk, number: usize) -> (Acknowledged, bool) {
        let text = format!("Nobody answers {number}.");
        let is_answered = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let posting = scope.spawn(|| {
                let answer = on_host(desk.host, || desk.post(&text, &text)).expect("an answer");
                is_answered.store(true, SeqCst);
                answer
            });
            let page = format!("/incidents/{}", desk.incident);
            until("the post is shown", || self.regions.read(desk.host, &page).contains(&text));
            let was_read_first = !is_answered.load(SeqCst);
            (Acknowledged::of(text.clone(), &posting.join().expect("posted")), was_read_first)
        })
    }

    /// Cut off, a region answers as always and names those that it does not hear; so do the others.
    fn is_silent_and_says_so(&self, usual: &Duration) {
        let names = |numbers: &[usize]| numbers.iter().map(|number| NAMES[*number].to_owned()).collect::<BTreeSet<_>>();
        let expected = [
            (self.lonely, names(&[self.killed, self.calm])),
            (self.killed, names(&[self.lonely])),
            (self.calm, names(&[self.lonely])),
        ];
        for (number, silent) in expected {
            until("silent regions are named", || self.regions.silent(number) == silent);
        }
        until("its page says so", || self.regions.read(self.lonely, "/").contains("holdfast-freshness: amber"));
        self.tell("the silence is told");
        for other in [self.killed, self.calm] {
            until("the quiet links are given up", || {
                !self.regions.is_linked(self.lonely, other) && !self.regions.is_linked(self.calm, self.lonely)
            });
        }
        self.tell("quiet links are given up");
        // A wait for a peer would be two seconds in each read. What else is slow is a busy machine, and passes.
        let bound = *usual * 5 + Duration::from_millis(20);
        until(&format!("a read takes less than {bound:?}"), || self.reading_takes() < bound);
    }

    fn check(&self, posts: &[Acknowledged], desks: &[Desk]) {
        let all = || (0..NAMES.len()).map(|number| self.regions.events(number)).collect::<Vec<_>>();
        until("all hold the same events", || {
            let held = all();
            held.iter().all(|events| *events == held[0])
        });
        let held = &all()[0];
        for post in posts {
            assert!(!post.events.is_empty(), "{post:?}");
            assert!(post.events.iter().all(|event| held.contains(event)), "lost: {post:?}");
        }
        let boards: BTreeSet<String> =
            (0..NAMES.len()).map(|number| self.regions.status(number)["board"].to_string()).collect();
        assert_eq!(boards.len(), 1, "{boards:?}");
        // What was sent again under its key is there once, on every page.
        for (number, region) in NAMES.iter().enumerate() {
            let mut shown = Vec::new();
            for desk in desks {
                let incident = self.regions.said(number, &["incident", "show", &desk.incident]).to_string();
                shown.push(incident);
            }
            for post in posts {
                let text = serde_json::to_string(&post.text).expect("JSON");
                let times: usize = shown.iter().map(|incident| incident.matches(text.as_str()).count()).sum();
                assert_eq!(times, 1, "in {region}: {text}");
            }
        }
        let alone = posts.iter().filter(|post| post.saved_in == 1).count();
        self.tell(&format!(
            "{} posts were acknowledged, {alone} of them by one region alone; {} events everywhere",
            posts.len(),
            held.len()
        ));
    }
}
