//! Medians and percentiles of a few samples.

/// Sorted samples, at least one.
#[derive(Clone, Debug)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// # Errors
    /// Without a sample: then the run is broken.
    pub fn of(mut values: Vec<f64>) -> anyhow::Result<Self> {
        anyhow::ensure!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        Ok(Samples(values))
    }

    /// The value that `percent` of the samples do not exceed (nearest rank).
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0[rank.min(self.0.len()) - 1]
    }

    /// The middle; of an even number the mean of the two middle ones.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { (self.0[middle - 1] + self.0[middle]) / 2.0 }
    }

    pub fn worst(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_and_the_median_is_the_middle() {
        let samples = Samples::of((1..=200).rev().map(f64::from).collect()).expect("samples");
        assert_eq!((samples.percentile(50), samples.percentile(99), samples.percentile(100)), (100.0, 198.0, 200.0));
        assert_eq!((samples.median(), samples.worst()), (100.5, 200.0));
        let one = Samples::of(vec![7.0]).expect("a sample");
        assert_eq!((one.percentile(50), one.percentile(99), one.median()), (7.0, 7.0, 7.0));
        assert!(Samples::of(Vec::new()).is_err());
    }
}
