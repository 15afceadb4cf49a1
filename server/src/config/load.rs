//! Reading the configuration file.

use super::{Config, copies, mirror, places};
use domain::{
    Instant,
    catalog::{Catalog, PageSettings},
    command::{Refusal, catalog},
    stamp::GREY_SECONDS_MAX,
};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Longest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: it has {bytes} bytes; a configuration has at most {FILE_BYTES_MAX}", path.display())]
    TooLong { path: PathBuf, bytes: u64 },
    /// Each with its place in the file.
    #[error("{}", refusals.iter().map(|refusal| format!("{}: {refusal}", path.display())).collect::<Vec<_>>().join("\n"))]
    Refused { path: PathBuf, refusals: Vec<Refusal> },
}

/// Reads a file. Paths in it become relative to where it lies.
///
/// # Errors
/// Everything that is wrong, with line and column.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let of_read = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(of_read)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(ConfigError::TooLong { path: path.to_owned(), bytes });
    }
    let text = std::fs::read_to_string(path).map_err(of_read)?;
    let mut config = parse(&text).map_err(|refusals| ConfigError::Refused { path: path.to_owned(), refusals })?;
    let base = path.parent().unwrap_or(Path::new(""));
    let tls = config.public.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
    let oidc = config.console.oidc.iter_mut().flat_map(|oidc| [&mut oidc.client_secret_file, &mut oidc.authorities]);
    let others = oidc.flatten().chain(&mut config.snapshot.directory);
    for relative in tls.chain([&mut config.data]).chain(others) {
        *relative = base.join(&relative);
    }
    let refusals = places::check(&config);
    if !refusals.is_empty() {
        return Err(ConfigError::Refused { path: path.to_owned(), refusals });
    }
    Ok(config)
}

/// Reads the text of a file.
///
/// # Errors
/// Everything that is wrong; the field holds line and column where the file tells them.
pub fn parse(text: &str) -> Result<Config, Vec<Refusal>> {
    let config: Config = toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| {
            let (line, column) = crate::catalog_file::line_and_column(text, span.start);
            format!("line {line}, column {column}")
        });
        let right = "run `holdfast serve` in an empty directory for a commented file with every setting";
        vec![Refusal::new(place.unwrap_or_default(), error.message().replace('\n', ", "), right)]
    })?;
    let refusals = check(&config);
    if refusals.is_empty() { Ok(config) } else { Err(refusals) }
}

fn check(config: &Config) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let page = catalog::Wanted {
        page: Some(config.page_settings()),
        regions: Vec::new(),
        groups: Vec::new(),
        components: Vec::new(),
    };
    if let Err(wrong) = catalog::plan(&Catalog::default(), false, page, Instant::default()) {
        refusals.extend(wrong);
    }
    if config.page.time_zone.parse::<chrono_tz::Tz>().is_err() {
        let what = format!("`{}` is not a time zone", config.page.time_zone);
        refusals.push(Refusal::new("page.time_zone", what, "an IANA name such as `Asia/Shanghai` or `Etc/UTC`"));
    }
    if let Err(error) = config.log.level.parse::<tracing_subscriber::filter::targets::Targets>() {
        let right = "error, warn, info, debug, trace, or a filter such as `info,server::http=debug`";
        refusals.push(Refusal::new("log.level", error.to_string(), right));
    }
    for (index, proxy) in config.public.trusted_proxies.iter().enumerate() {
        if !is_network(proxy) {
            let right = "an address or a network such as `10.0.0.0/8`";
            refusals.push(Refusal::new(
                format!("public.trusted_proxies[{index}]"),
                format!("`{proxy}` is none"),
                right,
            ));
        }
    }
    refusals.extend(peers(config));
    refusals.extend(copies::check(config));
    refusals.extend(mirror::check(config));
    let freshness = &config.freshness;
    if freshness.amber_seconds < 1 || freshness.grey_seconds <= freshness.amber_seconds {
        let what = format!("amber after {} s and grey after {} s", freshness.amber_seconds, freshness.grey_seconds);
        refusals.push(Refusal::new("freshness", what, "at least 1 s of amber_seconds, and grey_seconds above it"));
    }
    if freshness.grey_seconds > GREY_SECONDS_MAX {
        let what = format!("{} s", freshness.grey_seconds);
        refusals.push(Refusal::new("freshness.grey_seconds", what, format!("at most {GREY_SECONDS_MAX}, a day")));
    }
    if config.public.listen == config.operators.listen && config.public.listen.port() != 0 {
        let what = format!("is {} as well as public.listen", config.operators.listen);
        refusals.push(Refusal::new("operators.listen", what, "another port, which readers do not reach"));
    }
    refusals
}

/// Peers that cannot be meant so.
fn peers(config: &Config) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if config.replication.listen.is_none() && !config.peers.is_empty() {
        let what = "is not set, and there are peers";
        refusals.push(Refusal::new("replication.listen", what, "where peers connect, such as `0.0.0.0:7070`"));
    }
    let addresses = config.peers.iter().map(|peer| &peer.address).chain(&config.replication.address);
    for address in addresses.filter(|address| !address.is_empty() && !has_port(address)) {
        let what = format!("`{address}` has no port");
        refusals.push(Refusal::new("peer.address", what, "host and port, such as `eu.status.example.com:7070`"));
    }
    for (index, peer) in config.peers.iter().enumerate() {
        if config.peers[..index].iter().any(|other| other.key == peer.key) {
            let what = format!("is the key of another peer as well as of `{}`", peer.name);
            refusals.push(Refusal::new(format!("peer[{index}].key"), what, "each node's own key: `holdfast node key`"));
        }
        if config.peers[..index].iter().any(|other| other.name == peer.name) || peer.name == config.node.name {
            let what = format!("another node is called `{}` too", peer.name);
            refusals.push(Refusal::new(format!("peer[{index}].name"), what, "a name of its own for each node"));
        }
    }
    refusals
}

fn has_port(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

/// An address, or one with the bits of its network.
fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let width = if address.is_ipv4() { u32::BITS } else { u128::BITS };
    bits.is_none_or(|bits| bits.parse::<u32>().is_ok_and(|bits| bits <= width))
}

impl Config {
    /// The page settings to use while the catalog has none.
    pub fn page_settings(&self) -> PageSettings {
        PageSettings {
            name: self.page.name.as_str().into(),
            url: self.page.url.clone(),
            time_zone: self.page.time_zone.clone(),
            notice: None,
            support_url: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_valid_and_says_the_defaults() {
        assert_eq!(parse(super::super::TEMPLATE), Ok(Config::default()));
        assert_eq!(parse(""), Ok(Config::default()));
    }

    #[test]
    fn every_mistake_names_its_place_and_what_is_right() {
        let cases = [
            ("[page]\nname = \"x\"\nlogo = 1\n", "line 3, column 1", "unknown field `logo`"),
            ("[page\n", "line 1", ""),
            ("[public]\nlisten = \"8080\"\n", "line 2, column 10", "invalid socket address"),
            ("[page]\nurl = \"status.example.com\"\n", "page.url", "does not fit"),
            ("[page]\ntime_zone = \"Mars/Base\"\n", "page.time_zone", "not a time zone"),
            ("[log]\nformat = \"xml\"\n", "line 2, column 10", "unknown variant `xml`"),
            ("[freshness]\namber_seconds = 400\n", "freshness", "amber after 400 s"),
            ("[freshness]\ngrey_seconds = 86401\n", "freshness.grey_seconds", "86401 s"),
            ("[operators]\nlisten = \"127.0.0.1:8080\"\n", "operators.listen", "as well as public.listen"),
            ("[public]\ntrusted_proxies = [\"10.0.0.0/33\"]\n", "public.trusted_proxies[0]", "is none"),
            ("[[peer]]\nname = \"b\"\nkey = \"abc\"\n", "line 3, column 7", "64 hexadecimal digits"),
            (
                "[[peer]]\nname = \"b\"\nkey = \"0101010101010101010101010101010101010101010101010101010101010101\"\n",
                "replication.listen",
                "there are peers",
            ),
            ("[replication]\naddress = \"eu.example.com\"\n", "peer.address", "has no port"),
            ("[public]\ntls = { certificate = \"a\" }\n", "line 2", "missing field `key`"),
            ("[snapshot]\nheartbeat_seconds = 0\n", "snapshot.heartbeat_seconds", "is 0 s"),
            ("[snapshot]\ndirectory = \"s\"\nheartbeat_seconds = 300\n", "snapshot.heartbeat_seconds", "past 300 s"),
            ("[[mirror]]\nurl = \"https://a.example.com\"\n", "line 1, column 1", "missing field `name`"),
            ("[[mirror]]\nname = \"a\"\n", "mirror[0]", "neither a target nor a url"),
            ("[[mirror]]\nname = \"A b\"\nurl = \"https://a.example.com\"\n", "mirror[0].name", "no name"),
            ("[[mirror]]\nname = \"snapshot\"\nurl = \"https://a.example.com\"\n", "mirror[0].name", "another target"),
            ("[[mirror]]\nname = \"a\"\nurl = \"https://a.example.com/\"\n", "mirror[0].url", "does not fit"),
            ("[[mirror]]\nname = \"a\"\ntarget = \"ftp://u:secret@a/b\"\n", "mirror[0].target", "no address"),
            ("[[mirror]]\nname = \"a\"\ntarget = \"file://srv\"\n", "mirror[0].target", "no address"),
            ("[[mirror]]\nname = \"a\"\ntarget = \"s3://a/../b\"\n", "mirror[0].target", "no address"),
            (
                "[[mirror]]\nname = \"a\"\ntarget = \"s3://a\"\nbase_path = \"status/\"\n",
                "mirror[0].base_path",
                "is no path",
            ),
            (
                "[[mirror]]\nname = \"a\"\ntarget = \"s3://a\"\noptions = { pasword = \"x\" }\n",
                "mirror[0].options.pasword",
                "is not known",
            ),
            (
                "[[mirror]]\nname = \"a\"\ntarget = \"s3://a\"\noptions = { region = { env = \"HF_UNSET\" } }\n",
                "mirror[0].options.region",
                "HF_UNSET is not set",
            ),
        ];
        for (text, field, what) in cases {
            let refusals = parse(text).expect_err(text);
            assert!(refusals[0].field.starts_with(field), "{text}: {}", refusals[0]);
            assert!(refusals[0].what.contains(what), "{text}: {}", refusals[0]);
            assert!(!refusals[0].right.is_empty(), "{text}");
            assert!(!refusals[0].to_string().contains("secret"), "{text}: {}", refusals[0]);
        }
    }

    #[test]
    fn what_a_mirror_is_opened_with_is_never_shown() {
        let text = "[[mirror]]\nname = \"a\"\ntarget = \"s3://bucket/prefix\"\n[mirror.options]\n\
            secret_access_key = \"sesame\"\nallow_http = true\nregion = { env = \"PATH\" }\n";
        let config = parse(text).expect("a configuration");
        let shown = format!("{config:?}");
        assert!(!shown.contains("sesame") && shown.contains("environment variable PATH"), "{shown}");
        let value = |name: &str| config.mirrors[0].options[name].resolve();
        assert_eq!((value("secret_access_key"), value("allow_http")), (Some("sesame".into()), Some("true".into())));
        assert_eq!(value("region"), std::env::var("PATH").ok());
    }
}
