// A resolver for (name, type) that answers from the zone of a request
// with what dns.promises.resolve would have said.
'use strict';

const { domainToASCII } = require('node:url');

const MAX_ALIASES = 8;
const CODES = {
  nxdomain: 'ENOTFOUND',
  nodata: 'ENODATA',
  servfail: 'ESERVFAIL',
  timeout: 'ETIMEOUT',
};

// Names without case and final dot (RFC 4343).
function key(name) {
  return name
    .replace(/\.$/, '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function failure(code, name) {
  const error = new Error(`queryTxt ${code} ${name}`);
  return Object.assign(error, { code, syscall: 'queryTxt', hostname: name });
}

// What c-ares refuses to ask: labels and names that are too long (RFC 1035
// section 2.3.4) or have characters that no host name has.
function isBadName(name) {
  return name.length > 253 || !/^[\w/*-]{1,63}(\.[\w/*-]{1,63})*$/.test(name);
}

// Node asks for A-labels. What has none is asked for nevertheless, as a name
// that cannot exist.
function toAscii(name) {
  const ascii = /^[\x00-\x7f]*$/.test(name) ? name : domainToASCII(name);
  if (ascii === '') {
    throw failure('ENOTFOUND', name);
  }
  return ascii;
}

// Node hands out the octets of TXT records as Latin-1.
function text(part) {
  const octets =
    typeof part === 'string' ? Buffer.from(part) : Buffer.from(part.hex, 'hex');
  return octets.toString('latin1');
}

// A word as it is, an alias as it is, records as dns.promises gives them.
function readEntry(name, entry) {
  if (Array.isArray(entry)) {
    return entry.map((record) => [record].flat().map(text));
  }
  if (CODES[entry] !== undefined || typeof entry.cname === 'string') {
    return entry;
  }
  throw new Error(`zone, ${name}: cannot be served by a resolver hook`);
}

function find(zone, name) {
  let at = key(name);
  for (let hops = 0; hops <= MAX_ALIASES; ++hops) {
    const entry = zone.get(at) ?? 'nxdomain';
    if (entry.cname === undefined) {
      return entry;
    }
    at = key(entry.cname);
  }
  return 'servfail'; // As a resolver says of an endless chain.
}

function resolverFor(zone) {
  const entries = new Map(
    Object.entries(zone).map(([name, entry]) => [
      key(name),
      readEntry(name, entry),
    ])
  );
  return async (name) => {
    const asked = toAscii(name);
    if (isBadName(key(asked))) {
      throw failure('EBADNAME', name);
    }
    const entry = find(entries, asked);
    if (typeof entry === 'string') {
      throw failure(CODES[entry], name);
    }
    return entry;
  };
}

module.exports = { resolverFor };
