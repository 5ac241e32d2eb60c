//! A release is told to a registry of `MLflow`: answers of the real server, as `make_registry.py` wrote them down.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use keelmark_journeys::TestWorld;
use serde_json::Value;

/// What was asked: method, path, and the body where it is JSON.
type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// Answers one question after the other as the server did.
fn replay(exchanges: Vec<Value>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let work = move || {
        for exchange in exchanges {
            let Ok((mut stream, _)) = listener.accept() else { return };
            noted.lock().expect("nobody panicked").push(question(&stream));
            let body = exchange["answer"].to_string();
            let status = &exchange["status"];
            let head =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).unwrap_or_default();
        }
    };
    std::thread::Builder::new().name("registry".to_owned()).spawn(work).expect("a thread");
    (address, asked)
}

fn question(stream: &TcpStream) -> (String, String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).expect("a line");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().and_then(|path| path.split('?').next()).unwrap_or_default().to_owned();
    (method, path, serde_json::from_slice(&body).unwrap_or_default())
}

#[test]
fn a_release_is_registered_once_with_its_commit_and_an_alias() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/mlflow/registry.json");
    let told: Value = serde_json::from_slice(&std::fs::read(file).expect("the fixture")).expect("as written");
    let exchanges = told["exchanges"].as_array().expect("exchanges").clone();
    let (address, asked) = replay(exchanges.clone());
    let world = TestWorld::new();
    world.keelmark(&["init", "demo", "--sample", "digits", "--json"]).ok();
    let folder = world.path().join("demo");
    let register =
        || world.keelmark_in(&folder, &["env", "register", "production", "--mlflow", &address, "--json"]);
    assert_eq!(register().expecting(3).problem()["code"], "invalid_request", "nothing is promoted yet");
    assert!(asked.lock().expect("nobody panicked").is_empty(), "so nobody is asked");
    let promote = ["promote", "HEAD", "--to", "production", "--override", "It is a test", "--json"];
    let promoted = world.keelmark_in(&folder, &promote).ok().json();

    let first = register().ok().json();
    assert_eq!(
        (&first["created"], &first["version"], &first["release"], &first["alias"], &first["commit"]),
        (&true.into(), &"1".into(), &"v1.0.0".into(), &"production".into(), &promoted["version"])
    );
    assert_eq!(first["source"], told["registered"]["model_version"]["source"]);
    let again = register().ok().json();
    assert_eq!(
        (&again["created"], &again["version"]),
        (&false.into(), &"1".into()),
        "it is found by its digest"
    );

    let asked = asked.lock().expect("nobody panicked").clone();
    assert_eq!(asked.len(), exchanges.len());
    for ((method, path, sent), exchange) in asked.iter().zip(&exchanges) {
        assert_eq!(
            (&exchange["method"], &exchange["path"]),
            (&method.as_str().into(), &path.as_str().into())
        );
        for field in ["name", "alias", "version", "run_id", "source", "experiment_id", "run_name", "status"] {
            assert_eq!(sent[field], exchange["sent"][field], "{field} of {path}");
        }
        // The commit is the same each time; run and digest are not.
        assert_eq!(sent["tags"][0], exchange["sent"]["tags"][0], "{path}");
    }

    let nobody = world
        .keelmark_in(&folder, &["env", "register", "production", "--mlflow", "http://127.0.0.1:1", "--json"]);
    assert_eq!(nobody.expecting(5).problem()["code"], "unreachable");
}
