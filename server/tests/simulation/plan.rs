//! What happens in a run, drawn from its seed alone.

use std::time::Duration;

/// Numbers from a seed (SplitMix64: Steele et al. 2014).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Draw(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Something that goes wrong, or right again. Regions by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Neither hears the other.
    Cut(usize, usize),
    /// The first is not heard by the second.
    CutOneWay(usize, usize),
    Mend(usize, usize),
    /// Cut off from all others.
    Isolate(usize),
    Rejoin(usize),
    /// Cut and mended many times in a second.
    Flap(usize, usize),
    Crash(usize),
    /// Starts again with what its disk holds.
    Start(usize),
    /// Starts again with what its disk held at the last backup, and a new key.
    Restore(usize),
    Backup(usize),
    DiskFull(usize),
    DiskFreed(usize),
    /// Messages take up to so many milliseconds.
    Slow(u64),
    /// One message in so many is lost; 0 for none.
    Lose(u64),
    /// Starts again with an empty disk, and a new key.
    Replace(usize),
    /// A region with a later version writes what the others cannot read.
    WriteUnknown(usize),
    /// The first trusts the second's new key, by an event.
    Trust(usize, usize),
    /// The first removes the key that the second had before.
    Remove(usize, usize),
    /// It redacts a post of another region.
    Redact(usize),
    /// It redacts the next post of another region as soon as it comes, so that some hear of the redaction first.
    RedactNext(usize),
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub regions: usize,
    /// Milliseconds by which each region's clock is wrong.
    pub clock_wrong_ms: Vec<i64>,
    /// In order of time.
    pub faults: Vec<(Duration, Fault)>,
    /// When each region posts.
    pub posts: Vec<Vec<Duration>>,
    /// When everything is mended and the posts end.
    pub end: Duration,
}

/// Seconds of trouble.
const TROUBLE_SECONDS: u64 = 45;
const HOUR_MS: i64 = 3_600_000;

impl Plan {
    pub fn of(seed: u64) -> Plan {
        let mut draw = Draw::new(seed);
        let regions = draw.pick(&[2, 3, 3, 5, 9]);
        // One disk at most is ever rolled back: of an event that two regions hold one copy stays.
        let rolled_back = draw.below(regions as u64) as usize;
        let clock_wrong_ms = (0..regions).map(|_| draw.pick(&[0, 0, 40, -900, 7 * HOUR_MS, -5 * HOUR_MS])).collect();
        let mut faults = Vec::new();
        let mut at_ms = 2000;
        while at_ms < TROUBLE_SECONDS * 1000 {
            at_ms += 500 + draw.below(5000);
            faults.extend(trouble(&mut draw, regions, rolled_back, at_ms));
        }
        faults.sort_by_key(|(at, _)| *at);
        let end = Duration::from_secs(TROUBLE_SECONDS + 15);
        let one = |draw: &mut Draw| {
            let count = 2 + draw.below(8);
            let mut times: Vec<_> =
                (0..count).map(|_| Duration::from_millis(500 + draw.below(TROUBLE_SECONDS * 1000 + 8000))).collect();
            times.sort();
            times
        };
        let posts = (0..regions).map(|_| one(&mut draw)).collect();
        Plan { regions, clock_wrong_ms, faults, posts, end }
    }
}

/// One trouble with its end.
fn trouble(draw: &mut Draw, regions: usize, rolled_back: usize, at_ms: u64) -> Vec<(Duration, Fault)> {
    let one = draw.below(regions as u64) as usize;
    let other = (one + 1 + draw.below(regions as u64 - 1) as usize) % regions;
    let until_ms = at_ms + 300 + draw.below(20_000);
    let pair =
        |begin: Fault, end: Fault| vec![(Duration::from_millis(at_ms), begin), (Duration::from_millis(until_ms), end)];
    match draw.below(16) {
        0 | 1 => pair(Fault::Cut(one, other), Fault::Mend(one, other)),
        2 => pair(Fault::CutOneWay(one, other), Fault::Mend(one, other)),
        3 | 4 => pair(Fault::Isolate(one), Fault::Rejoin(one)),
        5 => (0..6).map(|step| (Duration::from_millis(at_ms + step * 170), Fault::Flap(one, other))).collect(),
        6 | 7 => pair(Fault::Crash(one), Fault::Start(one)),
        8 => {
            // Some posts come between the backup and the loss.
            let lost = Duration::from_millis(at_ms + (until_ms - at_ms) / 2);
            let mut story = pair(Fault::Backup(rolled_back), Fault::Restore(rolled_back));
            story.insert(1, (lost, Fault::Crash(rolled_back)));
            story.extend(new_key(draw, regions, rolled_back, until_ms));
            story
        }
        9 => pair(Fault::DiskFull(one), Fault::DiskFreed(one)),
        10 => pair(Fault::Slow(draw.pick(&[300, 900])), Fault::Slow(100)),
        11 => {
            let mut story = pair(Fault::Crash(rolled_back), Fault::Replace(rolled_back));
            story.extend(new_key(draw, regions, rolled_back, until_ms));
            story
        }
        12 => {
            // What is redacted is read elsewhere meanwhile, and the redactor hears nothing.
            let mut story = pair(Fault::Isolate(one), Fault::Rejoin(one));
            story.insert(1, (Duration::from_millis(at_ms + (until_ms - at_ms) / 2), Fault::Redact(one)));
            story
        }
        13 => {
            let mut story = pair(Fault::Slow(900), Fault::Slow(100));
            story.extend([one, other].map(|region| (Duration::from_millis(at_ms), Fault::RedactNext(region))));
            story
        }
        14 => {
            // A redaction that some regions carry out, while another one hears nothing of it and removes its signer.
            let apart = (rolled_back + 1 + draw.below(regions as u64 - 1) as usize) % regions;
            let at = |part: u64| Duration::from_millis(at_ms + (until_ms - at_ms) * part / 4);
            let mut story = pair(Fault::Isolate(apart), Fault::Rejoin(apart));
            story.extend([
                (at(1), Fault::Redact(rolled_back)),
                (at(2), Fault::Crash(rolled_back)),
                (at(3), Fault::Replace(rolled_back)),
                (at(3), Fault::Remove(apart, rolled_back)),
            ]);
            story.extend(new_key(draw, regions, rolled_back, until_ms));
            story
        }
        _ => {
            let mut story = pair(Fault::Lose(draw.pick(&[20, 60])), Fault::Lose(0));
            story.push((Duration::from_millis(at_ms), Fault::WriteUnknown(one)));
            story
        }
    }
}

/// What operators do for a region that came back under a new key: they trust it, and sooner or later remove the old one.
fn new_key(draw: &mut Draw, regions: usize, of: usize, from_ms: u64) -> Vec<(Duration, Fault)> {
    let mut another = || (of + 1 + draw.below(regions as u64 - 1) as usize) % regions;
    let (trusting, removing) = (another(), another());
    let at = |ms: u64| Duration::from_millis(from_ms + ms);
    let mut story = vec![(at(200 + draw.below(6000)), Fault::Trust(trusting, of))];
    if draw.below(3) > 0 {
        story.push((at(200 + draw.below(6000)), Fault::Remove(removing, of)));
    }
    story
}
