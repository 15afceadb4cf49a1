//! `server/demo/catalog.toml` as a wanted catalog.

use domain::{
    Instant,
    catalog::PageSettings,
    command::catalog::{Wanted, WantedComponent, WantedEntry, WantedRegions},
    status::Plane,
    text::Text,
};
use serde::Deserialize;

const CATALOG: &str = include_str!("../../demo/catalog.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    page: PageSettings,
    region: Vec<Entry>,
    group: Vec<Entry>,
    component: Vec<FileComponent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    name: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileComponent {
    code: String,
    name: Text,
    description: Option<Text>,
    group: Option<String>,
    plane: Plane,
    regions: Regions,
    #[serde(default)]
    depends_on: Vec<String>,
    since: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Regions {
    Word(All),
    These(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum All {
    All,
}

/// # Errors
/// When the file is not what it should be; a test holds that it is.
pub fn wanted() -> Result<Wanted, toml::de::Error> {
    let file: File = toml::from_str(CATALOG)?;
    let entry = |entry: Entry| WantedEntry { code: entry.code, name: entry.name };
    let since = |at: String| -> Option<Instant> { Some(chrono::DateTime::parse_from_rfc3339(&at).ok()?.to_utc()) };
    let component = |component: FileComponent| WantedComponent {
        id: None,
        code: component.code,
        name: component.name,
        description: component.description,
        group: component.group,
        plane: component.plane,
        regions: match component.regions {
            Regions::Word(All::All) => WantedRegions::All,
            Regions::These(codes) => WantedRegions::These(codes),
        },
        depends_on: component.depends_on,
        since: since(component.since),
    };
    Ok(Wanted {
        page: Some(file.page),
        regions: file.region.into_iter().map(entry).collect(),
        groups: file.group.into_iter().map(entry).collect(),
        components: file.component.into_iter().map(component).collect(),
    })
}
