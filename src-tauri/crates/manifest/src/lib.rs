//! Declarative files: model.yaml, model.lock, gates and environments, their schema and their errors.
