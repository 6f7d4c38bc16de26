//! The zone of a request, behind the look-up trait of viadkim.

use serde_json::Value;
use std::{
    collections::HashMap,
    future::{ready, Ready},
    io::{self, ErrorKind},
};
use viadkim::verifier::LookupTxt;

const MAX_ALIASES: usize = 8;

#[derive(Clone)]
enum Entry {
    Texts(Vec<Vec<u8>>), // One for each record, its strings joined.
    Alias(String),
    Fails(ErrorKind),
}

/// Names are in lower case, without final dot (RFC 4343).
#[derive(Clone)]
pub struct Zone(HashMap<String, Entry>);

fn key(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn string(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        other => unhex(other["hex"].as_str()?),
    }
}

fn record(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Array(parts) => parts
            .iter()
            .map(string)
            .collect::<Option<Vec<_>>>()
            .map(|p| p.concat()),
        single => string(single),
    }
}

fn entry(value: &Value) -> Option<Entry> {
    match value {
        Value::Array(records) => records
            .iter()
            .map(record)
            .collect::<Option<_>>()
            .map(Entry::Texts),
        Value::String(word) => match word.as_str() {
            "nxdomain" | "nodata" => Some(Entry::Fails(ErrorKind::NotFound)),
            "servfail" => Some(Entry::Fails(ErrorKind::Other)),
            "timeout" => Some(Entry::Fails(ErrorKind::TimedOut)),
            _ => None,
        },
        other => Some(Entry::Alias(key(other["cname"].as_str()?))),
    }
}

impl Zone {
    pub fn read(value: &Value) -> Result<Self, String> {
        let mut zone = HashMap::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            let entry = entry(value)
                .ok_or_else(|| format!("zone, {name}: cannot be served by a resolver hook"))?;
            zone.insert(key(name), entry);
        }
        Ok(Self(zone))
    }

    fn find(&self, name: &str) -> io::Result<Vec<Vec<u8>>> {
        let mut name = key(name);
        for _ in 0..=MAX_ALIASES {
            match self.0.get(&name) {
                None => return Err(ErrorKind::NotFound.into()),
                Some(Entry::Fails(kind)) => return Err((*kind).into()),
                Some(Entry::Texts(texts)) => return Ok(texts.clone()),
                Some(Entry::Alias(target)) => name = target.clone(),
            }
        }
        Err(ErrorKind::Other.into()) // As a resolver says of an endless chain.
    }
}

impl LookupTxt for Zone {
    type Answer = Vec<io::Result<Vec<u8>>>;
    type Query<'a> = Ready<io::Result<Self::Answer>>;

    fn lookup_txt(&self, domain: &str) -> Self::Query<'_> {
        ready(
            self.find(domain)
                .map(|texts| texts.into_iter().map(Ok).collect()),
        )
    }
}
