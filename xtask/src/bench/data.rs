//! Data directories with a made-up history, through the program's own import.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{history, node::Directory};
use crate::progress;

/// A data directory that is only copied from.
#[derive(Clone, Debug)]
pub struct Prepared {
    directory: Directory,
    /// Of the incidents, newest first.
    pub ids: Vec<String>,
    pub updates: usize,
}

/// Makes each size once in a run.
pub struct Histories {
    program: PathBuf,
    catalog: PathBuf,
    folder: PathBuf,
    until: DateTime<Utc>,
    prepared: BTreeMap<usize, Prepared>,
}

impl Histories {
    /// Histories that end before `until`, below `folder`.
    pub fn new(program: &Path, catalog: &Path, folder: &Path, until: DateTime<Utc>) -> Self {
        let (program, catalog, folder) = (program.to_owned(), catalog.to_owned(), folder.to_owned());
        Histories { program, catalog, folder, until, prepared: BTreeMap::new() }
    }

    /// A fresh copy of the data directory with so many incidents, under a name of its own.
    ///
    /// # Errors
    /// When the history cannot be imported.
    pub fn copy(&mut self, incidents: usize, name: &str) -> anyhow::Result<(Directory, Prepared)> {
        if !self.prepared.contains_key(&incidents) {
            let title = format!("import {incidents} incidents");
            let made = progress::step(&title, || self.import(incidents))?;
            self.prepared.insert(incidents, made);
        }
        let prepared = self.prepared[&incidents].clone();
        let copy = prepared.directory.copy(self.folder.join(format!("{name}-{incidents}")))?;
        Ok((copy, prepared))
    }

    fn import(&self, incidents: usize) -> anyhow::Result<Prepared> {
        let data = self.folder.join(format!("history-{incidents}"));
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        let lines = data.with_extension("jsonl");
        let mut file = BufWriter::new(File::create(&lines)?);
        let written = history::write(incidents, self.until, &mut file)?;
        file.flush()?;
        let directory = Directory { program: self.program.clone(), data };
        directory.run(&["catalog", "apply", &self.catalog.to_string_lossy()])?;
        directory.run(&["import", "history", &lines.to_string_lossy()])?;
        Ok(Prepared { directory, ids: written.ids, updates: written.updates })
    }
}
