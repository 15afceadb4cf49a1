//! Regions, groups and components as `/api/v1/status` tells them.

use super::{shape, texts, told};
use domain::{
    Instant,
    board::Board,
    catalog,
    id::ComponentId,
    incident::Incident,
    stamp::Stamp,
    status::ComponentStatus,
    uptime::{self, Uptime},
};
use std::collections::BTreeMap;

/// Of the components that have data.
pub type Uptimes = BTreeMap<ComponentId, Uptime>;

pub fn component_code(board: &Board, id: ComponentId) -> Option<String> {
    board.catalog.component(id).map(|component| component.code.clone())
}

pub fn regions(board: &Board, stamp: &Stamp) -> Vec<shape::Region> {
    let region = |region: &catalog::Region| shape::Region {
        id: region.id.to_string(),
        code: region.code.clone(),
        name: texts(&region.name),
        status: told(board.region_status(region.id), stamp),
    };
    board.catalog.regions.iter().map(region).collect()
}

pub fn groups(board: &Board, stamp: &Stamp, uptimes: &Uptimes) -> Vec<shape::Group> {
    let members_of = |group: &catalog::Group| -> Vec<&catalog::Component> {
        board.catalog.components.iter().filter(|component| component.group == Some(group.id)).collect()
    };
    let group = |group: &catalog::Group| {
        let members = members_of(group);
        let statuses = members.iter().map(|member| board.component_status(member.id));
        shape::Group {
            id: group.id.to_string(),
            code: group.code.clone(),
            name: texts(&group.name),
            status: told(ComponentStatus::worst(statuses), stamp),
            components: members.iter().map(|member| member.code.clone()).collect(),
            uptime_percent: Uptime::mean(members.iter().filter_map(|member| uptimes.get(&member.id).copied()))
                .map(percent),
        }
    };
    board.catalog.groups.iter().map(group).collect()
}

pub fn components(board: &Board, stamp: &Stamp, uptimes: &Uptimes) -> Vec<shape::Component> {
    let mut open = board.open_incidents();
    open.extend(board.open_maintenances());
    let component = |component: &catalog::Component| shape::Component {
        id: component.id.to_string(),
        code: component.code.clone(),
        name: texts(&component.name),
        description: component.description.as_ref().map(texts),
        group: component.group.and_then(|id| board.catalog.group(id)).map(|group| group.code.clone()),
        plane: component.plane,
        depends_on: component.depends_on.iter().filter_map(|id| component_code(board, *id)).collect(),
        status: told(board.component_status(component.id), stamp),
        uptime_percent: uptimes.get(&component.id).copied().map(percent),
        since: component.since,
        cells: component.cells().into_iter().map(|cell| shape_cell(board, stamp, cell, &open)).collect(),
    };
    board.catalog.components.iter().map(component).collect()
}

fn shape_cell(board: &Board, stamp: &Stamp, cell: catalog::Cell, open: &[&std::sync::Arc<Incident>]) -> shape::Cell {
    let affecting = open.iter().filter(|incident| incident.affected().any(|(affected, _)| affected == cell));
    shape::Cell {
        id: cell.id().to_string(),
        region: cell.region.and_then(|id| board.catalog.region(id)).map(|region| region.code.clone()),
        status: told(board.cell_status(cell), stamp),
        affected_since: affecting.clone().filter_map(|incident| affected_since(incident, cell)).min(),
        affected_by: affecting.map(|incident| incident.id.to_string()).collect(),
    }
}

/// The begin of the unbroken chain of spans that lasts until now.
fn affected_since(incident: &Incident, cell: catalog::Cell) -> Option<Instant> {
    let of_cell = || incident.spans.iter().filter(|span| span.cell == cell);
    let mut begin = of_cell().find(|span| span.until.is_none())?.from;
    while let Some(before) = of_cell().find(|span| span.until == Some(begin) && span.from < begin) {
        begin = before.from;
    }
    Some(begin)
}

/// Each component's uptime over the window that ends with the newest confirmation: what came after it is not data.
pub fn uptimes(board: &Board, confirmed_at: Instant) -> Uptimes {
    let first = uptime::window_start(confirmed_at);
    let spans = board.spans_since(first.and_time(chrono::NaiveTime::MIN).and_utc());
    let of = |component: &catalog::Component| {
        uptime::of_component(component, &spans, first, confirmed_at).1.map(|uptime| (component.id, uptime))
    };
    board.catalog.components.iter().filter_map(of).collect()
}

fn percent(uptime: Uptime) -> f64 {
    f64::from(uptime.percent_hundredths()) / 100.0
}
