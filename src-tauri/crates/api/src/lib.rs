//! Every action and question a client may send, with its problems and events.
