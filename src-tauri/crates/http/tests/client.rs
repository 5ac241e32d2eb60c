//! The client against a server of a few lines, which says exactly what it was told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use keelmark_http::{Answer, Client, Error, Login, Request};
use keelmark_types::{Outcome, Stop};

/// Answers one connection after the other with what is given, and tells what was asked.
struct Server {
    address: String,
    asked: Receiver<String>,
}

fn server(answers: Vec<Vec<u8>>, stays_open: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let (tell, asked) = sync_channel(8);
    let serve = move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else { return };
            tell.send(request_of(&stream)).unwrap_or_default();
            let mut stream = stream;
            stream.write_all(&answer).unwrap_or_default();
            std::thread::sleep(stays_open);
        }
    };
    std::thread::Builder::new().name("server".to_owned()).spawn(serve).expect("a thread");
    Server { address, asked }
}

fn request_of(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        let is_end = line == "\r\n" || line.is_empty();
        text.push_str(&line);
        if is_end {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    text + &String::from_utf8_lossy(&body)
}

fn says(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn done(outcome: Outcome<Answer>) -> Answer {
    let Outcome::Done(answer) = outcome else { panic!("nobody stopped it") };
    answer
}

const NOT_LONG: Duration = Duration::ZERO;

#[test]
fn what_is_there_is_handed_on_and_a_refusal_is_kept() {
    let server = server(vec![says("200 OK", "", "one,two"), says("404 Not Found", "", "nothing")], NOT_LONG);
    let client = Client::default();
    let url = Request::parse(&format!("http://{}/a?b=c", server.address)).expect("an address");
    let request =
        Request::get(url).login(Some(Login { user: "ada", password: "secret" })).header("X-Own", "1");
    let mut got = Vec::new();
    let mut take = |portion: &[u8]| {
        got.extend_from_slice(portion);
        Ok(())
    };
    let answer = done(client.send(&request, &mut take, &Stop::new()).expect("answered"));
    assert!(answer.is_success() && answer.body.is_empty());
    let answer = done(client.send(&request, &mut take, &Stop::new()).expect("answered"));
    assert_eq!((answer.status, answer.body.as_slice()), (404, b"nothing".as_slice()));
    assert_eq!(got, b"one,two", "what a refusal says is not what was asked for");
    let asked = server.asked.recv().expect("it was asked");
    assert!(asked.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{asked}");
    // printf ada:secret | base64
    assert!(asked.contains("Authorization: Basic YWRhOnNlY3JldA==") && asked.contains("X-Own: 1"), "{asked}");
}

#[test]
fn a_redirect_takes_no_secret_to_another_origin() {
    let other = server(vec![says("200 OK", "", "x")], NOT_LONG);
    let location = format!("Location: http://{}/there\r\n", other.address);
    let first = server(vec![says("302 Found", &location, "moved")], NOT_LONG);
    let url = Request::parse(&format!("http://{}/", first.address)).expect("an address");
    let login = Login { user: "ada", password: "secret" };
    let request = Request::get(url).login(Some(login)).header("X-Token", "secret");
    let answer = done(Client::default().ask(&request, 100, &Stop::new()).expect("answered"));
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"x".as_slice()), "it was followed");
    assert!(first.asked.recv().expect("asked").contains("X-Token: secret"));
    let asked = other.asked.recv().expect("asked");
    assert!(
        asked.starts_with("GET /there") && !asked.contains("Authorization") && !asked.contains("secret"),
        "{asked}"
    );

    let unsafe_one = server(vec![says("302 Found", "Location: file:///etc/passwd\r\n", "")], NOT_LONG);
    let url = Request::parse(&format!("http://{}/", unsafe_one.address)).expect("an address");
    let told = Client::default().ask(&Request::get(url), 100, &Stop::new()).expect_err("refused");
    assert!(told.to_string().contains("less safe"), "{told}");
}

#[test]
fn a_body_is_sent_and_an_answer_has_its_limit() {
    let server = server(vec![says("200 OK", "", "{}"), says("200 OK", "", &"x".repeat(200))], NOT_LONG);
    let url = Request::parse(&format!("http://{}/api", server.address)).expect("an address");
    let request = Request::post(url, b"{\"name\": \"digits\"}").header("Content-Type", "application/json");
    let answer = done(Client::default().ask(&request, 100, &Stop::new()).expect("answered"));
    assert_eq!(answer.body, b"{}");
    let asked = server.asked.recv().expect("asked");
    assert!(asked.starts_with("POST /api") && asked.ends_with("{\"name\": \"digits\"}"), "{asked}");
    let told = Client::default().ask(&request, 100, &Stop::new());
    assert!(matches!(told, Err(Error::TooLarge { limit_bytes: 100, .. })), "{told:?}");
}

#[test]
fn a_server_that_stalls_is_given_up_and_a_stop_is_heard() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec();
    let server = server(vec![half.clone(), half], Duration::from_secs(20));
    let url = Request::parse(&format!("http://{}/", server.address)).expect("an address");
    let began = Instant::now();
    let client = Client::impatient(Duration::from_secs(2));
    let told = client.ask(&Request::get(url.clone()), 1000, &Stop::new());
    assert!(matches!(told, Err(Error::TimedOut { .. })), "{told:?}");
    assert!(began.elapsed() < Duration::from_secs(15), "after {:?}", began.elapsed());

    // The server is still busy with the first: this one waits for an answer.
    let stop = Stop::new();
    let raised = stop.clone();
    let raise = move || {
        std::thread::sleep(Duration::from_millis(300));
        raised.raise();
    };
    std::thread::Builder::new().name("stop".to_owned()).spawn(raise).expect("a thread");
    let began = Instant::now();
    let told = Client::default().ask(&Request::get(url), 1000, &stop).expect("an outcome");
    assert!(matches!(told, Outcome::Stopped { .. }));
    assert!(began.elapsed() < Duration::from_secs(10), "after {:?}", began.elapsed());
}

#[test]
fn nobody_there_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let url = Request::parse(&format!("http://127.0.0.1:{port}/x?secret")).expect("an address");
    let told = Client::default().ask(&Request::get(url), 100, &Stop::new()).expect_err("nobody");
    assert!(matches!(told, Error::Unreachable { .. }) && !told.to_string().contains("secret"), "{told}");
}
