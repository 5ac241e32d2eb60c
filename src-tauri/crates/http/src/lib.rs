//! Asks HTTP servers within limits of time and size, and keeps secrets where they belong.
//!
//! Place in the river: below whatever brings bytes from a server that speaks no Git: remotes of DVC, a registry of
//! `MLflow`. A server that stalls for half a minute is given up; [`Stop`] is heard within a second or so.
//!
//! Never here: a secret in an error or handed to another origin by a redirect, a body kept in memory without a limit.

mod client;
mod error;
mod request;

pub use client::Client;
pub use error::Error;
pub use request::{Answer, Login, Method, Request};

#[cfg(doc)]
use keelmark_types::Stop;
