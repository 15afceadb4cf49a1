//! Counters of the cache, for `/metrics`.

use prometheus_client::{
    metrics::{counter::Counter, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds of the render histogram, in seconds.
const RENDER_SECONDS: [f64; 9] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0];

#[derive(Debug)]
pub struct Measures {
    /// Answered from memory.
    pub hits: Counter,
    /// Had to be rendered first.
    pub misses: Counter,
    pub renders: Counter,
    /// Renders that panicked or could not read the store.
    pub faults: Counter,
    /// Boards taken in from the writer.
    pub boards: Counter,
    /// Renewals that the store did not confirm.
    pub store_faults: Counter,
    /// Rendering and compressing one page.
    pub render_seconds: Histogram,
}

impl Default for Measures {
    fn default() -> Self {
        Measures {
            hits: Counter::default(),
            misses: Counter::default(),
            renders: Counter::default(),
            faults: Counter::default(),
            boards: Counter::default(),
            store_faults: Counter::default(),
            render_seconds: Histogram::new(RENDER_SECONDS),
        }
    }
}

impl Measures {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("cache_hits", "Pages answered from memory", self.hits.clone());
        registry.register("cache_misses", "Pages that were rendered for a reader", self.misses.clone());
        registry.register("renders", "Pages rendered", self.renders.clone());
        registry.register("render_faults", "Renders that failed; the last good page was served", self.faults.clone());
        registry.register("boards_published", "Writes that changed the board", self.boards.clone());
        registry.register("store_faults", "Checks of the store that failed or hung", self.store_faults.clone());
        registry.register("render_seconds", "Rendering and compressing one page", self.render_seconds.clone());
    }
}
