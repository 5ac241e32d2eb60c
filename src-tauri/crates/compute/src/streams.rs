//! All randomness of training: ChaCha8 sub-streams with names, so that the order of use never matters.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// The source of a training's named sub-streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

/// One sub-stream: the same numbers whenever and wherever it is opened.
#[derive(Debug)]
pub struct Stream(ChaCha8Rng);

impl Streams {
    /// The sub-streams of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Opens the sub-stream called `name`, e.g. `shuffle/3`, at its beginning.
    pub fn open(self, name: &str) -> Stream {
        let mut hash = Sha256::new();
        hash.update(b"keelmark.stream/1\0");
        hash.update(self.seed.to_le_bytes());
        hash.update(name.as_bytes());
        Stream(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// The initial values of one parameter.
    pub fn init(self, parameter: &str) -> Stream {
        self.open(&format!("init/{parameter}"))
    }

    /// The order of the examples in one epoch, counted from 1.
    pub fn shuffle(self, epoch: u64) -> Stream {
        self.open(&format!("shuffle/{epoch}"))
    }

    /// What one dropout layer leaves out in one step.
    pub fn dropout(self, layer: usize, step: u64) -> Stream {
        self.open(&format!("dropout/{layer}/{step}"))
    }
}

impl Stream {
    /// A number in [0, 1) with 24 bits of chance.
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Numbers spread evenly over [-bound, bound).
    pub fn symmetric(&mut self, count: usize, bound: f64) -> Vec<f32> {
        let scale = bound / 8_388_608.0;
        (0..count).map(|_| ((f64::from(self.0.next_u32() >> 8) - 8_388_608.0) * scale) as f32).collect()
    }

    /// A whole number below `bound`, every one equally likely. `bound` is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Lemire's multiplication; products in the uneven rest are drawn again.
        let rest = bound.wrapping_neg() % bound.max(1);
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= rest {
                return (product >> 64) as u64;
            }
        }
    }

    /// The numbers 0 to `count` in random order.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last as u64 + 1) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_and_name_only() {
        let streams = Streams::new(7);
        let mut first = streams.shuffle(1);
        let mut other = streams.shuffle(2);
        let expected = first.permutation(50);
        assert_ne!(expected, other.permutation(50), "each epoch has an order of its own");
        assert_eq!(expected, streams.shuffle(1).permutation(50), "what others drew must not matter");
        assert_ne!(expected, Streams::new(8).shuffle(1).permutation(50), "the seed must matter");
    }

    #[test]
    fn a_permutation_holds_each_number_once() {
        let mut order = Streams::new(1).open("test").permutation(1_000);
        assert_ne!(order[..5], [0, 1, 2, 3, 4], "a thousand numbers do not stay in order");
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..1_000), "no number may be lost or doubled");
    }

    #[test]
    fn draws_are_even() {
        let mut stream = Streams::new(3).open("test");
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 10_000.0).powi(2) / 10_000.0).sum();
        assert!(chi < 20.5, "chi-square {chi} of 5 degrees of freedom is beyond the 0.1 % point");
        let mean = (0..60_000).map(|_| f64::from(stream.unit())).sum::<f64>() / 60_000.0;
        assert!((mean - 0.5).abs() < 0.006, "mean {mean} is five standard errors from a half");
        let wide = stream.symmetric(60_000, 2.0);
        assert!(wide.iter().all(|value| (-2.0..2.0).contains(value)), "the bound must hold");
        let mean = wide.iter().map(|&value| f64::from(value)).sum::<f64>() / 60_000.0;
        assert!(mean.abs() < 0.024, "mean {mean} is five standard errors from zero");
    }

    #[test]
    fn the_streams_never_change() {
        // Pinned: a change here changes the weights of every training ever recorded.
        let mut stream = Streams::new(7).open("shuffle/1");
        assert_eq!([stream.below(1 << 32), stream.below(1 << 32), stream.below(1 << 32)], PINNED);
    }

    /// From the algorithm written down a second time: SHA-256 of the name as key, counter and nonce 0.
    const PINNED: [u64; 3] = [1_084_634_193, 363_377_830, 1_626_299_225];
}
