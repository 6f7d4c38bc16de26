//! A worker around viadkim: docs/worker-protocol.md on stdin and stdout.

mod message;
mod zone;

use base64ct::{Base64, Encoding};
use serde_json::{json, Map, Value};
use std::{
    error::Error,
    io::{self, BufRead, Write},
    time::{Duration, SystemTime},
};
use viadkim::verifier::{Config, VerificationResult, VerificationStatus};

/// Of the library; Cargo.toml pins it.
const VERSION: &str = "0.2.0";

type Failure = Box<dyn Error>;

fn octets(request: &Value) -> Result<Vec<u8>, Failure> {
    if let Some(path) = request["message_path"].as_str() {
        return Ok(std::fs::read(path)?);
    }
    let text = request["message"]
        .as_str()
        .ok_or("request has no message")?;
    Base64::decode_vec(text).map_err(|_| "message is not base64".into())
}

/// An error and what caused it.
fn words_of(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", words_of(cause)),
        None => error.to_string(),
    }
}

fn describe(result: &VerificationResult) -> Value {
    let mut answer = Map::new();
    if let Some(signature) = &result.signature {
        answer.insert("d".into(), signature.domain.to_string().into());
        answer.insert("s".into(), signature.selector.to_string().into());
        let b = Base64::encode_string(&signature.signature_data);
        answer.insert("b".into(), b.chars().take(16).collect::<String>().into());
    }
    let word = result.status.to_dkim_result().to_string();
    answer.insert("result".into(), word.into());
    if let VerificationStatus::Failure(error) = &result.status {
        answer.insert("says".into(), words_of(error).into());
    }
    Value::Object(answer)
}

fn verify(request: &Value) -> Result<Value, Failure> {
    let zone = zone::Zone::read(&request["zone"])?;
    let octets = octets(request)?;
    let (header, body) = match message::split(&octets) {
        Ok(parts) => parts,
        // The library takes no such header: nothing is said of signatures.
        Err(error) => return Ok(json!({"silent": true, "says": words_of(&error)})),
    };
    let now = request["now"].as_u64().map(Duration::from_secs);
    let config = Config {
        fixed_system_time: now.map(|seconds| SystemTime::UNIX_EPOCH + seconds),
        ..Config::default()
    };
    let mut results = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?
        .block_on(viadkim::verify(&zone, &header, body, &config));
    results.sort_by_key(|result| result.index);
    Ok(json!({"signatures": results.iter().map(describe).collect::<Vec<_>>()}))
}

fn start() -> Value {
    json!({
        "protocol": 1,
        "name": "viadkim",
        "version": VERSION,
        "language": "rust",
        "ops": ["verify"],
        "features": ["rsa-sha256", "ed25519-sha256", "eai"],
        "takes": ["now"],
        "dns": "request",
        "reports": "each",
    })
}

fn answer(line: &str) -> Value {
    let request: Value = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => return json!({"error": format!("request is not understood: {error}")}),
    };
    let mut reply = match request["op"].as_str() {
        Some("start") => return start(),
        Some("verify") => {
            verify(&request).unwrap_or_else(|error| json!({"error": words_of(&*error)}))
        }
        _ => json!({"error": "unknown op"}),
    };
    if let Some(id) = request.get("id") {
        reply["id"] = id.clone();
    }
    reply
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            let mut out = io::stdout().lock();
            writeln!(out, "{}", answer(&line))?;
            out.flush()?;
        }
    }
    Ok(())
}
