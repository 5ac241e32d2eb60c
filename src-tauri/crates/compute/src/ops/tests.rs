//! Every gradient against finite differences, and every kernel against its second form, in f64.

use candle_core::{DType, Device, Result, Tensor, Var};

use super::*;
use crate::streams::Streams;

const STEP: f64 = 1e-5;
/// Far below the 1e-3 asked for: in f64 a right gradient is much closer.
const TOLERANCE: f64 = 1e-6;

fn random(name: &str, shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    let values = Streams::new(11).open(name).symmetric(count, 1.0);
    let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor");
    tensor.to_dtype(DType::F64).expect("f64")
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor.flatten_all().and_then(|flat| flat.to_vec1()).expect("values")
}

/// Compares the gradients of `Σ weight · f(inputs)` with central differences, input by input.
fn check(name: &str, shapes: &[&[usize]], f: impl Fn(&[Tensor]) -> Result<Tensor>) {
    let inputs: Vec<Tensor> =
        shapes.iter().enumerate().map(|(i, shape)| random(&format!("{name}/{i}"), shape)).collect();
    let weigh = |inputs: &[Tensor]| {
        let out = f(inputs).expect("the operation runs");
        let weights = random(&format!("{name}/weights"), &[out.elem_count()]);
        out.flatten_all().and_then(|out| out.mul(&weights)?.sum_all()).expect("a sum")
    };
    let variables: Vec<Var> =
        inputs.iter().map(|tensor| Var::from_tensor(tensor).expect("a variable")).collect();
    let tracked: Vec<Tensor> = variables.iter().map(|variable| variable.as_tensor().clone()).collect();
    let gradients = weigh(&tracked).backward().expect("a gradient");
    for (place, input) in inputs.iter().enumerate() {
        let gradient = flat(gradients.get(&tracked[place]).expect("every input has a gradient"));
        let values = flat(input);
        for index in 0..values.len() {
            let moved = |by: f64| {
                let mut values = values.clone();
                values[index] += by;
                let mut inputs = inputs.clone();
                inputs[place] = Tensor::from_vec(values, input.shape(), &Device::Cpu).expect("a tensor");
                weigh(&inputs).to_scalar::<f64>().expect("a number")
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let error = (gradient[index] - expected).abs() / (1.0 + expected.abs());
            assert!(
                error < TOLERANCE,
                "{name}: gradient of input {place} at {index} is {} where differences give {expected}",
                gradient[index]
            );
        }
    }
}

fn same(name: &str, ours: &Tensor, second: &Tensor) {
    assert_eq!(ours.dims(), second.dims(), "{name}: both forms give the same shape");
    for (a, b) in flat(ours).iter().zip(flat(second)) {
        assert!((a - b).abs() < 1e-10, "{name}: our kernel gives {a} where candle's operations give {b}");
    }
}

#[test]
fn linear_gradients_are_right() {
    for rectified in [false, true] {
        check("linear", &[&[5, 7], &[4, 7], &[4]], |t| linear(&t[0], &t[1], &t[2], rectified));
    }
}

#[test]
fn convolution_gradients_are_right() {
    for (stride, padding, rectified) in
        [(1, 0, false), (1, 1, true), (2, 1, false), (2, 0, true), (3, 2, false)]
    {
        let op = Convolution { stride, padding, rectified };
        check("conv2d", &[&[2, 2, 6, 5], &[3, 2, 3, 3], &[3]], |t| conv2d(&t[0], &t[1], &t[2], op));
    }
    let op = Convolution { stride: 1, padding: 3, rectified: false };
    check("wide padding", &[&[1, 1, 2, 3], &[1, 1, 5, 5], &[1]], |t| conv2d(&t[0], &t[1], &t[2], op));
}

#[test]
fn convolution_equals_candles() {
    for (stride, padding) in [(1, 0), (1, 2), (2, 1), (3, 0)] {
        let (x, weight, bias) = (random("x", &[3, 2, 7, 9]), random("w", &[4, 2, 3, 3]), random("b", &[4]));
        let ours = conv2d(&x, &weight, &bias, Convolution { stride, padding, rectified: false });
        let second = x.conv2d(&weight, padding, stride, 1, 1);
        let second = second.and_then(|y| y.broadcast_add(&bias.reshape((1, 4, 1, 1))?));
        same("conv2d", &ours.expect("ours"), &second.expect("candle's"));
    }
}

#[test]
fn convolution_in_blocks_equals_one_block() {
    // 64 images of 16 channels make several blocks; each image alone makes one.
    let (x, weight, bias) = (random("x", &[64, 16, 12, 12]), random("w", &[8, 16, 3, 3]), random("b", &[8]));
    let op = Convolution { stride: 1, padding: 1, rectified: true };
    let whole = conv2d(&x, &weight, &bias, op).expect("a batch");
    for image in [0, 1, 30, 63] {
        let alone = conv2d(&x.narrow(0, image, 1).expect("an image"), &weight, &bias, op).expect("one image");
        same("conv2d", &whole.narrow(0, image, 1).expect("its part"), &alone);
    }
    let variables: Vec<Var> =
        [&x, &weight, &bias].iter().map(|tensor| Var::from_tensor(tensor).expect("a variable")).collect();
    let part = |x: &Tensor| conv2d(x, &variables[1], &variables[2], op).and_then(|y| y.sum_all());
    let whole = part(&variables[0]).and_then(|sum| sum.backward()).expect("a gradient");
    let halves = [0, 32].map(|start| {
        let half = variables[0].narrow(0, start, 32).and_then(|half| half.contiguous()).expect("a half");
        part(&half).and_then(|sum| sum.backward()).expect("a gradient")
    });
    for variable in &variables {
        let of = |store: &candle_core::backprop::GradStore| store.get(variable).cloned().expect("there");
        let sum = (of(&halves[0]) + of(&halves[1])).expect("a sum");
        for (a, b) in flat(&of(&whole)).iter().zip(flat(&sum)) {
            assert!((a - b).abs() < 1e-9, "blocks must add up: {a} against {b}");
        }
    }
}

#[test]
fn pooling_gradients_are_right() {
    for (kernel, stride) in [(2, 2), (3, 1), (3, 2), (2, 3)] {
        check("max_pool2d", &[&[2, 2, 6, 7]], |t| max_pool2d(&t[0], kernel, stride));
    }
}

#[test]
fn the_first_of_equal_values_takes_the_gradient() {
    // Windows of equal values, in each order; the fast way for 2×2 and the general one must choose alike.
    let values: Vec<f64> =
        Streams::new(2).open("ties").permutation(160).iter().map(|n| (n % 3) as f64).collect();
    let gradient = |kernel_way: bool| {
        let x = Tensor::from_vec(values.clone(), (1, 1, 16, 10), &Device::Cpu).expect("a tensor");
        let x = Var::from_tensor(&x).expect("a variable");
        let out = if kernel_way { max_pool2d(&x, 2, 2) } else { pool::portable(&x, 2, 2) };
        let gradients = out.and_then(|out| out.sum_all()?.backward()).expect("a gradient");
        flat(gradients.get(&x).expect("x has a gradient"))
    };
    assert_eq!(gradient(true), gradient(false), "ties go to the first value of a window");
}

#[test]
fn pooling_equals_candles_and_keeps_nan() {
    for (kernel, stride, shape) in [(2, 2, [2, 3, 7, 5]), (3, 2, [1, 2, 8, 9]), (2, 1, [1, 1, 4, 4])] {
        let x = random("pool", &shape);
        let ours = max_pool2d(&x, kernel, stride).expect("ours");
        let second = x.max_pool2d_with_stride(kernel, stride).expect("candle's");
        same("max_pool2d", &ours, &second);
    }
    let x = Tensor::new(&[[[[1.0, f64::NAN], [0.0, 2.0]]]], &Device::Cpu).expect("a tensor");
    let out = flat(&max_pool2d(&x, 2, 2).expect("pools"));
    assert!(out[0].is_nan(), "a value that is no number must stay visible, not vanish in a maximum");
    assert!(flat(&relu(&x).expect("rectifies"))[1].is_nan(), "nor in a rectifier");
}

#[test]
fn other_gradients_are_right() {
    check("relu", &[&[4, 6]], |t| relu(&t[0]));
    check("layer_norm", &[&[3, 2, 2, 2], &[8], &[8]], |t| layer_norm(&t[0], &t[1], &t[2]));
    check("dropout", &[&[4, 6]], |t| dropout(&t[0], 0.4, &mut Streams::new(5).dropout(1, 1)));
    for smoothing in [0.0, 0.1] {
        check("cross_entropy", &[&[4, 3]], |t| cross_entropy(&t[0], vec![0, 2, 1, 2], smoothing));
    }
    check("mean_squared_error", &[&[4, 1]], |t| mean_squared_error(&t[0], vec![0.5, -1.0, 2.0, 0.0]));
}

#[test]
fn losses_equal_reference_values() {
    let logits = Tensor::new(&[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], &Device::Cpu).expect("logits");
    let loss = |smoothing| {
        let loss = cross_entropy(&logits, vec![2, 0], smoothing).expect("a loss");
        loss.to_scalar::<f64>().expect("a number")
    };
    // (ln(e + e² + e³) − 3 + ln 3) / 2; smoothing by 0.3 moves 0.1 of the share to each class.
    assert!((loss(0.0) - 0.753_109_126_556_245).abs() < 1e-12, "{}", loss(0.0));
    assert!((loss(0.3) - 0.903_109_126_556_245).abs() < 1e-12, "{}", loss(0.3));
    let huge = Tensor::new(&[[1e300, -1e300]], &Device::Cpu).expect("logits");
    let loss = cross_entropy(&huge, vec![0], 0.0).and_then(|loss| loss.to_scalar::<f64>()).expect("a loss");
    assert!(loss == 0.0, "large logits must not overflow: {loss}");
}

#[test]
fn dropout_keeps_the_mean() {
    let ones = Tensor::ones(100_000, DType::F64, &Device::Cpu).expect("ones");
    let out = flat(&dropout(&ones, 0.25, &mut Streams::new(1).dropout(0, 1)).expect("drops"));
    let left_out = out.iter().filter(|&&value| value == 0.0).count() as f64 / 100_000.0;
    assert!((left_out - 0.25).abs() < 0.007, "a quarter is left out, not {left_out}");
    let mean = out.iter().sum::<f64>() / 100_000.0;
    assert!((mean - 1.0).abs() < 0.01, "the mean stays 1, not {mean}");
}

/// Devices without our kernels must learn the same.
#[test]
fn second_forms_have_right_gradients() {
    check("portable pool", &[&[2, 2, 6, 7]], |t| pool::portable(&t[0], 3, 2));
    check("portable linear", &[&[5, 7], &[4, 7], &[4]], |t| linear::portable(&t[0], &t[1], &t[2], true));
    for (stride, padding) in [(1, 1), (2, 0)] {
        let op = Convolution { stride, padding, rectified: true };
        check("portable conv2d", &[&[2, 2, 6, 5], &[3, 2, 3, 3], &[3]], |t| {
            conv::portable(&t[0], &t[1], &t[2], op)
        });
    }
    let logits = random("logits", &[4, 3]);
    let labels = vec![0, 2, 1, 2];
    let ours = cross_entropy(&logits, labels.clone(), 0.1).expect("ours");
    let second = loss::portable_cross_entropy(&logits, labels, 0.1).expect("second form");
    let (ours, second) = (flat(&ours)[0], flat(&second)[0]);
    assert!((ours - second).abs() < 1e-6, "{ours} against {second}");
    check("portable cross_entropy", &[&[4, 3]], |t| {
        loss::portable_cross_entropy(&t[0], vec![0, 2, 1, 2], 0.1)
    });
}
