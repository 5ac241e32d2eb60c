//! What the desk tells its windows, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use keelmark_api::{Desk, DeskEvent};
use tokio::sync::mpsc;

/// A page that is this many events behind is cut off; it comes back and gets a whole snapshot.
const BEHIND: usize = 256;
/// How soon a page that was cut off comes back.
const RETRY: Duration = Duration::from_millis(100);

/// An endless answer with every event from now on, the snapshot first.
pub fn stream(desk: &Desk) -> Response {
    let (sender, receiver) = mpsc::channel::<String>(BEHIND);
    let hear = move |event: &DeskEvent| {
        let text = serde_json::to_string(event);
        text.is_ok_and(|text| sender.try_send(text).is_ok())
    };
    desk.subscribe(Box::new(hear));
    let told = stream::unfold(receiver, |mut receiver| async {
        let text = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Event::default().data(text).retry(RETRY)), receiver))
    });
    Sse::new(told).keep_alive(KeepAlive::default()).into_response()
}
