//! The home page beside nginx serving the same bytes with the same headers.

use super::super::{
    Bench, MANY,
    figures::{Figure, Reach},
    http_client::Answer,
    nginx::Nginx,
    posts::Operator,
    process,
    statistics::Samples,
    wrk::{self, Counted, Wrk},
};

/// Each round loads one server, then the other.
const ROUNDS: usize = 5;
/// Before the rounds, so that both have their files and pages at hand.
const WARM_UP_SECONDS: u64 = 1;

const ROW: &str = "home";

/// One server's rounds.
#[derive(Default)]
struct Rounds {
    requests_per_second: Vec<f64>,
    p50_us: Vec<f64>,
    p99_us: Vec<f64>,
    processor_us: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, counted: &Counted, processor_seconds: f64) {
        self.requests_per_second.push(counted.requests_per_second());
        self.p50_us.push(counted.p50_us);
        self.p99_us.push(counted.p99_us);
        self.processor_us.push(processor_seconds * 1e6 / counted.requests);
    }

    fn medians(self) -> anyhow::Result<[f64; 4]> {
        let median = |values| Samples::of(values).map(|samples| samples.median());
        Ok([median(self.requests_per_second)?, median(self.p50_us)?, median(self.p99_us)?, median(self.processor_us)?])
    }
}

/// # Errors
/// When a run is broken.
pub fn run(bench: &mut Bench) -> anyhow::Result<Vec<Figure>> {
    let wrk = Wrk::ready(&bench.folder)?;
    let (directory, _) = bench.histories.copy(MANY, ROW)?;
    let node = directory.serve()?;
    // An open incident: the page as it is in the worst hour.
    Operator::of(&node, ROW)?.post()?;
    let mut figures = Vec::new();
    for (name, accepted) in [("identity", None), ("brotli", Some("br"))] {
        let request: Vec<(&str, &str)> = accepted.map(|coding| ("Accept-Encoding", coding)).into_iter().collect();
        let page = node.get("/", &request)?;
        let nginx = Nginx::serving(&page, &bench.folder.join(format!("nginx-{name}")))?;
        let yardstick = super::super::http_client::Connection::tcp(nginx.address)?.get("/", &request)?.expect(200)?;
        same(&page, &yardstick)?;

        let header: Vec<String> = accepted.map(|coding| format!("Accept-Encoding: {coding}")).into_iter().collect();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
        let nginx_home = format!("http://{}/", nginx.address);
        for url in [&node.home(), &nginx_home] {
            wrk.load(url, &header, WARM_UP_SECONDS)?;
        }
        for _ in 0..ROUNDS {
            for (url, process, rounds) in
                [(node.home(), node.process(), &mut ours), (nginx_home.clone(), nginx.process(), &mut theirs)]
            {
                let before = process::processor_ticks(process)?;
                let counted = wrk.load(&url, &header, bench.seconds)?;
                let ticks = process::processor_ticks(process)? - before;
                rounds.add(&counted, ticks as f64 / bench.ticks_per_second);
            }
        }
        figures.extend(compared(name, page.body.len(), ours.medians()?, theirs.medians()?, bench.seconds));
    }
    node.stop()?;
    Ok(figures)
}

/// The bytes of both are the same, and so are the headers that readers get, but for those of the connection.
fn same(ours: &Answer, theirs: &Answer) -> anyhow::Result<()> {
    anyhow::ensure!(ours.body == theirs.body, "nginx serves other bytes");
    for (name, value) in &ours.headers {
        let is_of_connection = ["date", "connection", "keep-alive"].contains(&name.to_ascii_lowercase().as_str());
        anyhow::ensure!(
            is_of_connection || theirs.header(name) == Some(value.as_str()),
            "nginx sends {name}: {:?} instead of {value:?}",
            theirs.header(name)
        );
    }
    Ok(())
}

fn compared(name: &str, bytes: usize, ours: [f64; 4], theirs: [f64; 4], seconds: u64) -> Vec<Figure> {
    let [our_rate, our_p50, our_p99, our_processor] = ours;
    let [their_rate, their_p50, their_p99, their_processor] = theirs;
    let how = format!(
        "{bytes} bytes, {} connections, {} threads of wrk, {ROUNDS} rounds of {seconds} s each",
        wrk::CONNECTIONS,
        wrk::THREADS
    );
    let against = |what: &str| format!("home page ({name}), {what} against nginx");
    vec![
        Figure::new(
            ROW,
            against("requests/s"),
            our_rate / their_rate,
            format!("{our_rate:.0} against {their_rate:.0}; {how}"),
        )
        .reaching(Reach::AtLeast(1.0)),
        Figure::new(
            ROW,
            against("server's processor time per request"),
            our_processor / their_processor,
            format!("{our_processor:.2} us against {their_processor:.2} us"),
        )
        .reaching(Reach::AtMost(1.0)),
        Figure::new(
            ROW,
            against("p99"),
            our_p99 / their_p99,
            format!("{:.2} ms against {:.2} ms", our_p99 / 1e3, their_p99 / 1e3),
        )
        .reaching(Reach::AtMost(0.5)),
        Figure::new(
            ROW,
            against("p50"),
            our_p50 / their_p50,
            format!("{:.2} ms against {:.2} ms", our_p50 / 1e3, their_p50 / 1e3),
        ),
    ]
}
