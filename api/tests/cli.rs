//! The program as an operator meets it: exit codes, and one clear line for what cannot start.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn command(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afterview"));
    command.args(arguments).current_dir(folder).env_clear();
    command.env("TMPDIR", folder).envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let folder = TempDir::new().unwrap();
    command(folder.path(), arguments, settings).output().unwrap()
}

/// Code 2, nothing on standard output, and exactly one line on standard error.
#[track_caller]
fn refused(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

#[test]
fn wrong_settings_are_named_together_in_one_line() {
    let settings = [
        ("AFTERVIEW_LISTEN", "nowhere"),
        ("AFTERVIEW_LOG_FORMAT", "xml"),
        ("AFTERVIEW_ADMIN_LISTEN", "9464"),
        ("AFTERVIEW_SLOW_QUERY_MS", "often"),
        ("AFTERVIEW_DATABASE", "x"),
    ];
    assert_eq!(
        refused(&run(&["serve"], &settings)),
        "afterview: AFTERVIEW_DATABASE is not a setting of this version (see afterview --help); \
         AFTERVIEW_LISTEN=nowhere is not an address and port such as 127.0.0.1:8080; \
         AFTERVIEW_ADMIN_LISTEN=9464 is not off or an address and port such as 127.0.0.1:9464; \
         AFTERVIEW_SLOW_QUERY_MS=often is not a whole number of milliseconds; \
         AFTERVIEW_LOG_FORMAT=xml is not text or json"
    );
}

#[test]
fn a_damaged_env_file_is_one_line_without_its_content() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "AFTERVIEW_LOG=info\nPASSWORD=hunter2 \"x\nA=b\n")
        .unwrap();
    let output = command(folder.path(), &[], &[]).output().unwrap();
    assert_eq!(refused(&output), "afterview: .env: entry 2 is not NAME=value");
}

#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refused(&run(&[], &[("AFTERVIEW_LISTEN", &address)]));
    assert!(line.starts_with(&format!("afterview: cannot listen on {address}: ")), "{line}");
}

#[test]
fn a_file_that_is_no_database_is_one_line_and_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes.txt");
    fs::write(&file, "not a database, but long enough to look like one at a first glance").unwrap();
    let url = format!("sqlite://{}", file.display());
    for subcommand in ["serve", "migrate"] {
        let settings =
            [("AFTERVIEW_DATABASE_URL", url.as_str()), ("AFTERVIEW_LISTEN", "127.0.0.1:0")];
        let line = refused(&run(&[subcommand], &settings));
        assert!(line.contains("notes.txt"), "{line}");
    }
    assert!(fs::read_to_string(&file).unwrap().starts_with("not a database"));
}

#[test]
fn a_folder_in_place_of_the_database_is_one_line() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().display());
    let settings = [("AFTERVIEW_DATABASE_URL", url.as_str()), ("AFTERVIEW_LISTEN", "127.0.0.1:0")];
    let line = refused(&run(&[], &settings));
    assert!(line.starts_with("afterview: cannot open the database "), "{line}");
}

#[test]
fn help_names_every_setting() {
    let output = run(&["--help"], &[]);
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for setting in afterview_api::config::SETTINGS {
        assert!(help.contains(setting.name), "{}", setting.name);
    }
}

#[test]
fn an_unknown_command_ends_with_code_2() {
    assert_eq!(run(&["sreve"], &[]).status.code(), Some(2));
}

#[test]
fn migrate_says_what_it_did_and_then_that_nothing_is_left() {
    let folder = TempDir::new().unwrap();
    let say = || {
        let output = command(folder.path(), &["migrate"], &[]).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(say().lines().all(|line| line.starts_with("applied ")));
    assert_eq!(say(), "the schema is up to date\n");
}

#[test]
fn a_new_epoch_says_how_many_accounts_have_it() {
    let folder = TempDir::new().unwrap();
    let output = command(folder.path(), &["new-epoch"], &[]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0 accounts have a new epoch\n");
}

#[test]
fn the_demo_tells_the_story_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let output = command(folder.path(), &["demo"], &[]).output().unwrap();
    let story = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(story.contains("Thank Anna Novak: too soon now; Thursday 7 May at 09:00"), "{story}");
    assert!(story.trim_end().contains("Now is a good time to ask where things stand."), "{story}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_server_prints_its_address_first_and_ends_cleanly_when_told_to() {
    let folder = TempDir::new().unwrap();
    let mut server =
        command(folder.path(), &[], &[("AFTERVIEW_LISTEN", "127.0.0.1:0")]).spawn().unwrap();
    let line = first_line(&mut server);
    assert!(line.starts_with("afterview listening on http://127.0.0.1:"), "{line}");
    stop(&mut server);
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/afterview.db")), (0o700, 0o600));
}

#[test]
fn health_is_code_0_with_a_server_and_code_1_with_one_line_without() {
    let folder = TempDir::new().unwrap();
    let mut server =
        command(folder.path(), &[], &[("AFTERVIEW_LISTEN", "127.0.0.1:0")]).spawn().unwrap();
    let line = first_line(&mut server);
    let address = line.trim().rsplit("http://").next().unwrap();
    // As containers have it: everywhere, at a port.
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    let settings = [("AFTERVIEW_LISTEN", everywhere.as_str())];
    let well = run(&["health"], &settings);
    assert_eq!(well.status.code(), Some(0), "{well:?}");
    assert_eq!(
        String::from_utf8(well.stdout).unwrap(),
        format!("ready: http://{address}/readyz\n")
    );
    stop(&mut server);
    let gone = run(&["health"], &settings);
    let text = String::from_utf8(gone.stderr).unwrap();
    assert_eq!((gone.status.code(), text.lines().count()), (Some(1), 1), "{text}");
    assert!(
        text.starts_with(&format!("afterview: not ready: http://{address}/readyz: ")),
        "{text}"
    );
}

#[test]
fn figures_have_an_address_of_their_own_on_the_second_line() {
    let folder = TempDir::new().unwrap();
    let settings = [("AFTERVIEW_LISTEN", "127.0.0.1:0"), ("AFTERVIEW_ADMIN_LISTEN", "127.0.0.1:0")];
    let mut server = command(folder.path(), &[], &settings).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap);
    let public = lines.next().unwrap();
    let admin = lines.next().unwrap();
    let address = |line: &str, what: &str| {
        let address = line.strip_prefix(what).unwrap_or_else(|| panic!("{line}"));
        address.to_owned()
    };
    let public = address(&public, "afterview listening on http://");
    let admin = address(&admin, "afterview admin on http://");
    let request = "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let (text, _) = ask(&admin, request, "# EOF\n");
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    assert!(text.contains("\nafterview_database_up 1.0\n"), "{text}");
    let (refused, _) = ask(&public, request, "}");
    assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    stop(&mut server);
    assert!(TcpStream::connect(&admin).is_err(), "it ends with the rest");
}

#[test]
fn an_open_stream_does_not_hold_up_the_stop() {
    let folder = TempDir::new().unwrap();
    let mut server =
        command(folder.path(), &[], &[("AFTERVIEW_LISTEN", "127.0.0.1:0")]).spawn().unwrap();
    let line = first_line(&mut server);
    let address = line.trim().rsplit("http://").next().unwrap();
    let answer = register(address);
    let (_, token) = answer.split_once(r#""access_token":""#).unwrap();
    let token = token.split('"').next().unwrap();
    let listen =
        format!("GET /v1/sync/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    let (poke, mut stream) = ask(address, &listen, "\n\n");
    assert!(poke.contains("event: poke"), "{poke}");
    let began = Instant::now();
    stop(&mut server);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

/// Stops a server in good order.
fn stop(server: &mut Child) {
    let order = format!("kill -TERM {}", server.id());
    assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

/// Makes an account and returns the answer.
fn register(address: &str) -> String {
    let account = r#"{"email":"anna@example.org","password":"correct horse battery","device":{}}"#;
    let length = account.len();
    let register = format!(
        "POST /v1/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{account}"
    );
    ask(address, &register, "}").0
}

/// Sends a request and reads until what came ends so.
fn ask(address: &str, request: &str, end: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    while !text.trim_end_matches("\r\n").ends_with(end) {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "{text}");
        text.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
    }
    (text, stream)
}

fn first_line(server: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line
}

/// A folder with the database of a server that has one account and was stopped.
fn folder_with_an_account() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut server =
        command(folder.path(), &[], &[("AFTERVIEW_LISTEN", "127.0.0.1:0")]).spawn().unwrap();
    let line = first_line(&mut server);
    let answer = register(line.trim().rsplit("http://").next().unwrap());
    assert!(answer.contains("access_token"), "{answer}");
    stop(&mut server);
    folder
}

#[test]
fn a_copy_tells_how_far_it_is_and_says_at_the_end_what_was_copied_and_what_was_not() {
    let folder = folder_with_an_account();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let (from, to) = (url("data/afterview.db"), url("moved/copy.db"));
    for (first, done) in [
        ("accounts copied: 1, equal already: 0", "1 of 1 accounts, 5 rows, "),
        ("accounts copied: 0, equal already: 1", "1 of 1 accounts, 0 rows, "),
    ] {
        let output = run(&["copy", "--from", &from, "--to", &to], &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let [told, said] = [output.stderr, output.stdout].map(|it| String::from_utf8(it).unwrap());
        assert_eq!(said.lines().next(), Some(first));
        assert!(said.contains("the live records, their digest"), "{said}");
        assert!(said.contains("left behind: the signing keys"), "{said}");
        assert!(told.lines().all(|line| line.ends_with(" rows/s")), "{told}");
        assert!(told.lines().last().unwrap().starts_with(done), "{told}");
    }
}

#[test]
fn a_copy_that_is_refused_is_one_line_with_code_2_and_never_shows_a_password() {
    let folder = folder_with_an_account();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let (from, absent) = (url("data/afterview.db"), url("absent.db"));
    let secret = "postgres://anna:hunter2@127.0.0.1:1/afterview";
    for (from, to, why) in [
        (from.as_str(), secret, "cannot connect to the database: "),
        (secret, absent.as_str(), "cannot connect to the database: "),
        (&from, &from, "source and target are the same database"),
        (&absent, &from, "there is no database "),
        ("mysql://anna:hunter2@x", &from, "the database URL must begin with "),
    ] {
        let line = refused(&run(&["copy", "--from", from, "--to", to], &[]));
        assert!(line.starts_with(&format!("afterview: {why}")), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    assert!(!folder.path().join("absent.db").exists());
    assert_eq!(run(&["copy", "--from", &from], &[]).status.code(), Some(2));
}
