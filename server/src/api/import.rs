//! `/api/v1/import`: real history from elsewhere. Only for the node's own user.

use super::{body, caller::Caller, idempotency::Secret, incidents::query, problem::Problem};
use crate::{
    import::{self, Gathered, ImportError, Options, Report},
    publish::Node,
};
use axum::{
    Json as Answer,
    extract::{Extension, Query, Request, State, rejection::QueryRejection},
};
use domain::{change::Author, command::Refusal};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// What is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Incident history, one JSON object a line.
    History,
    /// A JSON list of texts, each a Statuspage v2 document.
    Statuspage,
}

/// How it is imported.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    #[param(value_type = String)]
    pub format: Format,
    /// Import the rest when some entries are bad.
    #[serde(default)]
    pub keep_going: bool,
}

/// Original times, ids and order are kept; importing again changes nothing.
#[utoipa::path(post, path = "/import", tag = "import", params(ImportQuery),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = Object), (status = 422, body = Problem)))]
pub async fn import(
    State(node): State<Arc<Node>>,
    Extension(caller): Extension<Caller>,
    parsed: Result<Query<ImportQuery>, QueryRejection>,
    request: Request,
) -> Result<(Extension<Secret>, Answer<Report>), Problem> {
    let asked = query(parsed)?;
    let bytes = body::bytes(request).await?;
    let board = node.board();
    let now = node.clock().now();
    let gathered: Result<Gathered, String> = match asked.format {
        Format::History => {
            import::history::gather(bytes.as_ref(), &board.catalog, now).map_err(|error| error.to_string())
        }
        Format::Statuspage => {
            let documents: Vec<String> = body::parse(&bytes)?;
            let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
            import::statuspage::gather(&documents, &board.catalog, now).map_err(|error| error.to_string())
        }
    };
    let gathered = gathered.map_err(|error| {
        Problem::refused([Refusal::new("file", error, "a file of the format that the command names")])
    })?;
    let author = Author { way: "import".to_owned(), ..caller.author };
    let options = Options { author, keep_going: asked.keep_going };
    let report = import::run(&node, gathered, &options, |_| {}).await.map_err(problem)?;
    Ok((Extension(Secret), Answer(report)))
}

fn problem(error: ImportError) -> Problem {
    match error {
        ImportError::Bad(bad) => Problem::refused(
            bad.into_iter()
                .map(|bad| Refusal::new(bad.place, bad.reason, "correct it, or import the rest with --keep-going")),
        ),
        ImportError::Publish(error) => error.into(),
        ImportError::Read(error) => Problem::unavailable(&error),
    }
}
