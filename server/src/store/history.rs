//! What is asked of incidents that the board does not hold.

use super::{Store, fault::ReadError};
use domain::{id::IncidentId, incident::Summary, listing::Listing, status::Kind};
use std::sync::Arc;

impl Store {
    /// A list, newest start first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn listed(&self, listing: &Listing) -> Result<Vec<Arc<Summary>>, ReadError> {
        Ok(self.0.index.read(|index| index.listed(listing))?)
    }

    /// The summary of an incident or maintenance; `None` when there is none of that id.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn summary(&self, id: IncidentId) -> Result<Option<Summary>, ReadError> {
        Ok(self.0.index.read(|index| index.summary(id))?)
    }

    /// Every incident and maintenance, newest start first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn timelines(&self) -> Result<Vec<(Kind, IncidentId)>, ReadError> {
        Ok(self.0.index.read(|index| index.timelines())?)
    }

    /// Whether the index can be asked; when it cannot, loading the board makes it anew.
    pub fn has_index(&self) -> bool {
        self.0.index.is_open()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Identity, fault::Fault};
    use super::*;

    #[test]
    fn an_index_that_has_failed_is_asked_no_more_until_it_is_made_anew() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path(), Identity::new([1; 32], [9; 32])).expect("a store");
        assert!(!store.has_index());
        store.load_board().expect("the log");
        assert_eq!(store.timelines(), Ok(Vec::new()));
        let failed = store.0.index.read(|_| Err::<(), _>(Fault::Damaged("a test".to_owned())));
        assert!(failed.is_err() && !store.has_index());
        assert!(matches!(store.timelines(), Err(ReadError::Index(_))));
        store.load_board().expect("the log");
        assert_eq!(store.timelines(), Ok(Vec::new()));
    }
}
