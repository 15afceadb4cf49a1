//! An operator who keeps posting.

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::http_client::Connection;
use super::node::Node;

/// Updates of one incident; then it is resolved and the next one begins.
const UPDATES_EACH: usize = 20;

/// Where a post was saved.
#[derive(Clone, Debug)]
pub struct Posted {
    /// A text that nothing else on any page has.
    pub marker: String,
    pub board_version: u64,
    /// Regions that hold it by the time of the answer, and all that there are.
    pub saved_in: u64,
    pub regions: u64,
}

/// Posts one update after another.
pub struct Operator {
    connection: Connection<UnixStream>,
    /// Tells the posts of two operators apart.
    name: String,
    posts: usize,
    incident: Option<String>,
}

impl Operator {
    /// # Errors
    /// When the server's own socket cannot be opened.
    pub fn of(node: &Node, name: &str) -> anyhow::Result<Self> {
        Ok(Operator { connection: node.operate()?, name: name.to_owned(), posts: 0, incident: None })
    }

    /// Makes sure that an incident is open, so that the next post is an update.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn open(&mut self) -> anyhow::Result<()> {
        if self.incident.is_none() {
            let body = json!({
                "title": "Compute: failed requests in Shanghai",
                "impact": "major",
                "text": "We are investigating reports of failed requests for Compute in Shanghai.",
                "scope": [{ "component": "compute", "region": "ap-shanghai", "status": "partial_outage" }],
            });
            let receipt = self.write("/api/v1/incidents", &body)?;
            let incident = receipt["incident"].as_str().context("a receipt without an incident")?;
            self.incident = Some(incident.to_owned());
        }
        Ok(())
    }

    /// Posts one update of the open incident.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn post(&mut self) -> anyhow::Result<Posted> {
        self.open()?;
        self.posts += 1;
        let marker = self.marker(self.posts);
        let body = json!({ "text": format!("About 8 % of requests to Compute in Shanghai fail ({marker}).") });
        let incident = self.incident.clone().context("an incident is open")?;
        let receipt = self.write(&format!("/api/v1/incidents/{incident}/updates"), &body)?;
        let number = |field: &str| receipt[field].as_u64().with_context(|| format!("a receipt without {field}"));
        let (board_version, saved_in, regions) = (number("board_version")?, number("saved_in")?, number("regions")?);
        Ok(Posted { marker, board_version, saved_in, regions })
    }

    /// The marker of the post that comes next, for one who looks for it before it is answered.
    pub fn next_marker(&self) -> String {
        self.marker(self.posts + 1)
    }

    fn marker(&self, post: usize) -> String {
        format!("{} report {post}", self.name)
    }

    /// Resolves the incident when it has had its updates. Apart from [`Operator::post`], which is measured.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn turn(&mut self) -> anyhow::Result<()> {
        if self.posts.is_multiple_of(UPDATES_EACH) {
            self.resolve()?;
        }
        Ok(())
    }

    /// Resolves the open incident, if one is open.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn resolve(&mut self) -> anyhow::Result<()> {
        if let Some(incident) = self.incident.take() {
            let body = json!({ "text": "This incident has been resolved." });
            self.write(&format!("/api/v1/incidents/{incident}/resolve"), &body)?;
        }
        Ok(())
    }

    fn write(&mut self, path: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let answer = self.connection.post(path, body)?.expect(201)?;
        serde_json::from_slice(&answer.body).context("a receipt is JSON")
    }
}

/// Posts at a steady rate on a thread of its own, until told to stop.
pub struct Posting {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<usize>>,
}

impl Posting {
    /// # Errors
    /// When the thread cannot be started.
    pub fn begin(mut operator: Operator, per_second: u32) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let begun = Instant::now();
        let thread = std::thread::Builder::new().name("posts".to_owned()).spawn(move || {
            let mut posts = 0;
            while !told.load(Ordering::Relaxed) {
                operator.post()?;
                operator.turn()?;
                posts += 1;
                // Counted from the begin, so that a slow post does not lower the rate.
                let due = begun + Duration::from_secs(1) * posts / per_second;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            operator.resolve()?;
            Ok(posts as usize)
        })?;
        Ok(Posting { stop, thread })
    }

    /// Stops, and says how many updates were posted.
    ///
    /// # Errors
    /// When a post was refused: then the run is broken.
    pub fn end(self) -> anyhow::Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        let posts = self.thread.join().map_err(|_| anyhow::anyhow!("the posting thread panicked"))??;
        ensure!(posts > 0, "nothing was posted");
        Ok(posts)
    }
}
