//! Where tensors live: the CPU, or an accelerator this build knows.

use candle_core::Device;

use crate::Error;

/// Opens a device by its name: `cpu`, `cuda`, `cuda:1`, `metal`, `metal:0`.
pub(crate) fn open(name: &str) -> Result<Device, Error> {
    let (kind, number) = match name.split_once(':') {
        None => (name, 0),
        Some((kind, number)) => (kind, number.parse().map_err(|_| unknown(name))?),
    };
    let missing = |what: &str, feature: &str| {
        Error::Unsupported(format!(
            "this build of Keelmark cannot use {what}: it was made without the feature `{feature}`; use device `cpu`"
        ))
    };
    let failed = |error: candle_core::Error| {
        Error::Unsupported(format!("device `{name}` cannot be opened: {error}; use device `cpu`"))
    };
    match kind {
        "cpu" if number == 0 => Ok(Device::Cpu),
        "cuda" if cfg!(feature = "cuda") => Device::new_cuda(number).map_err(failed),
        "cuda" => Err(missing("NVIDIA GPUs", "cuda")),
        "metal" if cfg!(feature = "metal") => Device::new_metal(number).map_err(failed),
        "metal" => Err(missing("Apple GPUs", "metal")),
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Error {
    Error::invalid(format!("`{name}` is not a device; devices are cpu, cuda, cuda:N, metal, metal:N"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_that_are_not_there_say_so() {
        assert!(open("cpu").is_ok());
        for name in ["gpu", "", "cpu:1", "cuda:x", "cuda:-1", "cpu:"] {
            assert!(matches!(open(name), Err(Error::Invalid(_))), "`{name}` is no device at all");
        }
        #[cfg(not(feature = "cuda"))]
        assert!(
            matches!(open("cuda:0"), Err(Error::Unsupported(text)) if text.contains("feature `cuda`")),
            "the user has to learn what is missing"
        );
    }
}
