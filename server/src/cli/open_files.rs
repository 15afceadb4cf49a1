//! The limit of open files: each connection is one, and the usual limit of a shell or a service is 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that a node has open beside its connections: the log, its directory, listeners, the runtime's own.
const OTHER_FILES: u64 = 64;

/// Raises the limit to the most that the system lets this process have, and logs what it came to; loudly when that is
/// less than `connections_max` need.
pub fn raise(connections_max: usize) {
    let held = getrlimit(Resource::Nofile);
    // None is no limit.
    if let (Some(soft), hard) = (held.current, held.maximum)
        && hard.is_none_or(|hard| soft < hard)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard })
    {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
    let open_files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let needed = u64::try_from(connections_max).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    if open_files < needed {
        tracing::warn!(
            open_files,
            needed,
            "fewer open files than connections may come: raise the hard limit (LimitNOFILE)"
        );
    } else {
        tracing::info!(open_files, "limit of open files");
    }
}
