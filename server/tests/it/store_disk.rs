//! What the log promises on a bad disk. The stories: the disk fills up while an incident is told; a write or a sync
//! fails once and then works again; the power goes while a commit is on its way and the disk keeps any part of what was
//! not synced. In each, nothing that was acknowledged is lost and nothing that was refused is half there.

use crate::store::{append, at, author, identity, incident_id, opening, update};
use domain::{id::Subject, status::Status};
use redb::{Builder, StorageBackend};
use server::store::{AppendError, Record, Store, fault::Fault};
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

#[derive(Debug, Default)]
pub struct Platters {
    bytes: Vec<u8>,
    /// What a loss of power leaves for certain.
    synced: Vec<u8>,
    /// Offset and bytes of each write since, or a new length.
    unsynced: Vec<(u64, Result<Vec<u8>, u64>)>,
    /// Growing past this is refused: a full disk.
    capacity: Option<u64>,
    /// After so many more writes and syncs every one fails.
    pub good_for: Option<u64>,
    /// This one of the writes and syncs fails, and the next works again.
    pub fails_at: Option<u64>,
    /// How many writes and syncs there were.
    pub operations: u64,
}

impl Platters {
    fn operate(&mut self) -> io::Result<()> {
        self.operations += 1;
        if self.fails_at == Some(self.operations) {
            return Err(io::Error::other("the drive hiccups"));
        }
        match &mut self.good_for {
            Some(0) => Err(io::Error::other("the drive does not answer")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Platters>>);

impl Disk {
    pub fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap()
    }

    pub fn open(&self) -> Store {
        let disk = self.clone();
        Store::open_on(move |builder| builder.create_with_backend(disk.clone()), identity(1)).unwrap()
    }

    /// What the disk holds after a loss of power, when of the unsynced writes those survive whose turn in `survivors`
    /// is a one.
    fn after_power_loss(&self, survivors: u64) -> Disk {
        let platters = self.platters();
        let mut bytes = platters.synced.clone();
        for (number, (offset, write)) in platters.unsynced.iter().enumerate() {
            if survivors.rotate_right(number as u32) & 1 == 0 {
                continue;
            }
            match write {
                Ok(written) => {
                    let end = *offset as usize + written.len();
                    bytes.resize(bytes.len().max(end), 0);
                    bytes[*offset as usize..end].copy_from_slice(written);
                }
                Err(length) => bytes.resize(*length as usize, 0),
            }
        }
        let synced = bytes.clone();
        Disk(Arc::new(Mutex::new(Platters { bytes, synced, ..Platters::default() })))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platters().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let platters = self.platters();
        let range = offset as usize..offset as usize + out.len();
        out.copy_from_slice(platters.bytes.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut platters = self.platters();
        platters.operate()?;
        if platters.capacity.is_some_and(|capacity| length > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        platters.bytes.resize(length as usize, 0);
        platters.unsynced.push((0, Err(length)));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platters = self.platters();
        platters.operate()?;
        platters.synced = platters.bytes.clone();
        platters.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platters = self.platters();
        platters.operate()?;
        let end = offset as usize + data.len();
        platters.bytes[offset as usize..end].copy_from_slice(data);
        platters.unsynced.push((offset, Ok(data.to_vec())));
        Ok(())
    }
}

fn held(store: &Store) -> Vec<Record> {
    let (mut records, mut from) = (Vec::new(), 1);
    loop {
        let page = store.records(from).unwrap();
        let Some((last, _)) = page.last() else { return records };
        from = last + 1;
        records.extend(page.into_iter().map(|(_, record)| record));
    }
}

#[test]
fn a_full_disk_refuses_posts_and_goes_on_answering() {
    let disk = Disk::default();
    let store = disk.open();
    append(&store, opening(1, 0, "before"), 0);
    disk.platters().capacity = Some(disk.len().unwrap());
    let text = "x".repeat(40_000);
    let mut acknowledged = 1;
    let refused = loop {
        match store.append(&[update(1, 60, Status::Identified, &text)], &author(), at(60)) {
            Ok(_) => acknowledged += 1,
            Err(refused) => break refused,
        }
        assert!(acknowledged < 1000, "the disk never filled up");
    };
    assert_eq!(refused, AppendError::Fault(Fault::DiskFull));
    assert!(refused.to_string().contains("nothing was saved: the disk is full"), "{refused}");
    for _ in 0..3 {
        let again = store.append(&[update(1, 60, Status::Identified, &text)], &author(), at(60));
        assert_eq!(again.unwrap_err(), AppendError::Fault(Fault::DiskFull), "still full");
        assert_eq!(held(&store).len(), acknowledged, "reads go on while it is full");
        store.self_check().unwrap();
    }
    disk.platters().capacity = None;
    append(&store, update(1, 90, Status::Resolved, &text), 90);
    assert_eq!(held(&store).len(), acknowledged + 1, "with space again, posts go on without a restart");
    assert_eq!(store.load_board().unwrap().version.total(), acknowledged as u64 + 1);
}

#[test]
fn a_drive_that_fails_at_any_moment_of_a_post_loses_nothing_acknowledged() {
    let mut good_for = 0;
    loop {
        let disk = Disk::default();
        let store = disk.open();
        let before = append(&store, opening(1, 0, "before"), 0);
        disk.platters().good_for = Some(good_for);
        let planned = [update(1, 60, Status::Identified, "B"), update(1, 61, Status::Monitoring, "C")];
        let outcome = store.append(&planned, &author(), at(60));
        disk.platters().good_for = None;
        let records = held(&store);
        assert_eq!(records[0].id(), before.id, "after {good_for} operations");
        let done = match outcome {
            Ok(events) => {
                assert_eq!(records[1..].iter().map(Record::id).collect::<Vec<_>>(), [events[0].id, events[1].id]);
                true
            }
            Err(AppendError::Unsure { events, .. }) => {
                assert_eq!(records[1..].iter().map(Record::id).collect::<Vec<_>>(), events);
                false
            }
            // The drive was dead when it was asked what it holds: all or none.
            Err(AppendError::Unknown(_)) => {
                assert!([1, 3].contains(&records.len()), "after {good_for} operations");
                false
            }
            Err(AppendError::Fault(_)) => {
                assert_eq!(records.len(), 1, "after {good_for} operations");
                false
            }
            Err(refused) => panic!("{refused}"),
        };
        append(&store, update(1, 90, Status::Resolved, "after"), 90);
        assert_eq!(store.load_board().unwrap().version.total(), records.len() as u64 + 1);
        if done && disk.platters().operations > good_for {
            assert!(good_for > 3, "a commit takes more writes than that");
            return;
        }
        good_for += 1;
    }
}

#[test]
fn while_the_drive_is_dead_every_call_says_so() {
    let disk = Disk::default();
    let store = disk.open();
    append(&store, opening(1, 0, "before"), 0);
    disk.platters().good_for = Some(0);
    let refused = store.append(&[opening(2, 0, "x")], &author(), at(1)).unwrap_err().to_string();
    assert!(refused.contains("the drive does not answer"), "{refused}");
    disk.platters().good_for = None;
    assert_eq!(held(&store).len(), 1);
    append(&store, opening(2, 0, "x"), 2);
}

#[test]
fn a_loss_of_power_at_any_moment_keeps_what_was_acknowledged() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for good_for in 0..24 {
        let disk = Disk::default();
        let store = disk.open();
        let mut acknowledged = vec![append(&store, opening(1, 0, "before"), 0).id];
        disk.platters().good_for = Some(good_for);
        let planned = [update(1, 60, Status::Identified, "B")];
        if let Ok(events) = store.append(&planned, &author(), at(60)) {
            acknowledged.push(events[0].id);
        }
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let store = disk.after_power_loss(seed >> 20).open();
            let ids: Vec<_> = held(&store).iter().map(Record::id).collect();
            assert!(ids.starts_with(&acknowledged), "after {good_for} operations");
            assert!(ids.len() <= 2);
            let (events, _) = store.subject(Subject::Incident(incident_id(1))).unwrap();
            assert_eq!(events.len(), ids.len());
            append(&store, update(1, 90, Status::Resolved, "after"), 90);
        }
    }
}

#[test]
fn a_settled_file_opens_after_a_crash_without_a_repair() {
    let disk = Disk::default();
    let store = disk.open();
    append(&store, opening(1, 0, "A"), 0);
    append(&store, update(1, 60, Status::Identified, "B"), 60);
    let repairs_after_power_loss = || {
        let disk = disk.after_power_loss(0);
        let repairs = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&repairs);
        let open = move |_: &Builder| {
            let counted = Arc::clone(&counted);
            let count = move |_: &mut redb::RepairSession| *counted.lock().unwrap() += 1;
            Builder::new().set_repair_callback(count).create_with_backend(disk.clone())
        };
        assert_eq!(held(&Store::open_on(open, identity(1)).unwrap()).len(), 2);
        *repairs.lock().unwrap()
    };
    assert!(repairs_after_power_loss() > 0);
    store.settle().unwrap();
    let operations = disk.platters().operations;
    store.settle().unwrap();
    assert_eq!(disk.platters().operations, operations, "with nothing new it costs nothing");
    assert_eq!(repairs_after_power_loss(), 0);
}
