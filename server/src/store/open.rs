//! Opening the data file, or making a new one.

use super::{
    Store,
    digest::SetDigest,
    envelope::ClusterId,
    fault::{Fault, OpenError, ReadError},
    file::{File, Opener},
    identity::Identity,
    index::Index,
    keep::Log,
    nodes::Nodes,
    rewrite,
    tables::*,
    version,
};
use redb::{Builder, Database, DatabaseError, ReadTransaction, ReadableTable, backends::FileBackend};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The log's file in the data directory.
pub const DATA_FILE: &str = "holdfast.redb";

/// Memory that redb may keep pages in. Small, because what is read often is in the board.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

impl Store {
    /// Opens `directory/holdfast.redb`; makes it when it is not there.
    ///
    /// # Errors
    /// Says which file it is about, what is wrong and what to do.
    pub fn open(directory: &Path, identity: Identity) -> Result<Store, OpenError> {
        let path = directory.join(DATA_FILE);
        let failed = |error: io::Error| OpenError::of_fault(path.clone(), error.into());
        if !path.try_exists().map_err(failed)? {
            create(directory, &path, &identity)?;
        }
        let to_open = path.clone();
        let open = move || -> Opener {
            let path = to_open.clone();
            Box::new(move || builder().open(&path))
        };
        let store = Store::opened(open(), path.clone(), Some(directory.to_owned()), identity.clone())?;
        if !store.wants_rewriting().map_err(|error| store.unreadable(error))? {
            return Ok(store);
        }
        drop(store);
        if let Err(error) = rewrite::rewrite(directory, &path, builder) {
            tracing::error!(%error, "what was redacted may still lie in the data file; it is tried again at the next start");
        }
        Store::opened(open(), path, Some(directory.to_owned()), identity)
    }

    fn unreadable(&self, error: ReadError) -> OpenError {
        let path = self.0.directory.as_ref().map_or(PathBuf::from(DATA_FILE), |directory| directory.join(DATA_FILE));
        OpenError::of_fault(path, Fault::Io(error.to_string()))
    }

    /// A log on another kind of storage, which `opener` opens anew whenever it has failed.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(
        opener: impl Fn(&Builder) -> Result<Database, DatabaseError> + Send + Sync + 'static,
        identity: Identity,
    ) -> Result<Store, OpenError> {
        let path = PathBuf::from(DATA_FILE);
        let opener: Opener = Box::new(move || opener(&builder()));
        {
            let database = opener().map_err(|error| OpenError::of(&path, error))?;
            prepare(&database, &identity).map_err(|fault| OpenError::of_fault(path.clone(), fault))?;
        }
        Store::opened(opener, path, None, identity)
    }

    fn opened(
        opener: Opener,
        path: PathBuf,
        directory: Option<PathBuf>,
        identity: Identity,
    ) -> Result<Store, OpenError> {
        let file = File::new(opener).map_err(|error| OpenError::of(&path, error))?;
        let (format, cluster) = file
            .read(|transaction| {
                let meta = transaction.open_table(META)?;
                let missing = || Fault::Damaged("it is a redb file without a log of holdfast".to_owned());
                let format = meta.get(FORMAT_KEY)?.ok_or_else(missing)?;
                let format = format.value().try_into().map(u64::from_be_bytes).map_err(|_| missing())?;
                let cluster = meta.get(CLUSTER_KEY)?.ok_or_else(missing)?;
                let cluster = cluster.value().try_into().map(ClusterId).map_err(|_| missing())?;
                Ok((format, cluster))
            })
            .map_err(|fault| OpenError::of_fault(path.clone(), fault))?;
        if format != FORMAT {
            return Err(OpenError::Format { path, found: format, known: FORMAT });
        }
        if cluster != identity.cluster {
            return Err(OpenError::other_cluster(path, cluster, &identity));
        }
        let index = Index::new(cluster.0, directory.clone());
        let nodes = Nodes::new(identity.node_key());
        let inner = super::Inner {
            identity,
            file,
            index,
            nodes,
            directory,
            digests: Default::default(),
            bodies: Default::default(),
        };
        let store = Store(Arc::new(inner));
        store.catch_up().map_err(|fault| OpenError::of_fault(path.clone(), fault))?;
        store.seed_own().map_err(|fault| OpenError::of_fault(path.clone(), fault))?;
        store.prepare_digest().map_err(|fault| OpenError::of_fault(path, fault))?;
        Ok(store)
    }
}

impl Store {
    /// Brings a file that an earlier version wrote to what this one expects of it.
    fn catch_up(&self) -> Result<(), Fault> {
        let is_behind = |transaction: &ReadTransaction| -> Result<bool, Fault> {
            let noted = transaction.open_table(META)?.get(REDACTIONS_KEY)?.map(|row| row.value().to_vec());
            Ok(noted.as_deref() != Some(version::REDACTIONS_NOTED))
        };
        if self.0.file.read(is_behind)? {
            self.0.file.write(|transaction| Log::new(transaction, self.trust())?.note_all_redactions())?;
        }
        if self.0.file.read(|transaction| Ok(transaction.open_table(META)?.get(MISSING_KEY)?.is_none()))? {
            self.0.file.write(|transaction| Log::new(transaction, self.trust())?.note_all_missing())?;
        }
        Ok(())
    }
}

/// Made whole under another name and then named: so a file of no or half a length is always damage, never a log that
/// silently begins anew.
fn create(directory: &Path, path: &Path, identity: &Identity) -> Result<(), OpenError> {
    let failed = |error: io::Error| OpenError::of_fault(path.to_owned(), error.into());
    let (file, new_path) = tempfile::NamedTempFile::new_in(directory).map_err(failed)?.into_parts();
    let of_redb = |error: DatabaseError| OpenError::of(path, error);
    {
        let backend = FileBackend::new(file).map_err(of_redb)?;
        let database = builder().create_with_backend(backend).map_err(of_redb)?;
        prepare(&database, identity).map_err(|fault| OpenError::of_fault(path.to_owned(), fault))?;
    }
    match new_path.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error.error)),
        _ => {}
    }
    std::fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
}

/// Makes every table and says whose log it is; an existing log is left as it is.
fn prepare(database: &Database, identity: &Identity) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    macro_rules! make {
        ($($table:expr),*) => {
            $(transaction.open_table($table)?;)*
        };
    }
    every_table!(make);
    {
        let mut meta = transaction.open_table(META)?;
        if meta.get(FORMAT_KEY)?.is_none() {
            meta.insert(FORMAT_KEY, FORMAT.to_be_bytes().as_slice())?;
            meta.insert(CLUSTER_KEY, identity.cluster.0.as_slice())?;
            meta.insert(REDACTIONS_KEY, version::REDACTIONS_NOTED)?;
            meta.insert(MISSING_KEY, [1].as_slice())?;
            meta.insert(DIGEST_KEY, SetDigest::default().to_row().as_slice())?;
        }
    }
    Ok(transaction.commit()?)
}
