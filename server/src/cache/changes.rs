//! The newest changes of the board. A page that is not hot is not thrown away when the board changes; when somebody
//! asks for it, it is good if no change since its render touches it. Nothing can slip in between a render and its
//! invalidation that way.

use crate::render::touch::touches;
use app::address::Address;
use domain::board::{Board, Touched};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError, atomic::AtomicU64, atomic::Ordering},
};

/// Changes remembered at most; a page older than these is rendered again.
pub const CHANGES_MAX: usize = 256;

/// Changes are numbered from 1; the number of the newest is the generation.
#[derive(Debug, Default)]
pub struct Changes {
    generation: AtomicU64,
    newest: Mutex<VecDeque<Touched>>,
}

impl Changes {
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Notes a change; call it after the board that has it can be read.
    pub fn note(&self, touched: Touched) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() == CHANGES_MAX {
            newest.pop_front();
        }
        newest.push_back(touched);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// The generation up to which a page of `address` is good that was good at `since`; `None` when a change has
    /// touched it, or when that cannot be told any more.
    pub fn good_until(&self, address: Address, since: u64, board: &Board) -> Option<u64> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.generation();
        let later = usize::try_from(now.saturating_sub(since)).ok().filter(|later| *later <= newest.len())?;
        let touched = newest.iter().rev().take(later).any(|touched| touches(touched, address, board));
        (!touched).then_some(now)
    }
}
