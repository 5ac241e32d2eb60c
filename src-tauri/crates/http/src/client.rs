//! The client: one connection kept open, redirects followed by hand.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use curl::easy::{Easy, List};
use keelmark_types::{Outcome, Stop};
use url::Url;

use crate::request::host_of;
use crate::{Answer, Error, Method, Request};

/// A server that sends nothing for so long is given up.
pub(crate) const STALL_SECS: u64 = 30;
/// So often an answer may point elsewhere.
const MAX_REDIRECTS: usize = 5;
/// So much of a refusal is kept, for what it says.
const MAX_REFUSAL_BYTES: usize = 1 << 16;

/// Takes bytes in as they come.
type Take<'a> = &'a mut dyn FnMut(&[u8]) -> std::io::Result<()>;

/// Asks servers, one question after the other; connections are kept for the next.
pub struct Client {
    easy: RefCell<Easy>,
    stall: Duration,
}

impl Default for Client {
    fn default() -> Self {
        Self { easy: RefCell::new(Easy::new()), stall: Duration::from_secs(STALL_SECS) }
    }
}

/// How one exchange ended.
struct Exchanged {
    answer: Answer,
    location: Option<String>,
}

impl Client {
    /// Gives up sooner, for tests.
    #[must_use]
    pub fn impatient(stall: Duration) -> Self {
        Self { stall, ..Self::default() }
    }

    /// Asks, and hands the body of a success on as it comes. A redirect is followed without login and headers where it
    /// leads to another origin, and never from https to http.
    pub fn send(&self, request: &Request<'_>, take: Take<'_>, stop: &Stop) -> Result<Outcome<Answer>, Error> {
        let mut request = request.clone();
        for _ in 0..=MAX_REDIRECTS {
            let Exchanged { answer, location } = match self.exchange(&request, take, stop)? {
                Outcome::Done(exchanged) => exchanged,
                Outcome::Stopped { kept } => return Ok(Outcome::Stopped { kept }),
            };
            let Some(location) = location.filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308))
            else {
                return Ok(Outcome::Done(answer));
            };
            // What was sent is not sent again to wherever an answer points.
            if request.method != Method::Get {
                return Ok(Outcome::Done(answer));
            }
            let next = next_of(&request.url, &location)?;
            if next.origin() != request.url.origin() {
                request.login = None;
                request.headers.clear();
            }
            request.url = next;
        }
        let host = host_of(&request.url);
        Err(Error::Unreachable { host, why: format!("it points elsewhere over {MAX_REDIRECTS} times") })
    }

    /// Asks, and keeps the whole body of the answer, which may have `limit_bytes`.
    pub fn ask(
        &self,
        request: &Request<'_>,
        limit_bytes: u64,
        stop: &Stop,
    ) -> Result<Outcome<Answer>, Error> {
        let mut body = Vec::new();
        let mut is_too_large = false;
        let mut take = |portion: &[u8]| {
            is_too_large = (body.len() + portion.len()) as u64 > limit_bytes;
            if is_too_large {
                return Err(std::io::Error::other("too large"));
            }
            body.extend_from_slice(portion);
            Ok(())
        };
        let sent = self.send(request, &mut take, stop);
        if is_too_large {
            return Err(Error::TooLarge { host: host_of(&request.url), limit_bytes });
        }
        Ok(match sent? {
            Outcome::Done(answer) if answer.is_success() => Outcome::Done(Answer { body, ..answer }),
            other => other,
        })
    }

    fn exchange(
        &self,
        request: &Request<'_>,
        take: Take<'_>,
        stop: &Stop,
    ) -> Result<Outcome<Exchanged>, Error> {
        let host = host_of(&request.url);
        if stop.is_raised() {
            return Ok(stopped());
        }
        let mut easy = self.easy.borrow_mut();
        easy.reset();
        set_up(&mut easy, request, self.stall).map_err(|error| unreachable(&host, &error))?;
        let status = Cell::new(0_u16);
        let mut location = None;
        let mut refusal = Vec::new();
        let mut refused_to_take = None;
        let sent = {
            let body = request.body.unwrap_or_default();
            let mut sent_bytes = 0;
            let mut transfer = easy.transfer();
            let ready = transfer
                .header_function(|line| {
                    note_header(line, &status, &mut location);
                    true
                })
                .and_then(|()| {
                    transfer.write_function(|portion| {
                        if !(200..300).contains(&status.get()) {
                            let room = MAX_REFUSAL_BYTES.saturating_sub(refusal.len()).min(portion.len());
                            refusal.extend_from_slice(portion.get(..room).unwrap_or_default());
                            return Ok(portion.len());
                        }
                        match take(portion) {
                            Ok(()) => Ok(portion.len()),
                            Err(error) => {
                                refused_to_take = Some(error);
                                // Fewer bytes than were offered end the transfer.
                                Ok(0)
                            }
                        }
                    })
                })
                .and_then(|()| {
                    transfer.read_function(|room| {
                        let rest = body.get(sent_bytes..).unwrap_or_default();
                        let taken = rest.len().min(room.len());
                        if let (Some(room), Some(rest)) = (room.get_mut(..taken), rest.get(..taken)) {
                            room.copy_from_slice(rest);
                        }
                        sent_bytes += taken;
                        Ok(taken)
                    })
                })
                .and_then(|()| transfer.progress_function(|_, _, _, _| !stop.is_raised()));
            ready.and_then(|()| transfer.perform())
        };
        match sent {
            _ if stop.is_raised() => Ok(stopped()),
            Err(_) if refused_to_take.is_some() => {
                let source = refused_to_take.unwrap_or_else(|| std::io::Error::other("refused"));
                Err(Error::Storage { host, source })
            }
            Err(error) if error.is_operation_timedout() => Err(Error::TimedOut { host }),
            Err(error) => Err(unreachable(&host, &error)),
            Ok(()) => Ok(Outcome::Done(Exchanged {
                answer: Answer { status: status.get(), body: refusal },
                location,
            })),
        }
    }
}

fn set_up(easy: &mut Easy, request: &Request<'_>, stall: Duration) -> Result<(), curl::Error> {
    let mut url = request.url.clone();
    // A user and password of an address are not curl's to send on.
    if url.set_username("").is_ok() {
        url.set_password(None).unwrap_or_default();
    }
    easy.url(url.as_str())?;
    easy.useragent(concat!("keelmark/", env!("CARGO_PKG_VERSION")))?;
    easy.progress(true)?;
    easy.signal(false)?;
    easy.path_as_is(true)?;
    easy.connect_timeout(stall)?;
    easy.low_speed_limit(1)?;
    easy.low_speed_time(stall)?;
    let mut headers = List::new();
    for (name, value) in &request.headers {
        headers.append(&format!("{name}: {value}"))?;
    }
    if let Some(body) = request.body {
        if request.method == Method::Put {
            easy.upload(true)?;
            easy.in_filesize(body.len() as u64)?;
        } else {
            easy.post(true)?;
            easy.post_field_size(body.len() as u64)?;
        }
        // Small bodies need no permission first.
        headers.append("Expect:")?;
    }
    easy.http_headers(headers)?;
    if let Some(login) = request.login {
        easy.username(login.user)?;
        easy.password(login.password)?;
    }
    Ok(())
}

fn note_header(line: &[u8], status: &Cell<u16>, location: &mut Option<String>) {
    let line = String::from_utf8_lossy(line);
    if let Some(rest) = line.strip_prefix("HTTP/") {
        let code = rest.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        status.set(code.unwrap_or(0));
        *location = None;
    } else if let Some((name, value)) = line.split_once(':')
        && name.eq_ignore_ascii_case("location")
    {
        *location = Some(value.trim().to_owned());
    }
}

fn next_of(from: &Url, location: &str) -> Result<Url, Error> {
    let next = from.join(location).map_err(|error| Error::Unreachable {
        host: host_of(from),
        why: format!("it points to what is no address ({error})"),
    })?;
    let is_safe = matches!((from.scheme(), next.scheme()), ("http", "http" | "https") | ("https", "https"));
    if is_safe && next.host_str().is_some() {
        return Ok(next);
    }
    Err(Error::Unreachable {
        host: host_of(from),
        why: "it points to an address that is less safe".to_owned(),
    })
}

fn unreachable(host: &str, error: &curl::Error) -> Error {
    // What curl adds of its own names the address, with its query.
    Error::Unreachable { host: host.to_owned(), why: error.description().to_lowercase() }
}

fn stopped<T>() -> Outcome<T> {
    Outcome::Stopped { kept: String::new() }
}
