//! Notifications of the system.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use notify_rust::Notification;

/// Notifications that are kept up: some systems take one back when whoever sent it lets go of it.
const KEPT: usize = 8;

/// Shows notifications one after another, on a thread of its own.
pub struct Notifications(SyncSender<Notification>);

impl Notifications {
    /// Waits for notifications to show.
    pub fn begin() -> io::Result<Self> {
        let (tell, told) = sync_channel::<Notification>(KEPT);
        thread::Builder::new().name("keelmark-notify".to_owned()).spawn(move || {
            let mut kept = VecDeque::new();
            for notification in told {
                match notification.show() {
                    Ok(shown) => kept.push_back(shown),
                    Err(error) => tracing::warn!(%error, "the system shows no notification"),
                }
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
        })?;
        Ok(Self(tell))
    }

    /// Shows one, unless too many wait already.
    pub fn show(&self, title: &str, body: &str) {
        let mut notification = Notification::new();
        notification
            .appname("Keelmark")
            .icon("keelmark-desktop")
            .summary(&as_line(title))
            .body(&as_text(body));
        if self.0.try_send(notification).is_err() {
            tracing::warn!("a notification was left out: others wait to be shown");
        }
    }
}

fn as_line(title: &str) -> String {
    title.replace(char::is_control, " ")
}

/// A system may read markup in a body: names from a repository are only ever text.
fn as_text(body: &str) -> String {
    let line = |letter: char| letter.is_control() && letter != '\n';
    let body = body.replace(line, " ");
    body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_stays_text() {
        assert_eq!(as_text("<a href='x'>a</a> & b\u{7}"), "&lt;a href='x'&gt;a&lt;/a&gt; &amp; b ");
    }
}
