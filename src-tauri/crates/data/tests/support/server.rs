//! A web server of a few lines: files of a folder, to whoever has the password where one is demanded.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub struct Files {
    pub address: String,
    /// The first line of each request.
    pub asked: Arc<Mutex<Vec<String>>>,
}

/// Serves what lies in `folder`; `authorization` is the header that is demanded.
pub fn serve(folder: PathBuf, authorization: Option<&'static str>) -> Files {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let work = move || {
        while let Ok((stream, _)) = listener.accept() {
            answer(stream, &folder, authorization, &noted);
        }
    };
    std::thread::Builder::new().name("files".to_owned()).spawn(work).expect("a thread");
    Files { address, asked }
}

fn answer(
    mut stream: TcpStream,
    folder: &std::path::Path,
    authorization: Option<&str>,
    noted: &Mutex<Vec<String>>,
) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let is_let_in = lines
        .take_while(|line| !line.is_empty())
        .fold(authorization.is_none(), |is, line| is || Some(line.as_str()) == authorization);
    noted.lock().expect("nobody panicked").push(first.clone());
    let path = first.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or_default().to_owned();
    let (status, body) = match std::fs::read(folder.join(path.trim_start_matches('/'))) {
        _ if !is_let_in => ("401 Unauthorized", b"no".to_vec()),
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), &body].concat()).unwrap_or_default();
}
