//! The site folder: content hashes in names under `pkg/`, compressed neighbours, `assets.json`, nothing stale.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::browser_code::BrowserCode;
use super::inputs::files_under;

/// The logical names of what counts as browser code on the wire.
pub const BROWSER_CODE: [&str; 3] = ["boot.js", "holdfast.js", "holdfast.wasm"];

/// The folder of files that never change under their name.
const HASHED_FOLDER: &str = "pkg";
/// The table of contents: logical name to file. Written last.
const TABLE: &str = "assets.json";
/// Hexadecimal digits of BLAKE3 in a name: 64 bits, plenty for a handful of files.
const HASH_DIGITS: usize = 16;
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW_BITS: u32 = 22;
/// Every reader fetches it; the notes in it are for whoever reads the source.
const WORKER: &str = "worker.js";
/// Files that are compressed already.
const COMPRESSED_FORMATS: [&str; 6] = ["png", "jpg", "webp", "avif", "ico", "woff2"];

/// One file of the site, as `assets.json` lists it. Sizes in bytes; 0 where that encoding was not worth a file.
#[derive(Serialize, Deserialize)]
struct Entry {
    path: String,
    blake3: String,
    identity: usize,
    br: usize,
    gz: usize,
}

/// What one file costs a reader, in bytes.
pub struct Size {
    /// The logical name.
    pub name: String,
    /// Uncompressed.
    pub identity: usize,
    /// With brotli, or uncompressed where that is smaller.
    pub br: usize,
    /// With gzip, or uncompressed where that is smaller.
    pub gz: usize,
}

/// Collects the files, then writes the folder.
#[derive(Default)]
pub struct SiteBuilder {
    files: BTreeMap<String, Vec<u8>>,
    table: BTreeMap<String, Entry>,
}

impl SiteBuilder {
    /// Adds the glue and the islands, and the boot module that names both.
    ///
    /// # Errors
    /// When compression fails.
    pub fn add_browser_code(&mut self, code: BrowserCode) -> anyhow::Result<()> {
        let glue = self.add_hashed("holdfast.js", code.glue)?;
        let wasm = self.add_hashed("holdfast.wasm", code.wasm)?;
        let boot = boot_module(&code.island_script, glue.trim_end_matches(".js"), wasm.trim_end_matches(".wasm"));
        self.add_hashed("boot.js", boot.into_bytes())?;
        Ok(())
    }

    /// Adds a file under a name with its hash; returns that name.
    ///
    /// # Errors
    /// When compression fails.
    pub fn add_hashed(&mut self, name: &str, content: Vec<u8>) -> anyhow::Result<String> {
        let hash = blake3::hash(&content).to_hex();
        let (stem, extension) = name.rsplit_once('.').context("an asset has an extension")?;
        let hashed = format!("{stem}.{}.{extension}", &hash[..HASH_DIGITS]);
        self.add(name, format!("{HASHED_FOLDER}/{hashed}"), content)?;
        Ok(hashed)
    }

    /// Adds every file of a folder under its own name; a missing folder has none.
    ///
    /// # Errors
    /// When a file cannot be read or compressed.
    pub fn add_public(&mut self, folder: &Path) -> anyhow::Result<()> {
        for file in files_under(folder)? {
            let path = file
                .strip_prefix(folder)?
                .to_str()
                .with_context(|| format!("{}: the name is not UTF-8", file.display()))?
                .to_owned();
            let mut content = fs::read(&file).with_context(|| file.display().to_string())?;
            if path == WORKER {
                content = without_notes(&content);
            }
            self.add(&path.clone(), path, content)?;
        }
        Ok(())
    }

    /// Makes `folder` hold exactly these files. What did not change is not touched, so that cargo sees a change only
    /// where there is one; `assets.json`, which the server's build watches, comes last.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn write(mut self, folder: &Path) -> anyhow::Result<Vec<Size>> {
        let table = serde_json::to_vec_pretty(&self.table)?;
        for (path, content) in &self.files {
            write_if_changed(&folder.join(path), content)?;
        }
        self.files.insert(TABLE.to_owned(), Vec::new());
        for file in files_under(folder)? {
            let path = file.strip_prefix(folder)?.to_string_lossy().into_owned();
            if !self.files.contains_key(&path) {
                fs::remove_file(&file).with_context(|| file.display().to_string())?;
            }
        }
        write_if_changed(&folder.join(TABLE), &table)?;
        let or_identity = |size: usize, entry: &Entry| if size == 0 { entry.identity } else { size };
        Ok(self
            .table
            .into_iter()
            .map(|(name, entry)| Size {
                br: or_identity(entry.br, &entry),
                gz: or_identity(entry.gz, &entry),
                identity: entry.identity,
                name,
            })
            .collect())
    }

    fn add(&mut self, name: &str, path: String, content: Vec<u8>) -> anyhow::Result<()> {
        let mut sizes = [0, 0];
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !COMPRESSED_FORMATS.contains(&extension) {
            for (size, (suffix, compressed)) in
                sizes.iter_mut().zip([("br", brotli(&content)?), ("gz", gzip(&content)?)])
            {
                if compressed.len() < content.len() {
                    *size = compressed.len();
                    self.files.insert(format!("{path}.{suffix}"), compressed);
                }
            }
        }
        let entry = Entry {
            path: path.clone(),
            blake3: blake3::hash(&content).to_hex().to_string(),
            identity: content.len(),
            br: sizes[0],
            gz: sizes[1],
        };
        self.table.insert(name.to_owned(), entry);
        self.files.insert(path, content);
        Ok(())
    }
}

/// Whether every file that the folder's table lists is there.
pub fn is_whole(folder: &Path) -> bool {
    let Ok(table) = fs::read(folder.join(TABLE)) else {
        return false;
    };
    let Ok(table) = serde_json::from_slice::<BTreeMap<String, Entry>>(&table) else {
        return false;
    };
    let has = |path: &str, size: usize| fs::metadata(folder.join(path)).is_ok_and(|found| found.len() == size as u64);
    !table.is_empty()
        && table.values().all(|entry| {
            has(&entry.path, entry.identity)
                && (entry.br == 0 || has(&format!("{}.br", entry.path), entry.br))
                && (entry.gz == 0 || has(&format!("{}.gz", entry.path), entry.gz))
        })
}

/// The module that a page loads. It finds its own folder from its own address, so that a copy of the site works below
/// any path of any mirror.
fn boot_module(island_script: &str, glue: &str, wasm: &str) -> String {
    // The worker keeps what it finds named so; a page names its mark, by which another list of copies is another worker.
    format!(
        "// {HASHED_FOLDER}/{wasm}.wasm\n\
         const root = new URL(\"..\", import.meta.url).href.replace(/\\/$/, \"\");\n\
         {}(root, \"{HASHED_FOLDER}\", \"{glue}\", \"{wasm}\");\n\
         const list = document.getElementById(\"copied\")?.dataset.list;\n\
         if (list) navigator.serviceWorker?.register(`${{root}}/worker.js?${{list}}`).catch(() => {{}});\n",
        island_script.trim().trim_end_matches(';')
    )
}

/// A script without the lines that are comments, but for those at its head.
fn without_notes(script: &[u8]) -> Vec<u8> {
    let is_note = |line: &&[u8]| line.trim_ascii_start().starts_with(b"//");
    let lines: Vec<&[u8]> = script.split_inclusive(|byte| *byte == b'\n').collect();
    let head = lines.iter().take_while(|line| is_note(line)).count();
    let (head, rest) = lines.split_at(head);
    head.iter().chain(rest.iter().filter(|line| !is_note(line))).copied().flatten().copied().collect()
}

fn brotli(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
    writer.write_all(content)?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

fn write_if_changed(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    if fs::read(file).is_ok_and(|found| found == content) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(file, content).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test alone, empty and taken away afterwards.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("holdfast-xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("a temporary folder");
            Folder(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            // What is left is the system's to clean.
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn write(folder: &Path, css: &str) -> Vec<Size> {
        let mut site = SiteBuilder::default();
        site.add_hashed("main.css", css.as_bytes().to_vec()).expect("compresses");
        site.write(folder).expect("writes")
    }

    #[test]
    fn a_changed_file_takes_a_new_name_and_the_old_one_goes() {
        let folder = Folder::new("stale");
        let long = "a { color: red } ".repeat(50);
        let size = &write(&folder.0, &long)[0];
        assert!(size.br < size.gz && size.gz < size.identity, "{} {} {}", size.br, size.gz, size.identity);
        let first = files_under(&folder.0).expect("reads");
        assert_eq!(first.len(), 4, "the sheet, two compressed neighbours, the table: {first:?}");

        write(&folder.0, "b{}");
        let second = files_under(&folder.0).expect("reads");
        assert_eq!(second.len(), 2, "too short to be worth compressing: {second:?}");
        assert!(second.iter().all(|file| file.ends_with(TABLE) || !first.contains(file)), "{second:?}");
    }

    #[test]
    fn a_site_with_a_missing_or_cut_file_is_not_whole() {
        let folder = Folder::new("whole");
        assert!(!is_whole(&folder.0), "empty");
        write(&folder.0, "b { color: red }");
        assert!(is_whole(&folder.0));
        let files = files_under(&folder.0).expect("reads");
        let sheet = files.iter().find(|file| file.extension().is_some_and(|extension| extension == "css"));
        let sheet = sheet.expect("the sheet is there");
        fs::write(sheet, "b").expect("writes");
        assert!(!is_whole(&folder.0), "cut");
        fs::remove_file(sheet).expect("removes");
        assert!(!is_whole(&folder.0), "missing");
    }

    #[test]
    fn only_the_notes_at_a_scripts_head_are_served() {
        let script = b"// What it is.\n//\n\"use strict\";\n// Why.\nlet a = \"//\"; // how\n  // Where.\nb();";
        let served = String::from_utf8(without_notes(script)).expect("text");
        assert_eq!(served, "// What it is.\n//\n\"use strict\";\nlet a = \"//\"; // how\nb();");
        assert!(without_notes(b"").is_empty());
    }

    #[test]
    fn the_boot_module_finds_its_folder_and_calls_the_script() {
        let boot = boot_module("((a, b, c, d) => {});\n", "holdfast.1", "holdfast.2");
        assert!(boot.contains("import.meta.url"), "{boot}");
        assert!(boot.contains("((a, b, c, d) => {})(root, \"pkg\", \"holdfast.1\", \"holdfast.2\");\n"), "{boot}");
        assert!(boot.starts_with("// pkg/holdfast.2.wasm\n"), "the worker keeps it: {boot}");
        assert!(boot.contains("register(`${root}/worker.js?${list}`)"), "{boot}");
    }
}
