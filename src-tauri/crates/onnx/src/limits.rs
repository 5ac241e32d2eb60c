//! How much a model may take.

/// How much a model may take, so that a hostile file cannot fill the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The file, with its external data.
    pub file_bytes: u64,
    /// Nodes of the graph, those of inner graphs included.
    pub nodes: u64,
    /// What reading the file, or all the values of one batch, may take in memory.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 1 << 30, nodes: 100_000, memory_bytes: 2 << 30 }
    }
}
