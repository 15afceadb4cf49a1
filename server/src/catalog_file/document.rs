//! The shape of a catalog file.

use crate::catalog_file::Written;
use domain::{
    catalog::{Catalog, Component, PageSettings},
    command::{
        Reason, Refusal,
        catalog::{Wanted, WantedComponent, WantedEntry, WantedRegions},
    },
    id::ComponentId,
    status::Plane,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The word for every region of the catalog.
pub const ALL: &str = "all";

/// A whole catalog; the order of its lists is the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogDocument {
    /// Left out: the page keeps its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageDocument>,
    #[serde(default)]
    pub region: Vec<EntryDocument>,
    #[serde(default)]
    pub group: Vec<EntryDocument>,
    #[serde(default)]
    pub component: Vec<ComponentDocument>,
}

/// What the page is called and where it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageDocument {
    pub name: Written,
    /// Without a slash at its end.
    #[schema(example = "https://status.example.com")]
    pub url: String,
    /// An IANA name.
    #[schema(example = "Asia/Shanghai")]
    pub time_zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Written>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
}

/// A region or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryDocument {
    #[schema(example = "ap-shanghai")]
    pub code: String,
    pub name: Written,
}

/// Where a component runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected \"all\", or a list of region codes")]
pub enum RegionsDocument {
    All(String),
    These(Vec<String>),
}

/// A component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentDocument {
    #[schema(example = "cloud-api")]
    pub code: String,
    /// Kept from an import; by default derived from the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: Written,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Written>,
    /// A group's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[schema(value_type = String, example = "control")]
    pub plane: Plane,
    /// `"all"` or a list of codes; left out for a component without regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<RegionsDocument>,
    /// Codes of the components that its control plane needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// When data about it begins, RFC 3339; by default when it is first applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl CatalogDocument {
    /// In the domain's words; what those cannot hold is refused here, the rest by the domain.
    pub(super) fn wanted(self, refusals: &mut Vec<Refusal>) -> Wanted {
        let page = self.page.map(|page| page.settings(refusals));
        let mut entries = |list: &str, entries: Vec<EntryDocument>| -> Vec<WantedEntry> {
            let numbered = entries.into_iter().enumerate();
            let wanted = numbered.map(|(index, entry)| WantedEntry {
                code: entry.code,
                name: entry.name.text(&format!("{list}[{index}].name"), refusals),
            });
            wanted.collect()
        };
        let regions = entries("region", self.region);
        let groups = entries("group", self.group);
        let numbered = self.component.into_iter().enumerate();
        let components = numbered.map(|(index, component)| component.wanted(index, refusals)).collect();
        Wanted { page, regions, groups, components }
    }
}

impl PageDocument {
    fn settings(self, refusals: &mut Vec<Refusal>) -> PageSettings {
        if self.time_zone.parse::<chrono_tz::Tz>().is_err() {
            let shown: String = self.time_zone.chars().take(60).collect();
            refusals.push(Reason::CatalogZone { zone: shown }.at("page.time_zone"));
        }
        PageSettings {
            name: self.name.text("page.name", refusals),
            url: self.url,
            time_zone: self.time_zone,
            notice: self.notice.map(|notice| notice.text("page.notice", refusals)),
            support_url: self.support_url,
        }
    }
}

impl ComponentDocument {
    fn wanted(self, index: usize, refusals: &mut Vec<Refusal>) -> WantedComponent {
        let field = |part: &str| format!("component[{index}].{part}");
        let regions = match self.regions {
            None => WantedRegions::These(Vec::new()),
            Some(RegionsDocument::These(codes)) => WantedRegions::These(codes),
            Some(RegionsDocument::All(word)) => {
                if word != ALL {
                    let shown: String = word.chars().take(40).collect();
                    refusals.push(Reason::CatalogRegions { word: shown }.at(field("regions")));
                }
                WantedRegions::All
            }
        };
        let id = self.id.and_then(|id| match id.parse::<ComponentId>() {
            Ok(id) => Some(id),
            Err(error) => {
                refusals.push(Reason::CatalogId { error: error.to_string() }.at(field("id")));
                None
            }
        });
        WantedComponent {
            id,
            name: self.name.text(&field("name"), refusals),
            description: self.description.map(|description| description.text(&field("description"), refusals)),
            group: self.group,
            plane: self.plane,
            regions,
            depends_on: self.depends_on,
            since: self.since.and_then(|since| match chrono::DateTime::parse_from_rfc3339(&since) {
                Ok(since) => Some(since.to_utc()),
                Err(error) => {
                    refusals.push(Reason::CatalogSince { error: error.to_string() }.at(field("since")));
                    None
                }
            }),
            code: self.code,
        }
    }
}

impl From<&Catalog> for CatalogDocument {
    fn from(catalog: &Catalog) -> Self {
        let page = &catalog.page;
        CatalogDocument {
            page: Some(PageDocument {
                name: (&page.name).into(),
                url: page.url.clone(),
                time_zone: page.time_zone.clone(),
                notice: page.notice.as_ref().map(Written::from),
                support_url: page.support_url.clone(),
            }),
            region: catalog
                .regions
                .iter()
                .map(|region| EntryDocument { code: region.code.clone(), name: (&region.name).into() })
                .collect(),
            group: catalog
                .groups
                .iter()
                .map(|group| EntryDocument { code: group.code.clone(), name: (&group.name).into() })
                .collect(),
            component: catalog.components.iter().map(|component| of_component(catalog, component)).collect(),
        }
    }
}

fn of_component(catalog: &Catalog, component: &Component) -> ComponentDocument {
    let is_everywhere =
        !component.regions.is_empty() && component.regions.iter().eq(catalog.regions.iter().map(|region| &region.id));
    let codes = || component.regions.iter().filter_map(|id| Some(catalog.region(*id)?.code.clone())).collect();
    ComponentDocument {
        code: component.code.clone(),
        id: Some(component.id).filter(|id| *id != ComponentId::of_code(&component.code)).map(|id| id.to_string()),
        name: (&component.name).into(),
        description: component.description.as_ref().map(Written::from),
        group: component.group.and_then(|id| Some(catalog.group(id)?.code.clone())),
        plane: component.plane,
        regions: match component.regions.is_empty() {
            true => None,
            false if is_everywhere => Some(RegionsDocument::All(ALL.to_owned())),
            false => Some(RegionsDocument::These(codes())),
        },
        depends_on: component.depends_on.iter().filter_map(|id| Some(catalog.component(*id)?.code.clone())).collect(),
        since: Some(component.since.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
    }
}
