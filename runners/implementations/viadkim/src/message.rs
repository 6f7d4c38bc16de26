//! Cuts a message into the header fields and the body that viadkim takes. The
//! library has a parser of its own for text only; this one is for octets, and
//! leaves to the library what a field may hold.

use viadkim::header::{HeaderFieldError, HeaderFields};

type Field = (String, Vec<u8>);

/// The next line without its CRLF, and what follows it.
fn line(octets: &[u8]) -> (&[u8], &[u8]) {
    match octets.windows(2).position(|pair| pair == b"\r\n") {
        Some(end) => (&octets[..end], &octets[end + 2..]),
        None => (octets, &[]),
    }
}

fn field(line: &[u8]) -> Result<Field, HeaderFieldError> {
    let colon = line
        .iter()
        .position(|c| *c == b':')
        .ok_or(HeaderFieldError)?;
    let name = String::from_utf8(line[..colon].to_vec()).map_err(|_| HeaderFieldError)?;
    Ok((name, line[colon + 1..].to_vec()))
}

pub fn split(message: &[u8]) -> Result<(HeaderFields, &[u8]), HeaderFieldError> {
    let mut fields: Vec<Field> = vec![];
    let mut rest = message;
    while !rest.is_empty() {
        let (next, after) = line(rest);
        rest = after;
        match next.first() {
            None => break, // The empty line before the body.
            Some(b' ' | b'\t') => {
                let (_, value) = fields.last_mut().ok_or(HeaderFieldError)?;
                value.extend_from_slice(b"\r\n");
                value.extend_from_slice(next);
            }
            Some(_) => fields.push(field(next)?),
        }
    }
    Ok((HeaderFields::from_vec(fields)?, rest))
}
