//! The catalog as the shape's one level of containers and components.

use super::shape::{self, Moment};
use app::words::first_language;
use chrono::NaiveDate;
use domain::{
    Instant,
    board::Board,
    catalog::{Cell, Component, Group},
    id::Id,
    status::{ComponentStatus, Status},
};
use std::collections::BTreeMap;

/// What `components` lists, and where each cell stands in it.
#[derive(Default)]
pub struct Components {
    pub all: Vec<shape::Component>,
    places: BTreeMap<Cell, usize>,
}

/// The status of a cell in the shape's words. The shape has none for unknown: such a cell keeps what was last known
/// of it, in the incident that made it unknown or in another that is open.
pub fn known_status(board: &Board, cell: Cell) -> ComponentStatus {
    let derived = board.cell_status(cell);
    if derived != ComponentStatus::Unknown {
        return derived;
    }
    let known = |status: &ComponentStatus| *status != ComponentStatus::Unknown;
    let open = board.open_incidents().into_iter().chain(board.open_maintenances());
    let last_known = open.filter(|incident| incident.status != Status::Scheduled).filter_map(|incident| {
        let of_cell = incident.spans.iter().filter(|span| span.cell == cell);
        let running = of_cell.clone().find(|span| span.until.is_none())?;
        let before = of_cell.filter(|span| span.until == Some(running.from)).map(|span| span.status);
        [running.status].into_iter().chain(before).find(known)
    });
    ComponentStatus::worst(last_known)
}

impl Components {
    /// Past the freshness bound (`is_confirmed` is false) nothing is known to operate.
    pub fn of(board: &Board, is_confirmed: bool) -> Components {
        Layout { is_confirmed, ..Layout::new(board) }.lay_out()
    }

    /// The components of these cells, as far as the catalog still has them, in page order.
    pub fn of_cells(&self, cells: &[Cell]) -> Vec<shape::Component> {
        let mut places: Vec<usize> = cells.iter().filter_map(|cell| self.place(*cell)).collect();
        places.sort_unstable();
        places.into_iter().map(|place| self.all[place].clone()).collect()
    }

    /// Where a cell stands in the list; `None` when the catalog no longer has it.
    pub fn place(&self, cell: Cell) -> Option<usize> {
        self.places.get(&cell).copied()
    }
}

/// One entry that is being laid out: a container, or the loose component that it would contain.
struct Container {
    id: Id,
    name: String,
    description: Option<String>,
}

struct Layout<'a> {
    board: &'a Board,
    is_confirmed: bool,
    page_id: Id,
    all: Vec<shape::Component>,
    places: BTreeMap<Cell, usize>,
    position: u32,
}

impl<'a> Layout<'a> {
    fn new(board: &'a Board) -> Self {
        let page_id = super::page_id(board);
        Layout { board, is_confirmed: true, page_id, all: Vec::new(), places: BTreeMap::new(), position: 0 }
    }

    fn lay_out(mut self) -> Components {
        for (group, components) in self.board.catalog.sections() {
            let (single, several): (Vec<&Component>, Vec<&Component>) =
                components.into_iter().partition(|component| self.cells(component).len() == 1);
            let members: Vec<(Cell, &Component)> = single
                .into_iter()
                .flat_map(|component| self.cells(component).into_iter().map(move |cell| (cell, component)))
                .collect();
            match group {
                Some(group) if !members.is_empty() => self.contain(of_group(group), &members),
                _ => members.iter().for_each(|(cell, component)| {
                    let position = self.next_position();
                    self.push(*cell, component, position, None);
                }),
            }
            for component in several {
                let members: Vec<(Cell, &Component)> =
                    self.cells(component).into_iter().map(|cell| (cell, component)).collect();
                if !members.is_empty() {
                    self.contain(of_component(component), &members);
                }
            }
        }
        Components { all: self.all, places: self.places }
    }

    /// The cells whose region the catalog still has.
    fn cells(&self, component: &Component) -> Vec<Cell> {
        let known = |cell: &Cell| cell.region.is_none_or(|region| self.board.catalog.region(region).is_some());
        component.cells().into_iter().filter(known).collect()
    }

    fn next_position(&mut self) -> u32 {
        self.position += 1;
        self.position
    }

    fn contain(&mut self, container: Container, members: &[(Cell, &Component)]) {
        let status = ComponentStatus::worst(members.iter().map(|(cell, _)| known_status(self.board, *cell)));
        let parts = members.iter().map(|(_, component)| component);
        let entry = shape::Component {
            id: container.id,
            name: container.name,
            status: status.word(),
            created_at: Moment(parts.clone().map(|part| part.created_at).min().unwrap_or_default()),
            updated_at: Moment(
                members.iter().map(|(cell, part)| self.updated_at(*cell, part)).max().unwrap_or_default(),
            ),
            position: self.next_position(),
            description: container.description,
            showcase: false,
            start_date: parts.map(|part| start_date(part)).min(),
            group_id: None,
            page_id: self.page_id,
            group: true,
            only_show_if_degraded: false,
            components: Some(members.iter().map(|(cell, _)| cell.id()).collect()),
            unknown: self.is_withdrawn(status),
        };
        self.all.push(entry);
        for (position, (cell, component)) in (1..).zip(members) {
            self.push(*cell, component, position, Some(container.id));
        }
    }

    fn push(&mut self, cell: Cell, component: &Component, position: u32, group_id: Option<Id>) {
        let status = self.board.cell_status(cell);
        self.places.insert(cell, self.all.len());
        self.all.push(shape::Component {
            id: cell.id(),
            name: self.board.catalog.cell_name(cell).unwrap_or_default(),
            status: known_status(self.board, cell).word(),
            created_at: Moment(component.created_at),
            updated_at: Moment(self.updated_at(cell, component)),
            position,
            description: description(component),
            showcase: false,
            start_date: Some(start_date(component)),
            group_id,
            page_id: self.page_id,
            group: false,
            only_show_if_degraded: false,
            components: None,
            unknown: status == ComponentStatus::Unknown || self.is_withdrawn(status),
        });
    }

    /// A claim of "operational" that is too old.
    fn is_withdrawn(&self, status: ComponentStatus) -> bool {
        !self.is_confirmed && status == ComponentStatus::Operational
    }

    /// When the component's entry, or an incident that names the cell, changed last.
    fn updated_at(&self, cell: Cell, component: &Component) -> Instant {
        self.board.changed_at(cell).unwrap_or_default().max(component.updated_at)
    }
}

fn of_group(group: &Group) -> Container {
    Container { id: group.id.0, name: first_language(&group.name).to_owned(), description: None }
}

fn of_component(component: &Component) -> Container {
    let name = first_language(&component.name).to_owned();
    Container { id: component.id.0, name, description: description(component) }
}

fn description(component: &Component) -> Option<String> {
    component.description.as_ref().map(|description| first_language(description).to_owned())
}

fn start_date(component: &Component) -> NaiveDate {
    component.since.date_naive()
}
