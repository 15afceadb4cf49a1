//! Everything that a view needs, and the short ways to names, links and words.

use crate::{
    address::{Address, Page},
    locale::Locale,
    site::Site,
    time::TimeFormat,
    words::{Arguments, Words},
};
use domain::{
    Instant,
    board::Board,
    catalog::Component,
    id::{ComponentId, RegionId},
    stamp::{Freshness, Stamp},
    status::{ComponentStatus, Kind},
    text::Text,
};

/// The inputs of one page.
pub struct Context<'a> {
    pub site: &'a Site,
    pub board: &'a Board,
    pub page: &'a Page,
    pub locale: Locale,
    pub stamp: &'a Stamp,
    pub words: &'static Words,
    pub times: TimeFormat,
}

impl<'a> Context<'a> {
    pub fn new(site: &'a Site, board: &'a Board, page: &'a Page, locale: Locale, stamp: &'a Stamp) -> Self {
        let words = Words::of(locale);
        Context { site, board, page, locale, stamp, words, times: TimeFormat::new(&board.catalog.page, words) }
    }

    pub fn say(&self, id: &str) -> String {
        self.words.say(id)
    }

    pub fn say_with(&self, id: &str, arguments: Arguments) -> String {
        self.words.say_with(id, arguments)
    }

    /// A link to an address in the language of the page.
    pub fn link(&self, address: Address) -> String {
        self.site.link(&address.path(&self.board.catalog, Some(self.locale)))
    }

    /// What the page is called that says how a copy is checked.
    pub fn verify_title(&self) -> String {
        self.say(if self.site.is_copy() { "verify-this" } else { "verify" })
    }

    /// A text of the catalog or an operator in the language of the page, as far as it is translated.
    pub fn text<'b>(&self, text: &'b Text) -> &'b str
    where
        'a: 'b,
    {
        self.words.text(text)
    }

    pub fn name(&self, component: &Component) -> String {
        self.text(&component.name).to_owned()
    }

    pub fn component_name(&self, id: ComponentId) -> String {
        self.words.component_name(id, self.board)
    }

    pub fn region_name(&self, id: RegionId) -> String {
        self.words.region_name(id, self.board)
    }

    /// A serving region, which the configuration names by its code or in one of the page's languages: by its name in
    /// the catalog where that has it, else as it is.
    pub fn serving_region(&self, name: &str) -> String {
        let goes_by = |text: &Text| text.default == name || text.translations.values().any(|text| text == name);
        let region = self.board.catalog.regions.iter().find(|region| region.code == name || goes_by(&region.name));
        region.map_or(name, |region| self.text(&region.name)).to_owned()
    }

    /// Too old for any claim of "operating" (DESIGN section 6).
    pub fn is_grey(&self) -> bool {
        self.stamp.freshness == Freshness::Grey
    }

    /// What stands in place of a claim while it is not confirmed.
    pub fn unconfirmed(&self) -> String {
        match self.confirmed_at() {
            Some(since) => self.say_with("claim-unconfirmed-since", &[("time", since.into())]),
            None => self.say("claim-unconfirmed"),
        }
    }

    /// The newest confirmation, to the second on the day of the page, else with its date. `None`: a server among others
    /// that has never heard from one of them.
    pub fn confirmed_at(&self) -> Option<String> {
        let at = self.stamp.confirmed_at;
        let told = if self.is_today(at) { self.times.seconds(at) } else { self.times.both(at) };
        (at > Instant::UNIX_EPOCH).then_some(told)
    }

    /// On the day that the page was made on, in its zone: a time of day alone would be taken for that day's.
    pub fn is_today(&self, at: Instant) -> bool {
        self.times.day_of(at) == self.times.day_of(self.stamp.now)
    }

    /// A claim as the page states it: its own words, or when grey that it is not confirmed.
    pub fn claim(&self, own: String) -> String {
        if self.is_grey() { self.unconfirmed() } else { own }
    }

    /// The status whose mark a cell carries: when grey, none that claims to operate.
    pub fn shown(&self, status: ComponentStatus) -> ComponentStatus {
        if self.is_grey() && status == ComponentStatus::Operational { ComponentStatus::Unknown } else { status }
    }

    /// "Incident" or "Maintenance".
    pub fn kind(&self, kind: Kind) -> String {
        self.say(match kind {
            Kind::Incident => "kind-incident",
            Kind::Maintenance => "kind-maintenance",
        })
    }
}
