//! The page's first sentence in words.

use super::Words;
use domain::{
    board::Board,
    headline::{Clause, Headline, Place, Situation, UNAFFECTED_NAMED},
    id::{ComponentId, RegionId},
    status::{ComponentStatus, Status},
};

/// The first sentence, and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadlineText {
    /// What is wrong, where, and how much is back: the page's title, its description, the feeds' summary, our JSON.
    pub plain: String,
    /// What else of the same incident is affected, less badly.
    pub also: Option<String>,
    /// What is not affected.
    pub unaffected: Option<String>,
}

impl Words {
    /// The first sentence of a page or a region from its facts.
    pub fn headline(&self, headline: &Headline, board: &Board) -> HeadlineText {
        let only = |plain| HeadlineText { plain, also: None, unaffected: None };
        match headline {
            Headline::Nothing => only(self.say("headline-nothing")),
            Headline::Operating { maintenances: 0 } => only(self.say("headline-operating")),
            Headline::Operating { maintenances } => {
                only(self.say_with("headline-maintenances", &[("count", (*maintenances).into())]))
            }
            Headline::Trouble { worst, more, unaffected } => {
                HeadlineText { unaffected: self.unaffected(unaffected, board), ..self.situation(worst, *more, board) }
            }
        }
    }

    /// The sentence of one open incident, beside which `more` others are open.
    pub fn situation(&self, situation: &Situation, more: usize, board: &Board) -> HeadlineText {
        let first = match situation.clauses.first() {
            Some(clause) => self.clause(clause, board),
            None if situation.all_recovered => self.say("headline-all-recovered"),
            None => self.without_scope(situation, board),
        };
        let first = match more {
            0 => self.say_with("headline-sentence", &[("statement", first.into())]),
            more => self.say_with("headline-and-more", &[("statement", first.into()), ("count", more.into())]),
        };
        let mut sentences = vec![first];
        if let (Some((back, all)), false) = (situation.recovered, situation.all_recovered) {
            sentences.push(if back == all {
                self.say_with("headline-every-region-recovered", &[("total", all.into())])
            } else {
                self.say_with("headline-recovered", &[("recovered", back.into()), ("total", all.into())])
            });
        }
        let further = situation.clauses.iter().skip(1);
        let also: Vec<String> = further
            .map(|clause| self.say_with("headline-sentence", &[("statement", self.clause(clause, board).into())]))
            .collect();
        HeadlineText {
            plain: self.sentences(&sentences),
            also: (!also.is_empty()).then(|| self.sentences(&also)),
            unaffected: None,
        }
    }

    /// "Running Compute, Block storage and Networking are not affected."
    pub fn unaffected(&self, components: &[ComponentId], board: &Board) -> Option<String> {
        let mut names: Vec<String> =
            components.iter().take(UNAFFECTED_NAMED).map(|id| self.component_name(*id, board)).collect();
        let rest = components.len().saturating_sub(UNAFFECTED_NAMED);
        let count = names.len();
        if rest > 0 {
            names.push(self.say_with("headline-more-services", &[("count", rest.into())]));
        }
        let arguments = [("services", self.list(&names).into()), ("count", (count + rest).into())];
        (count > 0).then(|| self.say_with("headline-unaffected", &arguments))
    }

    /// "Cloud API and 5 services are down in Shanghai", without its full stop.
    fn clause(&self, clause: &Clause, board: &Board) -> String {
        let name = self.component_name(clause.first, board);
        let subject = match clause.others {
            0 => name,
            others => self.say_with(
                "headline-subject-many",
                &[("name", name.into()), ("others", others.into()), ("total", (others + 1).into())],
            ),
        };
        let id = match clause.status {
            ComponentStatus::Operational => "headline-is-operational",
            ComponentStatus::UnderMaintenance => "headline-is-under-maintenance",
            ComponentStatus::Unknown => "headline-is-unknown",
            ComponentStatus::DegradedPerformance => "headline-is-degraded-performance",
            ComponentStatus::PartialOutage => "headline-is-partial-outage",
            ComponentStatus::MajorOutage => "headline-is-major-outage",
        };
        let place = self.place(&clause.place, board);
        self.say_with(
            id,
            &[("subject", subject.into()), ("count", (clause.others + 1).into()), ("place", place.into())],
        )
    }

    /// " in Shanghai", with whatever the language puts before it; empty without regions.
    fn place(&self, place: &Place, board: &Board) -> String {
        let inner = match place {
            Place::Nowhere => return String::new(),
            Place::AllRegions(count) => self.say_with("place-all-regions", &[("count", (*count).into())]),
            Place::Regions(regions) => {
                let names: Vec<String> = regions.iter().map(|id| self.region_name(*id, board)).collect();
                self.list(&names)
            }
            Place::Count { affected, total } => {
                self.say_with("place-count", &[("count", (*affected).into()), ("total", (*total).into())])
            }
        };
        // A message cannot begin with a space; the sentence's own message ends before the place.
        let space = match self.locale {
            crate::locale::Locale::English => " ",
            crate::locale::Locale::SimplifiedChinese => "",
        };
        format!("{space}{}", self.say_with("place-in", &[("place", inner.into())]))
    }

    /// What is said of an incident that names no component: where it stands, and its title.
    fn without_scope(&self, situation: &Situation, board: &Board) -> String {
        let summary = board.summary(situation.incident);
        let title = summary.map(|summary| self.text(&summary.title).to_owned()).unwrap_or_default();
        let id = match summary.map_or(Status::Investigating, |summary| summary.status) {
            Status::Identified => "headline-identified",
            Status::Monitoring => "headline-monitoring",
            _ => "headline-investigating",
        };
        self.say_with(id, &[("title", title.trim_end_matches(['.', '。']).into())])
    }

    pub(crate) fn component_name(&self, id: ComponentId, board: &Board) -> String {
        let component = board.catalog.component(id);
        component.map_or_else(|| id.to_string(), |component| self.text(&component.name).to_owned())
    }

    pub(crate) fn region_name(&self, id: RegionId, board: &Board) -> String {
        let region = board.catalog.region(id);
        region.map_or_else(|| id.to_string(), |region| self.text(&region.name).to_owned())
    }
}
