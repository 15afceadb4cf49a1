//! What an operator wants to stand of an incident beside its updates, as it was typed, and the edit that it comes to.

use super::{
    drafting::{as_local, local},
    fields::Fields,
};
use app::{console::Obstacle, words::all_languages};
use chrono_tz::Tz;
use domain::{
    Instant,
    change::{IncidentEdited, Schedule},
    command::Refusal,
    incident::Incident,
    status::{Impact, Kind},
    text::Text,
};

/// As it was typed, or as it stands.
#[derive(Clone, Debug)]
pub struct Typed {
    pub title: Text,
    pub impact: String,
    /// Of a maintenance; empty where it is not known.
    pub from: String,
    pub until: String,
}

impl Typed {
    pub fn present(incident: &Incident, zone: Tz) -> Self {
        let planned = |of: fn(Schedule) -> Instant| incident.schedule.map(of).map(|at| as_local(at, zone));
        Typed {
            title: all_languages(&incident.title),
            impact: incident.impact.word().to_owned(),
            from: planned(|schedule| schedule.from).unwrap_or_default(),
            until: planned(|schedule| schedule.until).unwrap_or_default(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let field = |name: &str| fields.get(name).to_owned();
        Typed { title: fields.text("title"), impact: field("impact"), from: field("from"), until: field("until") }
    }

    /// Only what it changes.
    ///
    /// # Errors
    /// What cannot be read of it.
    pub fn edit(&self, incident: &Incident, zone: Tz) -> Result<IncidentEdited, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let present = Typed::present(incident, zone);
        let impact = self.impact.parse::<Impact>();
        let impact = impact.map_err(|error| refusals.push(Obstacle::NotAChoice { given: error.given }.at("impact")));
        let schedule = self.schedule(&present, incident, zone, &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        Ok(IncidentEdited {
            title: Some(self.title.trimmed()).filter(|title| *title != present.title.trimmed()),
            impact: impact.ok().filter(|impact| *impact != incident.impact),
            schedule,
        })
    }

    /// Another schedule. A time that is left as the form showed it, to the minute, stays as it is.
    fn schedule(
        &self,
        present: &Typed,
        incident: &Incident,
        zone: Tz,
        refusals: &mut Vec<Refusal>,
    ) -> Option<Schedule> {
        let is_left = (&self.from, &self.until) == (&present.from, &present.until);
        if incident.kind == Kind::Incident || is_left {
            return None;
        }
        let mut read = |typed: &str, shown: &str, held: Option<Instant>, field: &str| {
            held.filter(|_| typed == shown).or_else(|| local(typed, field, zone, refusals))
        };
        let (from, until) = incident.schedule.map(|schedule| (schedule.from, schedule.until)).unzip();
        let from = read(&self.from, &present.from, from, "from");
        let until = read(&self.until, &present.until, until, "until");
        from.zip(until).map(|(from, until)| Schedule { from, until })
    }
}
