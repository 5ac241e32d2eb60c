//! SplitMix64: the same draws in every language, as the reference values define them.

/// The generator of all resampling.
#[derive(Debug, Clone)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// Starts the stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next index below `bound`: (bits · bound) >> 64. 0 where `bound` is 0.
    #[inline]
    pub fn next_index(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// Whether the next value's top bit is set.
    #[inline]
    pub fn next_flip(&mut self) -> bool {
        self.next_u64() >> 63 == 1
    }
}

/// The indices of the first `replicates` resamples of `n` examples, a row each.
pub fn bootstrap_indices(n: usize, replicates: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut random = SplitMix64::new(seed);
    (0..replicates).map(|_| (0..n).map(|_| random.next_index(n)).collect()).collect()
}
