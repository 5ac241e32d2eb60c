//! Credentials for reading from a remote: what the user's own git knows, never a prompt.

use gix::credentials::helper::{Action, NextAction};
use gix::credentials::protocol::{Context, ContextOptions, Outcome};

use crate::control::{Control, QUESTION_LIMIT};

/// Asks `git credential` of the user's global configuration.
pub(crate) fn answer(action: Action) -> gix::Result<Option<Outcome>> {
    let (subcommand, input) = match action {
        Action::Get(context) => ("fill", context.to_bstring()),
        Action::Store(context) => ("approve", context),
        Action::Erase(context) => ("reject", context),
    };
    let said = Control::new().and_then(|control| {
        control.git("credential").arg(subcommand).stdin(input.into()).limit(QUESTION_LIMIT).output()
    });
    let said = match said {
        Ok(output) if output.success && subcommand == "fill" => output.stdout,
        Ok(_) => return Ok(None),
        Err(error) => {
            tracing::warn!(%error, "git credential did not answer");
            return Ok(None);
        }
    };
    let mut context = Context::from_bytes(&said, ContextOptions::default())?;
    let (Some(username), Some(password)) = (context.username.clone(), context.password.clone()) else {
        return Ok(None);
    };
    let oauth_refresh_token = context.oauth_refresh_token.take();
    let identity = gix::sec::identity::Account { username, password, oauth_refresh_token };
    Ok(Some(Outcome { identity, next: NextAction::from(context) }))
}
