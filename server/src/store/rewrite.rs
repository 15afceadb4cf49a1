//! The data file made anew, without the bytes of what was erased: redb does not clear the pages that it frees, so
//! what lay in them stays in the file until they are used again.
//!
//! Only rows are copied. The new file is made whole under another name and takes the old one's place while that is still
//! locked, so that no other process can open what is about to go.

use super::{fault::Fault, tables::*};
use redb::{
    Builder, Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableHandle, Value, WriteTransaction, backends::FileBackend,
};
use std::{collections::BTreeSet, fs, path::Path};

/// Copies the file at `path` to a new one in its place.
pub(super) fn rewrite(directory: &Path, path: &Path, builder: impl Fn() -> Builder) -> Result<(), Fault> {
    let (file, new_path) = tempfile::NamedTempFile::new_in(directory)?.into_parts();
    let old = builder().open(path)?;
    {
        let new = builder().create_with_backend(FileBackend::new(file)?)?;
        copy(&old, &new)?;
    }
    new_path.persist(path).map_err(|error| error.error)?;
    fs::File::open(directory).and_then(|directory| directory.sync_all())?;
    drop(old);
    tracing::info!("the data file was written anew, without what was redacted");
    Ok(())
}

/// Every row of every table, but for the wish to do this.
fn copy(old: &Database, new: &Database) -> Result<(), Fault> {
    let (from, to) = (old.begin_read()?, new.begin_write()?);
    let mut copied = BTreeSet::new();
    macro_rules! copy_each {
        ($($table:expr),*) => {
            $(copied.insert(copy_table(&from, &to, $table)?);)*
        };
    }
    every_table!(copy_each);
    for table in from.list_tables()? {
        if !copied.contains(table.name()) {
            let what = format!("the table `{}` is of a newer version; use that one", table.name());
            return Err(Fault::Io(what));
        }
    }
    to.open_table(META)?.remove(REWRITE_KEY)?;
    Ok(to.commit()?)
}

fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    definition: TableDefinition<K, V>,
) -> Result<String, Fault> {
    let (old, mut new) = (from.open_table(definition)?, to.open_table(definition)?);
    for row in old.iter()? {
        let (key, value) = row?;
        new.insert(key.value(), value.value())?;
    }
    match (old.len()?, new.len()?) {
        (all, copied) if all == copied => Ok(definition.name().to_owned()),
        (all, copied) => Err(Fault::Damaged(format!("of {all} rows of `{}` {copied} were copied", definition.name()))),
    }
}
