//! The data directory's files: keys, damage, another process, a killed process.

use crate::store::{append, at, author, identity, opening, update};
use domain::status::Status;
use server::store::{Identity, IdentityError, OpenError, Store};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn data_file(directory: &Path) -> PathBuf {
    directory.join("holdfast.redb")
}

/// A data directory whose log holds three events.
fn closed_log() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), identity(1)).unwrap();
    for number in 1..=3 {
        append(&store, opening(number, 0, "A"), 0);
    }
    directory
}

#[test]
fn keys_are_made_once_for_their_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let first = Identity::load_or_create(directory.path()).unwrap();
    let again = Identity::load_or_create(directory.path()).unwrap();
    assert_eq!((first.cluster, first.node_key()), (again.cluster, again.node_key()));
    for name in ["node.key", "cluster.key"] {
        let mode = fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        let digits = fs::read_to_string(directory.path().join(name)).unwrap();
        assert!(!format!("{first:?}").contains(digits.trim()), "{name} is shown");
    }
    let other = tempfile::tempdir().unwrap();
    let other = Identity::load_or_create(other.path()).unwrap();
    assert_ne!((first.cluster, first.node_key()), (other.cluster, other.node_key()));
}

#[test]
fn a_key_that_others_may_read_or_that_is_no_key_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    Identity::load_or_create(directory.path()).unwrap();
    let path = directory.path().join("node.key");
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = Identity::load_or_create(directory.path()).unwrap_err();
        assert!(matches!(refused, IdentityError::Open { mode: found, .. } if found == mode), "{refused}");
        assert!(refused.to_string().contains(&format!("`chmod 600 {}`", path.display())), "{refused}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for content in ["", "12", &"g".repeat(64), &"a".repeat(70)] {
        fs::write(&path, content).unwrap();
        let refused = Identity::load_or_create(directory.path()).unwrap_err();
        assert!(matches!(refused, IdentityError::Malformed { .. }), "{content}: {refused}");
    }
}

#[test]
fn a_directory_in_use_names_itself() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path(), identity(1)).unwrap();
    let refused = Store::open(directory.path(), identity(1)).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse { directory: named } if named == directory.path()), "{refused}");
    assert!(refused.to_string().contains("in use by another process"), "{refused}");
    append(&store, opening(1, 0, "A"), 0);
}

#[test]
fn the_key_of_another_cluster_does_not_open_the_log() {
    let directory = closed_log();
    let refused = Store::open(directory.path(), Identity::new([1; 32], [8; 32])).unwrap_err();
    assert!(matches!(refused, OpenError::OtherCluster { .. }), "{refused}");
    assert!(refused.to_string().contains("restore the key that belongs to the data"), "{refused}");
}

#[test]
fn a_file_that_is_empty_short_or_something_else_is_named_with_what_to_do() {
    let whole = fs::read(data_file(closed_log().path())).unwrap();
    let mut no_magic = whole.clone();
    no_magic[..8].fill(0);
    let damaged: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("a text", b"not a database\n".repeat(1000)),
        ("no magic", no_magic),
        ("cut in its header", whole[..100].to_vec()),
        ("cut in half", whole[..whole.len() / 2].to_vec()),
        ("cut by a page", whole[..whole.len() - 4096].to_vec()),
    ];
    for (name, bytes) in damaged {
        let directory = tempfile::tempdir().unwrap();
        fs::write(data_file(directory.path()), &bytes).unwrap();
        let refused = Store::open(directory.path(), identity(1)).unwrap_err();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{name}: {refused}");
        let text = refused.to_string();
        assert!(text.contains(&data_file(directory.path()).display().to_string()), "{name}: {text}");
        assert!(text.contains("restore it from a backup"), "{name}: {text}");
        assert_eq!(fs::read(data_file(directory.path())).unwrap(), bytes, "{name}: left as it was found");
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    const DIRECTORY: &str = "HOLDFAST_TEST_CRASH_DIRECTORY";
    const ACKNOWLEDGED: &str = "acknowledged ";
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        // The process to be killed: posts until then.
        let store = Store::open(Path::new(&directory), identity(1)).unwrap();
        append(&store, opening(1, 0, "A"), 0);
        for second in 1.. {
            let planned = [update(1, second, Status::Identified, "B"), update(1, second, Status::Monitoring, "C")];
            for event in store.append(&planned, &author(), at(second)).unwrap() {
                println!("{ACKNOWLEDGED}{}", event.id);
            }
        }
    }
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store_files::a_killed_process_loses_nothing_that_it_acknowledged", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let acknowledged = output.filter_map(|line| line.strip_prefix(ACKNOWLEDGED).map(str::to_owned));
        let mut lines = acknowledged.inspect({
            let mut count = 0;
            let process = &mut child;
            move |_| {
                count += 1;
                if count == 20 * round {
                    process.kill().unwrap();
                }
            }
        });
        let acknowledged: BTreeSet<String> = lines.by_ref().collect();
        drop(lines);
        child.wait().unwrap();
        assert!(acknowledged.len() >= 20 * round, "the process ended by itself");

        let store = Store::open(directory.path(), identity(1)).unwrap();
        let (mut held, mut from) = (BTreeSet::new(), 1);
        while let Some((last, _)) = store.records(from).unwrap().last() {
            held.extend(store.records(from).unwrap().into_iter().map(|(_, record)| record.id().to_string()));
            from = last + 1;
        }
        assert!(acknowledged.is_subset(&held), "round {round}");
        store.self_check().unwrap();
        assert_eq!(store.load_board().unwrap().version.total(), held.len() as u64);
    }
}
