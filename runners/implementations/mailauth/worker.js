// A worker around mailauth: docs/worker-protocol.md on stdin and stdout.
'use strict';

const fs = require('node:fs');
const readline = require('node:readline');
const { dkimVerify } = require('mailauth/lib/dkim/verify');
const { version } = require('mailauth/package.json');
const { resolverFor } = require('./zone.js');

// The library prints to the console; stdout is the protocol's.
console.log = console.error;

const START = {
  protocol: 1,
  name: 'mailauth',
  version,
  language: 'javascript',
  ops: ['verify'],
  features: ['rsa-sha1', 'rsa-sha256', 'ed25519-sha256'],
  takes: ['now'],
  dns: 'request',
  reports: 'each',
};

function describe(result) {
  const { status } = result;
  return {
    d: result.signingDomain,
    s: result.selector,
    b: result.signature?.slice(0, 16),
    result: status.result,
    says: status.comment || JSON.stringify(status.policy),
  };
}

async function verify(request) {
  const message = request.message_path
    ? fs.readFileSync(request.message_path)
    : Buffer.from(request.message, 'base64');
  const options = { resolver: resolverFor(request.zone ?? {}) };
  if (typeof request.now === 'number') {
    options.curTime = new Date(request.now * 1000);
  }
  const { headers, results } = await dkimVerify(message, options);
  const judged = results.filter((result) => result.selector !== undefined);
  const fields = (headers?.parsed ?? []).filter(
    (header) => header.key === 'dkim-signature'
  );
  // Without anything to judge, it says "none", also of a signed message.
  if (judged.length === 0 && fields.length > 0) {
    return { silent: true, says: results[0]?.status.comment };
  }
  return { signatures: judged.map(describe) };
}

async function answer(line) {
  let request;
  try {
    request = JSON.parse(line);
  } catch (error) {
    return { error: `request is not understood: ${error.message}` };
  }
  const { id, op } = request;
  if (op === 'start') {
    return START;
  }
  if (op !== 'verify') {
    return { id, error: `unknown op '${op}'` };
  }
  try {
    return { id, ...(await verify(request)) };
  } catch (error) {
    return { id, error: error.stack };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim()) {
      process.stdout.write(JSON.stringify(await answer(line)) + '\n');
    }
  }
}

main();
