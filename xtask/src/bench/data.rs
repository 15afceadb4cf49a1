//! Data directories with a history, made up or real, through the program's own import.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use flate2::read::GzDecoder;

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

    /// The history of a real page over four and a half years: see `server/tests/data/README.md`.
    ///
    /// # Errors
    /// When it cannot be imported.
    pub fn real(&self, compressed: &Path) -> anyhow::Result<Directory> {
        let directory = self.empty("history-real")?;
        let lines = directory.data.with_extension("jsonl");
        io::copy(&mut GzDecoder::new(File::open(compressed)?), &mut File::create(&lines)?)?;
        progress::step("import the real history", || self.imported(&directory, &lines))?;
        Ok(directory)
    }

    fn import(&self, incidents: usize) -> anyhow::Result<Prepared> {
        let directory = self.empty(&format!("history-{incidents}"))?;
        let lines = directory.data.with_extension("jsonl");
        let mut file = BufWriter::new(File::create(&lines)?);
        let written = history::write(incidents, self.until, &mut file)?;
        file.flush()?;
        self.imported(&directory, &lines)?;
        Ok(Prepared { directory, ids: written.ids, updates: written.updates })
    }

    fn empty(&self, name: &str) -> anyhow::Result<Directory> {
        let data = self.folder.join(name);
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        Ok(Directory { program: self.program.clone(), data })
    }

    fn imported(&self, directory: &Directory, lines: &Path) -> anyhow::Result<()> {
        directory.run(&["catalog", "apply", &self.catalog.to_string_lossy()])?;
        directory.run(&["import", "history", &lines.to_string_lossy()])
    }
}
