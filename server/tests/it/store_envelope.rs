//! The envelope's and the bodies' bytes, pinned by files, and mutated.
//!
//! A file under `tests/golden/events` holds two lines of hexadecimal digits: header and signature, and body. They were
//! written once. A difference means that nodes of two versions would no longer agree: make a new kind instead.

use crate::store::{at, author, identity, post};
use domain::{
    catalog::{Cell, PageSettings},
    change::*,
    id::*,
    operator::Role,
    status::*,
    text::Text,
};
use proptest::prelude::*;
use server::store::{
    Header, Record,
    body::{self, KINDS},
    envelope::{EnvelopeError, MUST_UNDERSTAND, PARENTS_MAX, SIGNATURE_BYTES},
    redact,
};
use std::collections::BTreeMap;

fn both_languages() -> Text {
    let translations = BTreeMap::from([("zh-CN".to_owned(), "云 API 不可用".to_owned())]);
    Text { default: "Cloud API unavailable".to_owned(), translations }
}

/// One change of every kind, with every field set that the kind has.
fn changes() -> Vec<Change> {
    let cell = Cell { component: ComponentId::of_code("cloud-api"), region: Some(RegionId::of_code("ap-shanghai")) };
    let update = UpdateId("aaaaaaaaaaa1".parse().unwrap());
    let schedule = Schedule { from: at(0), until: at(3600) };
    let full = UpdatePosted {
        scope: vec![ScopeChange { cell, status: ComponentStatus::MajorOutage }],
        impact: Some(Impact::Critical),
        expected_recovery: Some(Expectation::At(at(600))),
        next_update_at: Some(at(300)),
        root_cause: Some("A configuration was pushed everywhere at once".into()),
        id: Some(update),
        ..post(60, Status::Identified, "We know the cause")
    };
    vec![
        Change::PageSet(PageSettings {
            name: both_languages(),
            url: "https://status.example.com".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            notice: Some("A replay".into()),
            support_url: Some("https://example.com/help".to_owned()),
        }),
        Change::RegionSet(RegionSet { code: "ap-shanghai".to_owned(), name: "Shanghai".into(), position: 3 }),
        Change::RegionRemoved(Removed {}),
        Change::GroupSet(GroupSet { code: "compute".to_owned(), name: "Compute".into(), position: 300 }),
        Change::GroupRemoved(Removed {}),
        Change::ComponentSet(ComponentSet {
            code: "cvm".to_owned(),
            name: "Virtual machines".into(),
            description: Some("Start, stop, resize".into()),
            group: Some(GroupId::of_code("compute")),
            plane: Plane::Control,
            regions: vec![RegionId::of_code("ap-shanghai")],
            depends_on: vec![ComponentId::of_code("cloud-api")],
            position: 1,
            since: at(-86_400),
        }),
        Change::ComponentRemoved(Removed {}),
        Change::IncidentOpened(IncidentOpened {
            title: both_languages(),
            impact: Impact::Major,
            schedule: Some(schedule),
            kind: Kind::Incident,
            first: post(0, Status::Investigating, "We are looking"),
            source: Some(Source { url: "https://example.com/incidents/1".to_owned(), id: "1".to_owned() }),
        }),
        Change::UpdatePosted(full),
        Change::IncidentEdited(IncidentEdited {
            title: Some(both_languages()),
            impact: Some(Impact::Minor),
            schedule: Some(schedule),
        }),
        Change::UpdateEdited(UpdateEdited { update, at: at(90), text: "Corrected".into() }),
        Change::PostmortemPublished(PostmortemPublished { at: at(7200), text: "What happened".into() }),
        Change::TemplateSet(TemplateSet {
            name: "We look into it".to_owned(),
            component: Some(cell.component),
            status: Some(Status::Investigating),
            title: Some(both_languages()),
            text: both_languages(),
        }),
        Change::TemplateRemoved(Removed {}),
        Change::TokenCreated(TokenCreated {
            name: "deploys".to_owned(),
            sealed_hash: vec![0, 1, 254, 255],
            expires_at: Some(at(86_400)),
            role: None,
        }),
        Change::TokenRevoked(Removed {}),
        Change::OperatorSet(OperatorSet {
            login: "wei@example.com".to_owned(),
            name: "Li Wei".to_owned(),
            role: Role::Editor,
            active: true,
        }),
        Change::OperatorInvited(OperatorInvited { sealed_hash: Bytes(vec![0, 254]), expires_at: at(86_400) }),
        Change::PasswordSet(PasswordSet { sealed_hash: Bytes(vec![0, 255]), invitation: None }),
        Change::SessionsEnded(SessionsEnded { session: Some(SessionId("aaaaaaaaaaa1".parse().unwrap())) }),
        Change::SecondFactorSet(SecondFactorSet {
            sealed_seed: Bytes(vec![1, 254]),
            sealed_recovery: Bytes(vec![2, 253]),
        }),
        Change::SecondFactorRemoved(Removed {}),
        Change::RecoverySpent(RecoverySpent { factor: EventId([8; 32]), number: 9, region: String::new() }),
        Change::BreakGlassIssued(BreakGlassIssued {
            label: "safe in Shenzhen".to_owned(),
            count: 10,
            sealed_hashes: Bytes(vec![3, 252]),
        }),
        Change::BreakGlassSpent(BreakGlassSpent {
            number: 7,
            session: SessionId("aaaaaaaaaaa2".parse().unwrap()),
            region: "Shanghai".to_owned(),
        }),
        Change::BreakGlassRevoked(Removed {}),
        Change::PasskeyAdded(PasskeyAdded {
            name: "Pocket phone".to_owned(),
            credential_hash: Bytes(vec![4; 32]),
            sealed_passkey: Bytes(vec![5, 250]),
        }),
        Change::PasskeyRemoved(PasskeyRemoved { passkey: EventId([9; 32]) }),
        Change::NodeTrusted(NodeTrusted {
            key: NodeKey([5; 32]),
            name: "sh-1".to_owned(),
            region: "Shanghai".to_owned(),
            address: "sh.status.example.com:8443".to_owned(),
        }),
        Change::NodeRemoved(NodeRemoved { key: NodeKey([5; 32]), up_to: Hlc(0x018E_BC1B_5C40_0003) }),
        Change::MirrorTaken(MirrorTaken {
            mirror: "bucket".to_owned(),
            target: "s3://bucket/prefix".to_owned(),
            from: Some(NodeKey([5; 32])),
        }),
        Change::Redacted(Redacted {
            event: EventId([6; 32]),
            residue: Some(Bytes(vec![0xA0, 0xFF])),
            reason: Some("a customer's name".to_owned()),
        }),
    ]
}

fn sealed(change: &Change) -> (Header, Record) {
    let identity = identity(1);
    let (kind, body) = body::encode(&author(), change).unwrap();
    let header = Header {
        version: 1,
        flags: if change.must_be_understood() { MUST_UNDERSTAND } else { 0 },
        kind,
        cluster: identity.cluster,
        node: identity.node_key(),
        hlc: Hlc::default().next(at(0).timestamp_millis() as u64),
        subject: Subject::Incident(IncidentId("bbbbbbbbbbb2".parse().unwrap())),
        body_bytes: body.len() as u32,
        body_hash: *blake3::hash(&body).as_bytes(),
        parents: vec![EventId([7; 32])],
    };
    let record = Record { signed: header.sign(&identity.node), body: Some(body) };
    (header, record)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(line: &str) -> Vec<u8> {
    (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn every_kind_has_its_pinned_bytes() {
    let changes = changes();
    assert_eq!(
        changes.iter().map(Change::name).collect::<Vec<_>>(),
        KINDS.iter().map(|kind| kind.1).collect::<Vec<_>>()
    );
    for change in changes {
        let path = format!("{}/tests/golden/events/{}.hex", env!("CARGO_MANIFEST_DIR"), change.name());
        let (header, record) = sealed(&change);
        let written = format!("{}\n{}\n", hexadecimal(&record.signed), hexadecimal(record.body.as_ref().unwrap()));
        let pinned = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, pinned, "{path}");

        let mut lines = pinned.lines().map(bytes);
        let held = Record { signed: lines.next().unwrap(), body: lines.next() };
        assert_eq!(held.verify().unwrap(), header);
        let decoded = body::decode(header.kind, held.body.as_ref().unwrap()).unwrap();
        assert_eq!(decoded, Some((author(), change)));
    }
}

#[test]
fn no_residue_holds_a_word_of_what_it_replaces() {
    let words = [
        "unavailable",
        "不可用",
        "replay",
        "help",
        "Compute",
        "Virtual",
        "resize",
        "looking",
        "We know",
        "configuration",
        "Corrected",
        "happened",
        "deploys",
        "Wei",
        "Shenzhen",
        "Pocket",
    ];
    let mut replaced = 0;
    for change in changes() {
        let Some(residue) = redact::residue(&author(), &change) else {
            assert!(change.must_be_understood(), "{}", change.name());
            continue;
        };
        let (kind, body) = body::encode(&author(), &change).unwrap();
        replaced += words.iter().filter(|word| contains(&body, word)).count();
        for word in words {
            assert!(!contains(&residue.0, word), "{}: {word}", change.name());
        }
        let (by, read) = body::decode(kind, &residue.0).unwrap().unwrap();
        assert_eq!((by.name.as_str(), read.name()), ("", change.name()));
    }
    assert!(replaced > words.len(), "every word stood somewhere");
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn an_event_of_a_later_version_is_verified_though_it_is_longer() {
    use ed25519_dalek::Signer;
    let (header, record) = sealed(&changes()[0]);
    let mut later = record.signed[..record.signed.len() - SIGNATURE_BYTES].to_vec();
    (later[0], later[1], later[6]) = (2, 0b101, 1);
    later.extend(b"a field that only version 2 knows");
    let length = later.len() as u16;
    later[2..4].copy_from_slice(&length.to_be_bytes());
    let signature = identity(1).node.sign(&[b"holdfast event\0", later.as_slice()].concat());
    later.extend(signature.to_bytes());
    let later = Record { signed: later, body: record.body };
    let read = later.verify().unwrap();
    assert_eq!((read.version, read.must_understand()), (2, true));
    assert_eq!((read.subject, read.parents, read.hlc), (header.subject, header.parents, header.hlc));
}

#[test]
fn what_is_wrong_with_a_header_is_told() {
    let (_, record) = sealed(&changes()[0]);
    let with = |position: usize, value: u8| {
        let mut signed = record.signed.clone();
        signed[position] = value;
        Header::decode(&signed).unwrap_err()
    };
    let length = record.signed.len() - SIGNATURE_BYTES;
    assert_eq!(Header::decode(&[]), Err(EnvelopeError::Length(0)));
    assert_eq!(Header::decode(&[1; 2000]), Err(EnvelopeError::Length(2000)));
    assert_eq!(with(0, 0), EnvelopeError::Version);
    assert_eq!(with(1, 2), EnvelopeError::Flags(2));
    assert_eq!(with(3, 7), EnvelopeError::HeaderLength { said: 7, there: length });
    assert_eq!(with(7, 9), EnvelopeError::Reserved(9));
    assert_eq!(with(80, 1), EnvelopeError::BodyLength((1 << 24) + record.body.as_ref().unwrap().len()));
    assert_eq!(with(116, 17), EnvelopeError::Parents(17));
    assert_eq!(with(116, 2), EnvelopeError::ParentBytes { version: 1, parents: 2, needed: 117 + 64, there: length });
}

fn any_header() -> impl Strategy<Value = Header> {
    let fixed = (any::<u16>(), any::<bool>(), any::<u64>(), any::<[u8; 16]>(), 0..=65_536_u32, any::<[u8; 32]>());
    (fixed, prop::collection::vec(any::<[u8; 32]>(), 0..=PARENTS_MAX)).prop_map(
        |((kind, must_understand, hlc, subject, body_bytes, body_hash), parents)| Header {
            version: 1,
            flags: u8::from(must_understand),
            kind,
            cluster: identity(1).cluster,
            node: identity(1).node_key(),
            hlc: Hlc(hlc),
            subject: Subject::from_bytes(subject),
            body_bytes,
            body_hash,
            parents: parents.into_iter().map(EventId).collect(),
        },
    )
}

proptest! {
    #[test]
    fn a_header_comes_back_as_it_was_signed(header in any_header()) {
        let record = Record { signed: header.sign(&identity(1).node), body: None };
        prop_assert_eq!(record.verify(), Ok(header));
    }

    #[test]
    fn an_altered_event_is_never_taken(header in any_header(), position in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut signed = header.sign(&identity(1).node);
        let position = position.index(signed.len());
        signed[position] ^= flip;
        let record = Record { signed, body: None };
        prop_assert!(record.verify().is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(signed in prop::collection::vec(any::<u8>(), 0..1200), kind in 0..80_u16, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let record = Record { signed, body: None };
        prop_assert!(record.verify().is_err());
        let known = KINDS.iter().any(|(number, _)| *number == kind);
        prop_assert!(known || body::decode(kind, &body) == Ok(None));
        prop_assert!(!known || body::decode(kind, &body) != Ok(None));
    }

    #[test]
    fn a_mutated_body_is_read_or_refused(which in any::<prop::sample::Index>(), position in any::<prop::sample::Index>(), flip in 1..=255_u8, cut in any::<bool>()) {
        let changes = changes();
        let (kind, mut body) = body::encode(&author(), &changes[which.index(changes.len())]).unwrap();
        let position = position.index(body.len());
        body[position] ^= flip;
        if cut {
            body.truncate(position);
            prop_assert!(body::decode(kind, &body).is_err());
        } else if let Ok(read) = body::decode(kind, &body) {
            prop_assert!(read.is_some());
        }
    }
}
