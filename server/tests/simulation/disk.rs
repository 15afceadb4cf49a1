//! A disk that outlives its node. Every write lasts; the loss of unsynced writes has tests of its own (`store_disk.rs`).

use redb::StorageBackend;
use server::store::{Identity, Store};
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

#[derive(Debug, Default)]
struct Platters {
    bytes: Vec<u8>,
    is_full: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Platters>>);

impl Disk {
    fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().expect("a disk")
    }

    pub fn open(&self, identity: Identity) -> Store {
        let disk = self.clone();
        Store::open_on(move |builder| builder.create_with_backend(disk.clone()), identity).expect("a store")
    }

    /// A copy of its present content, on a disk with room.
    pub fn copy(&self) -> Disk {
        Disk(Arc::new(Mutex::new(Platters { bytes: self.platters().bytes.clone(), is_full: false })))
    }

    pub fn set_full(&self, is_full: bool) {
        self.platters().is_full = is_full;
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
        if platters.is_full && length > platters.bytes.len() as u64 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        platters.bytes.resize(length as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    /// A full disk takes nothing at all, also where there was something before: a file system that copies on write.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platters = self.platters();
        if platters.is_full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let end = offset as usize + data.len();
        platters.bytes[offset as usize..end].copy_from_slice(data);
        Ok(())
    }
}
