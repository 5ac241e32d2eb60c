//! The kinds of files that are told apart.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An ONNX model.
    Onnx,
    /// Tensors by safetensors.
    Safetensors,
    /// The description of a model packed by `MLflow`.
    MlModel,
    /// A Python pickle.
    Pickle,
    /// A pickle by joblib, which may be compressed.
    Joblib,
    /// Tensors by `PyTorch`, which have a pickle in them.
    PyTorch,
    /// A program by `TorchScript` or `torch.export`.
    TorchScript,
    /// A Keras model of the newer kind, a zip.
    Keras,
    /// A Keras model or its weights in HDF5.
    KerasHdf5,
    /// Any other HDF5.
    Hdf5,
    /// A `TensorFlow` `SavedModel`.
    SavedModel,
    /// A `TensorFlow` Lite model.
    TfLite,
    /// An `XGBoost` model as JSON.
    XgboostJson,
    /// An `XGBoost` model as UBJSON.
    XgboostUbj,
    /// A `LightGBM` model as text.
    LightGbm,
    /// A `CatBoost` model.
    CatBoost,
    /// A model for llama.cpp.
    Gguf,
    /// Events for `TensorBoard`.
    EventFile,
    /// `MLflow`'s database.
    MlflowDatabase,
    /// An array by NumPy.
    Npy,
    /// Several arrays by NumPy.
    Npz,
    /// A Parquet table.
    Parquet,
    /// An Arrow or Feather table.
    Arrow,
    /// A table with commas.
    Csv,
    /// A table with tabulators.
    Tsv,
    /// A JSON value a line.
    JsonLines,
    /// A model card.
    ModelCard,
    /// Results of an evaluation beside a model card.
    EvalResults,
}

/// What files are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A model or its weights.
    Model,
    /// Data, of examples or predictions.
    Data,
    /// What was recorded while training.
    Log,
    /// What people say of a model.
    Card,
}

/// How files of a kind begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Each in the same way, so that others are none.
    Magic,
    /// As any text.
    Text,
    /// In many ways.
    Any,
    /// In the same way, and others of that name are no mistake.
    Only,
}

impl Kind {
    /// What it is, in words that go into a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Onnx => "an ONNX model",
            Self::Safetensors => "a safetensors file",
            Self::MlModel => "an MLflow model",
            Self::Pickle => "a pickle",
            Self::Joblib => "a joblib file",
            Self::PyTorch => "a PyTorch file",
            Self::TorchScript => "a TorchScript program",
            Self::Keras => "a Keras model",
            Self::KerasHdf5 => "a Keras HDF5 file",
            Self::Hdf5 => "an HDF5 file",
            Self::SavedModel => "a TensorFlow SavedModel",
            Self::TfLite => "a TensorFlow Lite model",
            Self::XgboostJson => "an XGBoost model (JSON)",
            Self::XgboostUbj => "an XGBoost model (UBJSON)",
            Self::LightGbm => "a LightGBM model",
            Self::CatBoost => "a CatBoost model",
            Self::Gguf => "a GGUF model",
            Self::EventFile => "a TensorBoard event file",
            Self::MlflowDatabase => "an MLflow database",
            Self::Npy => "a NumPy array",
            Self::Npz => "a NumPy archive",
            Self::Parquet => "a Parquet table",
            Self::Arrow => "an Arrow table",
            Self::Csv => "a CSV table",
            Self::Tsv => "a TSV table",
            Self::JsonLines => "a JSON Lines file",
            Self::ModelCard => "a model card",
            Self::EvalResults => "evaluation results",
        }
    }

    /// What it is for.
    pub fn family(self) -> Family {
        match self {
            Self::EventFile | Self::MlflowDatabase => Family::Log,
            Self::Npy
            | Self::Npz
            | Self::Parquet
            | Self::Arrow
            | Self::Csv
            | Self::Tsv
            | Self::JsonLines
            | Self::Hdf5 => Family::Data,
            Self::ModelCard | Self::EvalResults => Family::Card,
            _ => Family::Model,
        }
    }

    /// Whether to load it may run code that lies in it: it is told by its digest and size, and never loaded.
    pub fn is_opaque(self) -> bool {
        matches!(
            self,
            Self::Pickle | Self::Joblib | Self::PyTorch | Self::TorchScript | Self::Keras | Self::KerasHdf5
        )
    }

    /// The kind that files of this name are.
    pub(super) fn of_name(path: &str, name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "mlmodel" => return Some(Self::MlModel),
            "mlflow.db" => return Some(Self::MlflowDatabase),
            "saved_model.pb" => return Some(Self::SavedModel),
            "readme.md" | "model_card.md" | "modelcard.md" => return Some(Self::ModelCard),
            _ => {}
        }
        if lower.contains("tfevents") {
            return Some(Self::EventFile);
        }
        let compressed = [".gz", ".bz2", ".xz", ".lzma", ".z", ".lz4"];
        let (plain, is_compressed) = compressed
            .iter()
            .find_map(|ending| lower.strip_suffix(ending))
            .map_or((lower.as_str(), false), |plain| (plain, true));
        let ending = plain.rsplit_once('.').map(|(_, ending)| ending)?;
        Some(match ending {
            "joblib" => Self::Joblib,
            // Only joblib compresses by itself.
            "pkl" | "pickle" if is_compressed => Self::Joblib,
            "pkl" | "pickle" | "p" => Self::Pickle,
            _ if is_compressed => return None,
            "onnx" => Self::Onnx,
            "safetensors" => Self::Safetensors,
            "pt" | "pth" | "ckpt" => Self::PyTorch,
            "pt2" => Self::TorchScript,
            "keras" => Self::Keras,
            "h5" | "hdf5" => Self::Hdf5,
            "tflite" => Self::TfLite,
            "ubj" => Self::XgboostUbj,
            "cbm" => Self::CatBoost,
            "gguf" => Self::Gguf,
            "npy" => Self::Npy,
            "npz" => Self::Npz,
            "parquet" => Self::Parquet,
            "arrow" | "feather" => Self::Arrow,
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "yaml" | "yml" if path.split('/').any(|part| part == ".eval_results") => Self::EvalResults,
            _ => return None,
        })
    }

    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Csv | Self::Tsv | Self::JsonLines | Self::EvalResults | Self::MlModel => Shape::Text,
            // The first pickles have no sign, and checkpoints are of many makers.
            Self::Pickle | Self::Joblib | Self::PyTorch | Self::SavedModel => Shape::Any,
            Self::ModelCard => Shape::Only,
            _ => Shape::Magic,
        }
    }
}
