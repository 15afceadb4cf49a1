//! What the fuzz targets of `server/fuzz` begin with: valid inputs, made by today's code and kept as files (those of
//! events are the golden files). So a message's bytes are pinned as well; `HOLDFAST_WRITE_SEEDS=1` writes the files anew
//! after a change of the wire, which two versions of nodes then have to agree on.

use domain::{
    board::Version,
    id::{EventId, NodeKey},
};
use ed25519_dalek::SigningKey;
use server::{
    replication::{
        frame::{FRAME_BYTES_MAX, write_frame},
        message::{Beat, Hello, Message, PROTOCOL},
        round::{Answering, Asking, Outcome},
        sealed::SealedSet,
    },
    snapshot::manifest::{Hash, Root, Shard},
    store::{
        Record, SetDigest,
        envelope::ClusterId,
        stream::{MAGIC, Records},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use tokio::time::Instant;

const WRITE: &str = "HOLDFAST_WRITE_SEEDS";

type Seeds = BTreeMap<String, Vec<u8>>;

/// An event of the golden files.
fn event(kind: &str) -> Record {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events").join(kind).with_extension("hex");
    let text = std::fs::read_to_string(path).expect("golden bytes");
    let bytes = |line: &str| -> Vec<u8> {
        (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).expect("digits")).collect()
    };
    let mut lines = text.lines().map(bytes);
    Record { signed: lines.next().expect("a header"), body: lines.next() }
}

fn messages() -> Seeds {
    let ids = [EventId([6; 32]), EventId([7; 32])];
    let records = ["component_removed", "component_set"].map(event).to_vec();
    let erased = Record { signed: records[0].signed.clone(), body: None };
    let beat = Beat {
        token: 7,
        echo: 6,
        held_ms: 5,
        count: 4,
        sum: [3; 32],
        full: Some([2; 32]),
        asks: true,
        ages_ms: BTreeMap::from([(NodeKey([5; 32]), 1000)]),
        clock_ms: 1_712_563_200_000,
        values: BTreeMap::from([("freshness".to_owned(), "fresh".to_owned())]),
        ..Beat::default()
    };
    let hello = Hello {
        protocol: PROTOCOL,
        cluster: "09".repeat(16),
        name: "sh-1".to_owned(),
        region: "Shanghai".to_owned(),
        version: "0.1.0".to_owned(),
    };
    let (_, text) = Asking::begin(1, Instant::now(), held(20)).expect("a round");
    let answer = Answering::begin(1, None, held(30)).expect("a round").answer(&text).expect("an answer");
    let messages = [
        ("hello", Message::Hello(hello)),
        ("beat", Message::Beat(beat)),
        ("beat-short", Message::Beat(Beat::default())),
        ("push", Message::Push { number: 9, records: [records, vec![erased]].concat() }),
        ("stored", Message::Stored { number: 9, refused: None }),
        ("stored-not", Message::Stored { number: 9, refused: Some("the disk is full".to_owned()) }),
        ("ask", Message::Ask { round: 3, echo: 7, text }),
        ("answer", Message::Answer { round: 3, text: answer }),
        ("want", Message::Want { ids: ids.to_vec() }),
        ("done", Message::Done { round: 3, outcome: Outcome { took_in: true, handed_over: true } }),
        ("done-in-part", Message::Done { round: 3, outcome: Outcome { took_in: false, handed_over: true } }),
        ("unknown", Message::Unknown(99)),
    ];
    let seed = |(name, message): (&str, Message)| {
        let frame = message.encode().expect("a frame");
        assert_eq!(Message::decode(frame.clone()), Ok(message), "{name}");
        (name.to_owned(), frame.to_vec())
    };
    messages.into_iter().map(seed).collect()
}

/// As `server/fuzz/targets/round.rs` holds them.
fn held(count: u8) -> SealedSet {
    let ids: Vec<_> = (0..count).map(|number| (u64::from(number / 5), EventId([number; 32]))).collect();
    SealedSet::of(&ids).expect("a set")
}

fn rounds() -> Seeds {
    let sides = [("few", 3, 20), ("many", 100, 140), ("none", 0, 20), ("all", 60, 60)];
    let mut seeds = Seeds::new();
    for (name, asking, answering) in sides {
        let (_, ask) = Asking::begin(1, Instant::now(), held(asking)).expect("a round");
        let answer = Answering::begin(1, None, held(answering)).expect("a round").answer(&ask).expect("an answer");
        // The count that the target holds, and a length that takes each message whole.
        seeds.insert(format!("{name}-ask"), [&[answering, 255], ask.as_ref()].concat());
        seeds.insert(format!("{name}-answer"), [&[asking, 255], answer.as_ref()].concat());
    }
    seeds
}

fn frames() -> Seeds {
    let mut stream = Vec::new();
    let write = async {
        for frame in [b"one".as_slice(), b"", b"and another"] {
            write_frame(&mut stream, frame, FRAME_BYTES_MAX).await.expect("written");
        }
    };
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(write);
    let pieces = |piece: u8| [&[piece], stream.as_slice()].concat();
    Seeds::from([("bytes".to_owned(), pieces(0)), ("whole".to_owned(), pieces(255))])
}

/// The file without its first line, which the target adds.
fn streams() -> Seeds {
    let mut file = Vec::new();
    let mut count = 0_u64;
    for record in ["component_removed", "component_set", "group_removed"].map(event) {
        count += 1;
        file.extend((record.signed.len() as u32).to_be_bytes());
        file.extend(&record.signed);
        match record.body.filter(|_| count != 2) {
            Some(body) => {
                file.push(1);
                file.extend((body.len() as u32).to_be_bytes());
                file.extend(&body);
            }
            None => file.push(0),
        }
    }
    file.extend([0; 4]);
    file.extend(count.to_be_bytes());
    let whole = [MAGIC, file.as_slice()].concat();
    let read = Records::new(whole.as_slice()).expect("a file").map(|record| record.expect("a record"));
    assert_eq!(read.count() as u64, count);
    Seeds::from([("three".to_owned(), file)])
}

/// Root manifests, whole and as the target signs them itself; and lists of files.
fn manifests() -> Seeds {
    let time = |text: &str| text.parse().expect("a time");
    let first = Root {
        cluster: ClusterId([1; 16]),
        writer: NodeKey([2; 32]),
        sequence: 1,
        previous: None,
        taken_over_from: None,
        board: Version(BTreeMap::from([(NodeKey([2; 32]), 5), (NodeKey([3; 32]), 7)])),
        events: None,
        confirmed_at: time("2024-04-08T08:06:00Z"),
        trust_until: time("2024-04-08T08:11:00Z"),
        written_at: time("2024-04-08T08:06:01.250Z"),
        base_path: String::new(),
        files: 3,
        shards: BTreeMap::from([("site".to_owned(), Hash([3; 32])), ("incidents-5".to_owned(), Hash([4; 32]))]),
        also: None,
    };
    let taken_over = Root {
        sequence: 12,
        previous: Some(Hash([5; 32])),
        taken_over_from: Some(NodeKey([3; 32])),
        events: Some(SetDigest { count: 12, sum: [8; 32] }),
        base_path: "/status".to_owned(),
        also: Some(Hash([6; 32])),
        ..first.clone()
    };
    let files = |files: &[(&str, u8)]| {
        Shard(files.iter().map(|(path, digit)| ((*path).to_owned(), Hash([*digit; 32]))).collect()).write()
    };
    let mut seeds = Seeds::from([
        ("list".to_owned(), files(&[("en/index.html", 1), ("incidents/5jfkz8q1mlql/index.html", 2)])),
        ("also".to_owned(), files(&[("index.html", 1), ("index.html", 2)])),
    ]);
    for (name, root) in [("first", first), ("taken-over", taken_over)] {
        let whole = root.sign(&SigningKey::from_bytes(&[7; 32]));
        let text = String::from_utf8(whole.clone()).expect("text");
        let signed = text.rfind("signature ").expect("its last line");
        seeds.insert(format!("{name}-text"), text.as_bytes()[..signed].to_vec());
        seeds.insert(name.to_owned(), whole);
    }
    seeds
}

#[test]
fn every_fuzz_target_begins_with_what_todays_code_writes() {
    let targets = [
        ("manifest", manifests()),
        ("message", messages()),
        ("round", rounds()),
        ("frame", frames()),
        ("stream", streams()),
    ];
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let folders = std::fs::read_dir(all).expect("seeds").map(|entry| entry.expect("a folder").file_name());
    let kept: BTreeSet<_> = folders.map(|name| name.to_string_lossy().into_owned()).collect();
    // Those of events are made from the golden files when the targets run.
    assert_eq!(kept, targets.iter().map(|(target, _)| (*target).to_owned()).collect());
    for (target, seeds) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        if std::env::var_os(WRITE).is_some() {
            let _none_yet = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            seeds.iter().for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes).expect("written"));
        }
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let kept: Seeds = files
            .map(|entry| {
                let path = entry.expect("a file").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                (name, std::fs::read(path).expect("bytes"))
            })
            .collect();
        let names = |seeds: &Seeds| seeds.keys().cloned().collect::<Vec<_>>();
        let anew = format!("{}: {WRITE}=1 cargo test -p server --test it fuzz_seeds", folder.display());
        assert_eq!(names(&kept), names(&seeds), "other seeds are needed in {anew}");
        for (name, bytes) in &seeds {
            assert_eq!(kept.get(name), Some(bytes), "`{name}` has other bytes; if they may change, in {anew}");
        }
    }
}
