//! Clones, reads a version, writes commits and refs durably, pushes: the only user of gix and git.
