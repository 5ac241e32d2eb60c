//! What of machine and program can change the bits of a training.

use keelmark_types::Environment;

/// The candle this was built with; a test holds it against the lock file.
pub const CANDLE_VERSION: &str = "0.11.1";

/// The environment of work on the CPU, as a run records it.
pub fn environment() -> Environment {
    environment_on("cpu")
}

/// The environment of work on the device called so, as a run records it.
pub fn environment_on(device: &str) -> Environment {
    Environment {
        device: device.to_owned(),
        threads: candle_core::utils::get_num_threads() as u64,
        kernel_set: kernel_set(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        candle_version: CANDLE_VERSION.to_owned(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
    }
}

/// The instruction sets the matrix kernels choose from on this machine.
#[cfg(target_arch = "x86_64")]
fn kernel_set() -> String {
    // AVX-512 kernels are not built in: a machine that has it computes the same bits as one that has not.
    let found = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
    ];
    let names: Vec<&str> = found.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if names.is_empty() { "sse2".to_owned() } else { names.join("+") }
}

/// The instruction sets the matrix kernels choose from on this machine.
#[cfg(not(target_arch = "x86_64"))]
fn kernel_set() -> String {
    if cfg!(target_arch = "aarch64") { "neon".to_owned() } else { "scalar".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_candle_is_the_one_built_with() {
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.lock");
        let lock = std::fs::read_to_string(lock).expect("the workspace has a lock file");
        let entry = format!("name = \"candle-core\"\nversion = \"{CANDLE_VERSION}\"");
        assert!(lock.contains(&entry), "CANDLE_VERSION must follow Cargo.lock");
    }
}
