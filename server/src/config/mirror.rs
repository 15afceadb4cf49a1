//! Copies of the site elsewhere: `[[mirror]]`, and what `[snapshot]` and `[[peer]]` say of where readers find them.

use super::Config;
use domain::command::Refusal;
use object_store::{aws::AmazonS3ConfigKey, azure::AzureConfigKey, gcp::GoogleConfigKey};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Mirrors at most: each costs a thread and a label of the metrics.
pub const MIRRORS_MAX: usize = 16;
/// Longest name of a mirror, in bytes.
const NAME_LENGTH_MAX: usize = 40;
/// Longest path below which one is served, in bytes.
const PATH_LENGTH_MAX: usize = 200;
/// The name of the target that `[snapshot] directory` is.
pub const DIRECTORY_NAME: &str = "snapshot";

/// A copy of the site elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// As operators name it.
    pub name: String,
    /// Where readers find it, without a slash at its end; left out for a copy that nobody is told of.
    #[serde(default)]
    pub url: Option<String>,
    /// Where this node writes it; left out where another node does, and this one only tells readers of it.
    #[serde(default)]
    pub target: Option<String>,
    /// The path below which it is served, such as `/status`; empty at the root.
    #[serde(default)]
    pub base_path: String,
    /// Credentials and the like, by the names that the kind of storage has for them.
    #[serde(default)]
    pub options: BTreeMap<String, OptionValue>,
}

/// The value of an option: as it stands, or the name of the environment variable that holds it. Never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OptionValue {
    Text(String),
    Switch(bool),
    Number(i64),
    Environment { env: String },
}

impl fmt::Debug for OptionValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionValue::Environment { env } => write!(formatter, "environment variable {env}"),
            _ => formatter.write_str("(not shown)"),
        }
    }
}

impl OptionValue {
    /// The value itself; `None` when the environment lacks the variable.
    pub fn resolve(&self) -> Option<String> {
        match self {
            OptionValue::Text(text) => Some(text.clone()),
            OptionValue::Switch(switch) => Some(switch.to_string()),
            OptionValue::Number(number) => Some(number.to_string()),
            OptionValue::Environment { env } => std::env::var(env).ok(),
        }
    }
}

/// What a target's address begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    S3,
    Google,
    Azure,
    File,
}

impl Scheme {
    const ALL: [(Scheme, &'static str); 4] =
        [(Scheme::S3, "s3://"), (Scheme::Google, "gs://"), (Scheme::Azure, "az://"), (Scheme::File, "file://")];

    /// Whether this kind of storage knows an option.
    fn knows(self, option: &str) -> bool {
        match self {
            Scheme::S3 => option.parse::<AmazonS3ConfigKey>().is_ok(),
            Scheme::Google => option.parse::<GoogleConfigKey>().is_ok(),
            Scheme::Azure => option.parse::<AzureConfigKey>().is_ok(),
            Scheme::File => false,
        }
    }
}

/// The parts of a target's address: its kind, and what follows.
pub fn target_parts(target: &str) -> Option<(Scheme, &str)> {
    Scheme::ALL.into_iter().find_map(|(scheme, begin)| Some((scheme, target.strip_prefix(begin)?)))
}

impl Mirror {
    /// The directory of a `file://` target.
    pub fn directory(&self) -> Option<PathBuf> {
        match target_parts(self.target.as_deref()?)? {
            (Scheme::File, path) => Some(PathBuf::from(path)),
            _ => None,
        }
    }
}

/// Mirrors that cannot be meant so; their addresses are checked with all others (`copies`).
pub(super) fn check(config: &Config) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if config.mirrors.len() > MIRRORS_MAX {
        let what = format!("there are {}", config.mirrors.len());
        refusals.push(Refusal::new("mirror", what, format!("at most {MIRRORS_MAX}")));
    }
    for (index, mirror) in config.mirrors.iter().enumerate() {
        let field = |name: &str| format!("mirror[{index}].{name}");
        let earlier = &config.mirrors[..index];
        if !is_name(&mirror.name) {
            let right = format!("lower-case letters, digits and `-`, {NAME_LENGTH_MAX} at most, such as `bucket`");
            refusals.push(Refusal::new(field("name"), format!("`{}` is no name of a mirror", mirror.name), right));
        } else if mirror.name == DIRECTORY_NAME || earlier.iter().any(|other| other.name == mirror.name) {
            let what = format!("`{}` is the name of another target", mirror.name);
            refusals.push(Refusal::new(field("name"), what, "a name of its own for each mirror"));
        }
        if mirror.url.is_none() && mirror.target.is_none() {
            let right = "`target`, where this node writes it, or `url`, where readers find it, or both";
            refusals.push(Refusal::new(format!("mirror[{index}]"), "has neither a target nor a url", right));
        }
        if !is_base_path(&mirror.base_path) {
            let what = format!("`{}` is no path", mirror.base_path);
            refusals.push(Refusal::new(
                field("base_path"),
                what,
                "empty, or such as `/status`, with no slash at its end",
            ));
        }
        if let Some(target) = &mirror.target {
            refusals.extend(target_refusals(mirror, target, &field));
        } else if !mirror.options.is_empty() {
            refusals.push(Refusal::new(field("options"), "belong to no target", "leave them out, or name a `target`"));
        }
    }
    let writes = config.snapshot.directory.is_some() || config.mirrors.iter().any(|mirror| mirror.target.is_some());
    let heartbeat = i64::from(config.snapshot.heartbeat_seconds);
    if heartbeat < 1 || (writes && heartbeat >= config.freshness.grey_seconds) {
        let what = format!("is {heartbeat} s, and copies claim nothing past {} s", config.freshness.grey_seconds);
        let right = "at least 1, and less than freshness.grey_seconds";
        refusals.push(Refusal::new("snapshot.heartbeat_seconds", what, right));
    }
    refusals
}

fn target_refusals(mirror: &Mirror, target: &str, field: &dyn Fn(&str) -> String) -> Vec<Refusal> {
    let right = "`s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix` or `file:///srv/status`";
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`{}|^?#@".contains(&byte);
    let parts = target_parts(target).filter(|(scheme, rest)| {
        let fits = match scheme {
            Scheme::File => rest.starts_with('/') && rest.len() > 1,
            _ => !rest.starts_with('/') && !rest.is_empty() && rest.bytes().all(is_plain),
        };
        fits && !rest.split('/').any(|part| matches!(part, "." | ".."))
    });
    let Some((scheme, _)) = parts else {
        // Not the address itself: who mistakes its form may have put a password into it.
        return vec![Refusal::new(field("target"), "is no address of a target", right)];
    };
    let mut refusals = Vec::new();
    for (option, value) in &mirror.options {
        if !scheme.knows(option) {
            let right = "an option of this kind of storage, such as `region`, `endpoint` or `access_key_id` of S3";
            refusals.push(Refusal::new(field(&format!("options.{option}")), "is not known", right));
        } else if value.resolve().is_none() {
            let what = format!("{value:?} is not set");
            refusals.push(Refusal::new(field(&format!("options.{option}")), what, "set it before the node starts"));
        }
    }
    refusals
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= NAME_LENGTH_MAX && name.bytes().all(is_plain)
}

fn is_base_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let begins = path.starts_with('/') && !path.ends_with('/') && !path.contains("//");
    path.is_empty() || (begins && path.len() <= PATH_LENGTH_MAX && path.bytes().all(is_plain))
}
