//! Which room may use which (ARCHITECTURE.md): a line that points the wrong way fails here.

use std::{collections::BTreeMap, fs, path::Path};

/// For each module of `server/src` the other modules that it may name.
const MAY_USE: &[(&str, &[&str])] = &[
    ("assets", &[]),
    ("client", &[]),
    ("clock", &[]),
    ("store", &[]),
    ("feeds", &[]),
    ("documents", &[]),
    ("catalog_file", &[]),
    ("config", &["catalog_file"]),
    ("render", &["assets", "documents", "feeds"]),
    ("replication", &["store"]),
    ("publish", &["clock", "replication", "store"]),
    ("cache", &["publish", "render", "store"]),
    ("snapshot", &["assets", "clock", "import", "publish", "render", "store"]),
    ("import", &["publish", "store"]),
    ("api", &["access", "catalog_file", "clock", "documents", "import", "publish", "replication", "snapshot", "store"]),
    ("access", &["publish", "store"]),
    ("console", &["access", "api", "catalog_file", "client", "publish", "store"]),
    ("http", &["assets", "cache", "client", "clock", "publish", "render", "snapshot", "store"]),
];

fn sources(directory: &Path, found: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(directory).expect("a readable source folder");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a readable source file");
            found.push((path.display().to_string(), text));
        }
    }
}

/// The modules of this crate that a source text names.
fn named(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(group) => {
                let mut depth = 1;
                let mut start = true;
                for (index, character) in group.char_indices() {
                    match character {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => start = true,
                        c if start && c.is_alphabetic() => {
                            names.push(word(&group[index..]));
                            start = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    names
}

#[test]
fn every_room_uses_only_what_the_architecture_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let may_use: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut files = 0;
    for (module, allowed) in &may_use {
        let mut found = Vec::new();
        let folder = root.join(module);
        if folder.is_dir() {
            sources(&folder, &mut found);
        } else {
            let path = root.join(format!("{module}.rs"));
            found.push((path.display().to_string(), fs::read_to_string(&path).expect("a module of the list")));
        }
        for (path, text) in found {
            files += 1;
            for name in named(&text) {
                if name != *module && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{path}: `{module}` must not use `{name}`"));
                }
            }
        }
    }
    assert!(files > 30, "only {files} files were looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_stays_pure_and_the_pages_know_no_server() {
    let manifest =
        |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a manifest");
    for forbidden in ["tokio", "redb", "axum", "leptos", "getrandom", "std\"", "clock"] {
        let dependencies = manifest("../app/domain/Cargo.toml");
        let lines = dependencies.lines().filter(|line| !line.trim_start().starts_with('#'));
        assert!(lines.clone().all(|line| !line.contains(forbidden)), "domain names {forbidden}");
    }
    for forbidden in ["tokio", "redb", "axum", "server"] {
        let dependencies = manifest("../app/Cargo.toml");
        let lines = dependencies.lines().filter(|line| !line.trim_start().starts_with('#'));
        assert!(lines.clone().all(|line| !line.starts_with(forbidden)), "app names {forbidden}");
    }
}
