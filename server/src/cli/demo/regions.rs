//! Several regions, each a process of its own: so that one of them can be stopped or killed by hand.

use super::{Demo, console_link, failed};
use crate::{
    cli::{failure::Failure, output},
    demo::Replay,
    store::{Identity, identity::CLUSTER_KEY_FILE},
};
use domain::id::NodeKey;
use futures_util::future::select_all;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fmt::Write,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
    signal::unix::{SignalKind, signal},
};

/// The port at which a region's peers connect is this much above that of its page, or below it where there is no such.
const PEERS_PORT_OFFSET: u16 = 100;
/// Longest wait for a region's end; after it its process is killed.
const END_SECONDS_MAX: u64 = 10;
const CONFIG_FILE: &str = "holdfast.toml";

/// One region, before it is started.
struct Region {
    code: String,
    /// As pages show it.
    name: String,
    directory: PathBuf,
    public: SocketAddr,
    peers: SocketAddr,
    key: NodeKey,
}

/// One region's process.
struct Running {
    name: String,
    child: Child,
    /// Closed, it ends the process; waiting for the process would close it at once if it were left there.
    input: Option<ChildStdin>,
}

/// Starts them all, tells where they are, and ends them when it is told to end.
pub async fn run(demo: &Demo, data: &Path) -> Result<(), Failure> {
    // Before there is a process: who ends this one ends them.
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| failed(&error))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| failed(&error))?;
    let replay = Replay::parsed().map_err(|error| failed(&error))?;
    let wanted = replay.catalog.regions.iter().take(demo.regions.into()).enumerate();
    let regions = wanted
        .map(|(number, region)| Region::prepare(demo, data, number, &region.code, &region.name.default))
        .collect::<Result<Vec<_>, _>>()?;
    for region in &regions {
        let text = configuration(region, &regions);
        std::fs::write(region.directory.join(CONFIG_FILE), text).map_err(|error| failed(&error))?;
    }
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut running = Vec::new();
    for (number, region) in regions.iter().enumerate() {
        running.push(start(demo, region, begun, number == 0).await?);
    }
    if let (Some(first), Some(last)) = (regions.first(), running.last()) {
        let (data, process) = (first.directory.display(), last.process());
        output::say(&format!(
            "Try `holdfast --data {data} peers --watch` beside it. `kill -STOP {process}` stops {}, `kill -CONT {process}` \
             brings it back. Ctrl-C ends them all.\n",
            last.name
        ));
    }
    while !running.is_empty() {
        let ends = running.iter_mut().map(|region| Box::pin(region.child.wait()));
        let (ended, number) = tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            (ended, number, _) = select_all(ends) => (ended, number),
        };
        let region = running.remove(number);
        let how = ended.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
        output::say(&format!("The process of {} has ended ({how}).\n", region.name));
    }
    for region in &mut running {
        region.end().await;
    }
    Ok(())
}

impl Region {
    /// Its directory, with the cluster's key in it, and its addresses.
    fn prepare(demo: &Demo, data: &Path, number: usize, code: &str, name: &str) -> Result<Self, Failure> {
        let place = |number: usize| data.join(format!("region-{}", number + 1));
        let directory = place(number);
        std::fs::create_dir_all(&directory).map_err(|error| failed(&error))?;
        let key = directory.join(CLUSTER_KEY_FILE);
        if number > 0 && !key.exists() {
            // The copy keeps the mode: only its owner may read it.
            std::fs::copy(place(0).join(CLUSTER_KEY_FILE), key).map_err(|error| failed(&error))?;
        }
        let identity = Identity::load_or_create(&directory).map_err(|error| failed(&error))?;
        let public = free(page_address(demo.listen, number)?, &format!("the page of {name}"))?;
        let peers = SocketAddr::new(loopback(number), peers_port(demo.listen, public));
        let peers = free(peers, &format!("the peers of {name}, {PEERS_PORT_OFFSET} from the port of its page"))?;
        let (code, name, key) = (code.to_owned(), name.to_owned(), identity.node_key());
        Ok(Region { code, name, directory, public, peers, key })
    }
}

/// Where the readers of a region connect: on the next address of loopback, which is an origin of its own, elsewhere on
/// the next port.
fn page_address(first: SocketAddr, number: usize) -> Result<SocketAddr, Failure> {
    let refused = || {
        let what = format!("there are no {} addresses from {first} on", number + 1);
        Failure::refused("--listen", what, "an earlier address, or a lower port")
    };
    let step = u8::try_from(number).map_err(|_| refused())?;
    match first.ip() {
        IpAddr::V4(ip) if ip.is_loopback() => {
            let [a, b, c, d] = ip.octets();
            let d = d.checked_add(step).filter(|last| *last < u8::MAX).ok_or_else(refused)?;
            Ok(SocketAddr::new(Ipv4Addr::new(a, b, c, d).into(), first.port()))
        }
        _ if first.port() == 0 => Ok(first),
        ip => Ok(SocketAddr::new(ip, first.port().checked_add(step.into()).ok_or_else(refused)?)),
    }
}

/// The same at each start, unless any port may be taken.
fn peers_port(asked: SocketAddr, page: SocketAddr) -> u16 {
    let derived = page.port().checked_add(PEERS_PORT_OFFSET);
    if asked.port() == 0 { 0 } else { derived.unwrap_or(page.port().saturating_sub(PEERS_PORT_OFFSET)) }
}

/// 127.0.0.1, 127.0.0.2 and so on: the links stay on this machine.
fn loopback(number: usize) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(number + 1).unwrap_or(u8::MAX)).into()
}

/// The address with the port that it gets for 0; said here, where it can be said what it is for.
fn free(address: SocketAddr, what_for: &str) -> Result<SocketAddr, Failure> {
    TcpListener::bind(address).and_then(|listener| listener.local_addr()).map_err(|error| {
        let what = format!("{address}, for {what_for}, cannot be used: {error}");
        Failure::refused("--listen", what, "another port, or 0 for any that is free")
    })
}

/// As for any node; `holdfast --config` takes it for commands beside the demonstration.
fn configuration(own: &Region, regions: &[Region]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!(
        "data = \".\"\n[public]\nlisten = \"{}\"\n[node]\nname = {}\nregion = {}\n[replication]\nlisten = \"{3}\"\naddress = \"{3}\"\n",
        own.public,
        quoted(&own.code),
        quoted(&own.name),
        own.peers,
    );
    for peer in regions.iter().filter(|peer| peer.key != own.key) {
        let (name, region) = (quoted(&peer.code), quoted(&peer.name));
        let _written = write!(
            text,
            "[[peer]]\nname = {name}\nregion = {region}\naddress = \"{}\"\nkey = \"{}\"\n",
            peer.peers, peer.key
        );
    }
    text
}

/// Starts a region's process and waits until it says where its page is.
async fn start(demo: &Demo, region: &Region, begun: Duration, plays: bool) -> Result<Running, Failure> {
    let mut command = Command::new(std::env::current_exe().map_err(|error| failed(&error))?);
    command.arg("demo").arg("--as-region").arg(region.directory.join(CONFIG_FILE));
    command.arg("--begun-ms").arg(begun.as_millis().to_string());
    if let Some(at) = demo.at {
        command.arg("--at").arg(at.to_string());
    }
    if let Some(play) = demo.play {
        command.arg(format!("--play={play}"));
    }
    if plays {
        command.arg("--plays");
    }
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let mut child = spawned.map_err(|error| failed(&error))?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).await.map_err(|error| failed(&error))?;
    }
    if line.is_empty() {
        return Err(Failure::unavailable(format!("the process of {} did not start; it says above why", region.name)));
    }
    let input = child.stdin.take();
    let running = Running { name: region.name.clone(), child, input };
    let mut words = line.split_whitespace();
    let (page, link) = (words.next().unwrap_or_default(), words.next());
    output::say(&format!("The demonstration in {} is at {page} (process {})\n", running.name, running.process()));
    // One administrator is enough: what makes the first one travels to all.
    if let Some(link) = link.filter(|_| plays) {
        output::say(&console_link(link));
    }
    Ok(running)
}

impl Running {
    /// Its number; 0 once it has ended.
    fn process(&self) -> u32 {
        self.child.id().unwrap_or(0)
    }

    /// Ends it, also one that was stopped by hand.
    async fn end(&mut self) {
        drop(self.input.take());
        if let Some(process) = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            let _gone = kill_process(process, Signal::TERM);
            let _gone = kill_process(process, Signal::CONT);
        }
        let wait = tokio::time::timeout(Duration::from_secs(END_SECONDS_MAX), self.child.wait()).await;
        if wait.is_err() {
            tracing::warn!(region = %self.name, "its process does not end and is killed");
            let _gone = self.child.kill().await;
        }
    }
}
