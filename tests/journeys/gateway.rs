//! A data API behind Debian's nginx, with the configuration of `tests/clients/nginx`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use latchkey::base::id::KeyId;
use serde_json::json;

use crate::support::journeys;
use crate::support::leash::{self, Leash};
use crate::support::postgres::free_port;
use crate::support::world::{Answer, Application, World};

/// A data API of somebody else: it knows no tokens, and answers with the headers it was told.
struct DataApi(SocketAddr);

impl DataApi {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || answer(stream));
            }
        });
        Self(address)
    }
}

fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let body = json!(head).to_string();
    let length = body.len();
    let _ =
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
}

/// nginx between the world and a data API.
struct Gateway {
    url: String,
    _leash: Leash,
}

impl Gateway {
    fn start(latchkey: SocketAddr, data_api: SocketAddr) -> Self {
        let folder = leash::folder("nginx");
        let address = format!("127.0.0.1:{}", free_port());
        let example = std::fs::read_to_string("tests/clients/nginx/nginx.conf").unwrap();
        let mut config = example.clone();
        for (known, ours) in
            [("127.0.0.1:8080", latchkey.to_string()), ("127.0.0.1:9000", data_api.to_string()), ("127.0.0.1:8443", address.clone())]
        {
            assert_eq!(example.matches(known).count(), 1, "{known}");
            config = config.replace(known, &ours);
        }
        std::fs::write(folder.join("nginx.conf"), config).unwrap();
        let program = leash::program("nginx", &[PathBuf::from("/usr/sbin")]).expect("nginx: apt-get install nginx-light");
        let mut command = Command::new(program);
        command.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
        command.args(["-e", "stderr", "-g", &format!("daemon off; pid {}/nginx.pid;", folder.display())]);
        let leash = Leash::start(&mut command, folder, ":");
        let begun = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nginx does not listen:\n{}", leash.output());
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { url: format!("http://{address}"), _leash: leash }
    }

    fn asks(&self, world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        world.request(method, &format!("{}{path}", self.url), headers, None)
    }

    fn reads_listings(&self, world: &World, token: &str) -> Answer {
        self.asks(world, "GET", "/v1/listings?_limit=5", &[("authorization", &format!("Bearer {token}"))])
    }
}

#[test]
fn the_example_replaces_every_header_a_data_api_could_be_told() {
    let example = std::fs::read_to_string("tests/clients/nginx/nginx.conf").unwrap();
    let source = std::fs::read_to_string("src/flows/gate.rs").unwrap();
    let names: Vec<&str> = source.split("\"x-latchkey-").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let set = format!("proxy_set_header X-Latchkey-{name} ").to_lowercase();
        assert!(example.to_lowercase().contains(&set), "{name}");
    }
}

const SETTINGS: [(&str, &str); 2] = [("gateways", "127.0.0.1"), ("rates.private", "5")];

#[test]
fn nginx_lets_through_what_latchkey_allows_and_answers_the_rest_in_the_platforms_words() {
    if !journeys() {
        return;
    }
    let world = World::with(&SETTINGS);
    let data_api = DataApi::start();
    let gateway = Gateway::start(world.address, data_api.0);
    let ada = world.token_of("cv.ada", "w");
    let authorization = format!("OAuth {ada}");

    let forged = [
        ("authorization", authorization.as_str()),
        ("x-latchkey-role", "public"),
        ("x-latchkey-restriction", "none"),
        ("x-latchkey-consumer", "20261001000000000000000999"),
        ("x-latchkey-contact", "20261001000000000000000998"),
    ];
    let answer = gateway.asks(&world, "GET", "/v1/listings?_filter=City%20Eq%20%27Fargo%27", &forged);
    assert_eq!(answer.status, 200, "{answer:?}");
    let head: Vec<String> = serde_json::from_str(&answer.body).unwrap();
    let told = |name: &str| head.iter().filter(|line| line.to_lowercase().starts_with(&format!("{name}: "))).collect::<Vec<_>>();
    assert_eq!(head[0], "GET /v1/listings?_filter=City%20Eq%20%27Fargo%27 HTTP/1.1");
    assert_eq!(told("x-latchkey-role"), ["X-Latchkey-Role: private"]);
    assert_eq!(told("x-latchkey-key"), [&format!("X-Latchkey-Key: {}", world.w().client_id)]);
    assert!(told("authorization").is_empty() && told("x-latchkey-restriction").is_empty(), "{head:?}");
    assert!(told("x-latchkey-consumer").is_empty() && told("x-latchkey-contact").is_empty(), "{head:?}");
    assert!(answer.header("ratelimit").unwrap().starts_with("\"key\";r=4;"), "{answer:?}");

    gateway.reads_listings(&world, "lka_nothing").is_api_error(401, 1000);
    gateway.asks(&world, "GET", "/v1/listings", &[]).is_api_error(401, 1000);
    gateway.asks(&world, "GET", "/elsewhere", &[("authorization", &authorization)]).is_api_error(404, 404);
    // Another gateway's language in the caller's mouth is not listened to.
    let other = [("authorization", authorization.as_str()), ("x-forwarded-uri", "/v1/my/account"), ("x-forwarded-method", "GET")];
    gateway.asks(&world, "GET", "/elsewhere", &other).is_api_error(404, 404);
    for _ in 0..4 {
        assert_eq!(gateway.reads_listings(&world, &ada).status, 200);
    }
    let answer = gateway.reads_listings(&world, &ada);
    answer.is_api_error(429, 1550);
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    world.advance(latchkey::base::Seconds::hours(25));
    gateway.reads_listings(&world, &ada).is_api_error(401, 1020);
    drop(world);
    // Nobody passes unasked.
    let world = World::new();
    gateway.reads_listings(&world, &ada).is_api_error(503, 1510);
}

#[test]
fn a_key_that_staff_made_works_through_nginx_until_staff_switches_it_off_on_both_nodes() {
    if !journeys() {
        return;
    }
    let world = World::with(&[("gateways", "127.0.0.1")]);
    let second = world.second_node(&[("gateways", "127.0.0.1")]);
    let data_api = DataApi::start();
    let gateways = [Gateway::start(world.address, data_api.0), Gateway::start(second.address, data_api.0)];
    let staff = world.staff();

    let developer = json!({ "FirstName": "Dora", "LastName": "Developer", "Email": "dora@example.com" });
    let developer = world.api(&staff, "POST", "/v1/developers/identities", Some(developer)).result(201);
    let keys = format!("{}/keys", developer["ResourceUri"].as_str().unwrap());
    let wish = json!({
        "Name": "Open House", "Type": "OAuth2", "RedirectUri": "https://app.example/callback", "ApplicationUri": "https://app.example/",
        "Roles": ["private"],
    });
    let made = world.api(&staff, "POST", &keys, Some(wish)).result(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let application = Application {
        client_id: text("Key"),
        secret: Some(text("Secret")),
        redirect_uri: text("RedirectUri"),
        id: KeyId(made["Id"].as_i64().unwrap()),
    };
    let tokens = world.agent("cv.ada").grants(&application);
    let token = tokens["access_token"].as_str().unwrap();
    for gateway in &gateways {
        assert_eq!(gateway.reads_listings(&world, token).status, 200);
    }

    world.api(&staff, "PUT", &text("ResourceUri"), Some(json!({ "Enabled": false }))).result(200);
    let switched_off = Instant::now();
    for gateway in &gateways {
        loop {
            let asked = switched_off.elapsed();
            let answer = gateway.reads_listings(&world, token);
            if answer.status == 401 {
                answer.is_api_error(401, 1010);
                break;
            }
            // A second is promised, and what was asked before its end may be answered after it.
            assert!(asked < Duration::from_millis(1200), "{answer:?}");
            std::thread::sleep(Duration::from_millis(25));
        }
        println!("refused {} ms after it was switched off", switched_off.elapsed().as_millis());
    }
}
