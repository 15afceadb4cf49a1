//! The page that says how to check a copy: the very commands that it prints are run, by more than one shell, against copies
//! behind `holdfast snapshot serve` and in a folder.

use crate::{
    node::TestNode,
    process::{CONFIG, prepared, said},
    snapshot_serve::Served,
};
use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the page tells readers of; the commands begin with it.
const MIRROR: &str = "https://status-mirror.example.com/page";
const ENGLISH: &str = "verify/index.html";
const CHINESE: &str = "zh/verify/index.html";

/// A copy in a folder, and what of it is told to readers.
struct Copy {
    directory: tempfile::TempDir,
    key: String,
}

impl Copy {
    fn write() -> Copy {
        let directory = prepared();
        let config = format!("{CONFIG}[[mirror]]\nname = \"bucket\"\nurl = \"{MIRROR}\"\n");
        fs::write(directory.path().join("holdfast.toml"), config).expect("a configuration");
        said(directory.path(), &["catalog", "apply", "catalog.toml"]);
        said(directory.path(), &["snapshot", "write", "copy"]);
        let key = said(directory.path(), &["node", "key"]).trim().to_owned();
        Copy { directory, key }
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("copy")
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).expect("a file of the copy")
    }

    fn change(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = self.file(name);
        let changed = change(text.clone());
        assert_ne!(text, changed, "{name}");
        fs::write(self.root().join(name), changed).expect("written");
    }
}

/// The commands of a page, with the address of a copy in the first line, as the page asks for.
fn commands(page: &str, address: &str) -> String {
    let (_, rest) = page.split_once("<pre class=\"commands\"><code>").expect("commands");
    let (commands, _) = rest.split_once("</code></pre>").expect("their end");
    assert!(!commands.contains(['<', '>']) && !commands.contains('@'), "{commands}");
    let commands = commands.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let (first, rest) = commands.split_once('\n').expect("lines");
    assert!(first == format!("copy={MIRROR}") || first == "copy=file:///srv/status", "{first}");
    format!("copy={address}\n{rest}")
}

/// The exit code, and what was said on standard output and on standard error.
type Outcome = (i32, String, String);

/// Runs commands as the page says: from a file, by a shell.
fn run(shell: &str, commands: &str, arguments: &[&str]) -> Outcome {
    let directory = tempfile::tempdir().expect("a directory");
    let script = directory.path().join("check.sh");
    fs::write(&script, commands).expect("written");
    let mut command = Command::new(shell);
    let output = command.arg(&script).args(arguments).env("TMPDIR", directory.path()).output().expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

/// The shells of this machine; none when it lacks what the commands take, which is told past the test harness.
fn shells() -> Vec<&'static str> {
    let is_there = |tool: &&str| {
        let version = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok()
    };
    if let Some(missing) = ["sh", "curl", "sha256sum", "openssl"].iter().find(|tool| !is_there(tool)) {
        let loud =
            format!("\n!!! NOT RUN: the commands of the page that says how to check a copy; no `{missing}` here\n\n");
        std::io::stderr().write_all(loud.as_bytes()).expect("standard error");
        return Vec::new();
    }
    ["sh", "bash"].into_iter().filter(is_there).collect()
}

/// Checks that every shell says the same of a copy, and gives it.
fn same(shells: &[&str], commands: &str, arguments: &[&str]) -> Outcome {
    let mut outcomes = shells.iter().map(|shell| run(shell, commands, arguments));
    let first = outcomes.next().expect("a shell");
    for other in outcomes {
        assert_eq!((other.0, &other.1), (first.0, &first.1), "{} {}", other.2, first.2);
    }
    first
}

#[test]
fn a_good_copy_passes_behind_a_server_and_in_a_folder() {
    let shells = shells();
    if shells.is_empty() {
        return;
    }
    let copy = Copy::write();
    let nowhere = tempfile::tempdir().expect("a directory");
    let served = Served::start(nowhere.path(), &copy.root().display().to_string());
    let (web, folder) = (format!("http://{}", served.1), format!("file://{}", copy.root().display()));
    let word = [(ENGLISH, "GOOD: "), (CHINESE, "通过：")];
    for (page, good) in word {
        let page = copy.file(page);
        for address in [&web, &folder] {
            let (code, out, error) = same(&shells, &commands(&page, address), &[]);
            assert_eq!((code, error.as_str()), (0, ""), "{address}: {out}");
            assert!(out.lines().last().expect("a last line").starts_with(good), "{out}");
            assert!(out.contains(&format!("signer {}\nconfirmed-at 20", copy.key)) && out.contains("trust-until 20"));
            let fingerprint = out.lines().find_map(|line| line.strip_prefix("fingerprint ")).expect("one").trim();
            assert!(page.contains(&format!("<code>{fingerprint}</code>")), "the page tells {fingerprint} too");
            assert!(page.contains(&format!("<code class=\"key\">{}</code>", copy.key)));
        }
    }
    let (code, out, _) = same(&shells, &commands(&copy.file(ENGLISH), &folder), &["history/index.html"]);
    assert!(code == 0 && out.contains("GOOD: "), "one page alone: {out}");
    let (code, out, error) = same(&shells, &commands(&copy.file(ENGLISH), &folder), &["nowhere.html"]);
    assert!(code == 1 && !out.contains("GOOD") && error.contains("NOT LISTED: "), "{out}{error}");
}

#[test]
fn what_is_wrong_with_a_copy_fails_and_is_named() {
    let shells = shells();
    if shells.is_empty() {
        return;
    }
    type Damage = fn(&Copy);
    /// Signs the manifest anew, as somebody who has not got the key.
    fn signed_by_another(copy: &Copy) {
        copy.change("manifest", |text| {
            let signed = &text[..text.rfind("signature ").expect("its last line")];
            let key = SigningKey::from_bytes(&[9; 32]);
            format!("{signed}signature {}\n", BASE64.encode(&key.sign(signed.as_bytes()).to_bytes()))
        });
    }
    let cases: &[(&str, &str, Damage)] = &[
        ("a changed byte in a page", "CHANGED OR MISSING: ", |copy| {
            copy.change("en/index.html", |text| text.replacen("Example", "Exbmple", 1));
        }),
        ("a missing page", "CHANGED OR MISSING: ", |copy| {
            fs::remove_file(copy.root().join("en/index.html")).expect("gone");
        }),
        ("another list", "CHANGED OR MISSING: ", |copy| {
            for list in fs::read_dir(copy.root().join("manifests")).expect("lists") {
                let path = list.expect("a list").path();
                let text = fs::read_to_string(&path).expect("a list");
                fs::write(path, text.replace("  en/index.html", "  en/indez.html")).expect("written");
            }
        }),
        ("a later time in the manifest", "FORGED: ", |copy| {
            copy.change("manifest", |text| text.replace("trust-until 2", "trust-until 3"));
        }),
        ("a signature by another key", "FORGED: ", signed_by_another),
        ("two signers, of which one is trusted", "NOT TRUSTED: ", |copy| {
            let stranger = SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
            let stranger = data_encoding::HEXLOWER.encode(&stranger);
            copy.change("manifest", |text| text.replacen("signer ", &format!("signer {stranger}\nsigner "), 1));
            signed_by_another(copy);
        }),
        ("no signature", "FORGED: ", |copy| copy.change("manifest", |text| text.replace("\nsignature ", "\nnothing "))),
        ("no manifest", "NOT CHECKED: ", |copy| fs::remove_file(copy.root().join("manifest")).expect("gone")),
    ];
    let nowhere = tempfile::tempdir().expect("a directory");
    for (name, words, damage) in cases {
        let copy = Copy::write();
        let page = copy.file(ENGLISH);
        let served = Served::start(nowhere.path(), &copy.root().display().to_string());
        damage(&copy);
        for address in [format!("http://{}", served.1), format!("file://{}", copy.root().display())] {
            let (code, out, error) = same(&shells, &commands(&page, &address), &[]);
            assert!(code == 1 && error.contains(words), "{name}: {code} {out}{error}");
            assert!(!out.contains("GOOD"), "{name}: {out}");
            if words.starts_with("CHANGED") {
                let is_named = out.contains("en/index.html: FAILED") || out.contains("manifests/");
                assert!(is_named && out.contains(": FAILED") && !out.contains(": OK"), "{name}: {out}");
            }
        }
    }

    let (ours, theirs) = (Copy::write(), Copy::write());
    let address = format!("file://{}", theirs.root().display());
    let (code, out, error) = same(&shells, &commands(&ours.file(ENGLISH), &address), &[]);
    assert!(code == 1 && error.contains("NOT TRUSTED: ") && error.contains(&theirs.key), "{out}{error}");
    let (code, ..) = same(&shells, &commands(&theirs.file(ENGLISH), &address), &[]);
    assert_eq!(code, 0, "which its own page would not have told: hence keys got elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_past_its_time_and_a_machine_without_the_tools_are_told() {
    let shells = shells();
    if shells.is_empty() {
        return;
    }
    let test = TestNode::at("2024-04-08T16:06:00+08:00");
    let target = tempfile::tempdir().expect("a directory");
    server::snapshot::write(test.node.clone(), target.path().to_owned(), false).await.expect("written");
    let page = fs::read_to_string(target.path().join(ENGLISH)).expect("the page");
    let commands = commands(&page, &format!("file://{}", target.path().display()));
    let (code, out, error) = same(&shells, &commands, &[]);
    assert!(code == 1 && error.contains("OUT OF DATE: ") && !out.contains("GOOD"), "{out}{error}");
    assert!(out.contains("trust-until 2024-04-08T08:11:00Z"), "{out}");

    // A machine with the shell's own words and nothing else.
    let nothing = tempfile::tempdir().expect("a directory");
    let without = |tools: &str| {
        let path = format!("PATH={tools}\n{commands}");
        run("sh", &path, &[])
    };
    let (code, _, error) = without(&nothing.path().display().to_string());
    assert!(code == 1 && error.contains("NOT CHECKED: ") && error.contains("curl"), "{error}");
    let old = nothing.path().join("openssl");
    fs::write(&old, "#!/bin/sh\necho LibreSSL 3.3.6\n").expect("written");
    set_executable(&old);
    let (code, _, error) = without(&format!("{}:$PATH", nothing.path().display()));
    assert!(code == 1 && error.contains("NOT CHECKED: ") && error.contains("OpenSSL 3"), "{error}");
}

fn set_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
}
