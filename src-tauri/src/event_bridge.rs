//! Carries what the desk tells to the pages that listen, until their page is gone.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keelmark_api::{Desk, DeskEvent};
use tauri::ipc::Channel;

use crate::arguments::target_of;

/// Which page each window shows, and how it is told of events.
#[derive(Clone)]
pub struct EventBridge {
    desk: Desk,
    pages: Arc<Mutex<HashMap<String, Page>>>,
}

/// A page as it was loaded. A reload is another page.
#[derive(Default)]
struct Page {
    number: u64,
    channel: Option<Channel<DeskEvent>>,
}

impl EventBridge {
    /// Nothing is carried yet.
    pub fn new(desk: Desk) -> Self {
        Self { desk, pages: Arc::default() }
    }

    /// The window shows another page: whatever listened in the one before is forgotten.
    pub fn turn_page(&self, window: &str) {
        let mut pages = self.pages();
        let page = pages.entry(window.to_owned()).or_default();
        *page = Page { number: page.number + 1, channel: None };
    }

    /// The window is gone.
    pub fn forget(&self, window: &str) {
        self.pages().remove(window);
    }

    /// Carries every event to the page that the window shows now.
    pub fn carry(&self, window: &str, channel: Channel<DeskEvent>) {
        let number = {
            let mut pages = self.pages();
            let page = pages.entry(window.to_owned()).or_default();
            page.channel = Some(channel.clone());
            page.number
        };
        let (bridge, window) = (self.clone(), window.to_owned());
        self.desk.subscribe(Box::new(move |event| {
            let is_shown = bridge.pages().get(&window).is_some_and(|page| page.number == number);
            is_shown && channel.send(event.clone()).is_ok()
        }));
    }

    /// Something was dropped on a window, and opens in that one.
    pub fn drop_on(&self, window: &str, paths: Vec<PathBuf>) {
        let target = target_of(paths);
        let channel = self.pages().get(window).and_then(|page| page.channel.clone());
        let told =
            channel.is_some_and(|channel| channel.send(DeskEvent::Open { target: target.clone() }).is_ok());
        if !told {
            self.desk.ask_to_open(target);
        }
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<String, Page>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
