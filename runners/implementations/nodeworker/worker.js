// Serves docs/worker-protocol.md on stdin and stdout for programs on Node.
'use strict';

const { Resolver } = require('node:dns').promises;
const fs = require('node:fs');
const readline = require('node:readline');
const { parseArgs } = require('node:util');
const { resolverFor } = require('./zone.js');

// Libraries print to the console; stdout is the protocol's.
console.log = console.debug = console.info = console.error;

// How keys reach the library: in the zone of each request, or, in the sandbox,
// from the name server of resolv.conf.
function dnsWay() {
  const { values } = parseArgs({
    options: { dns: { type: 'string', default: 'request' } },
  });
  if (!['request', 'sandbox'].includes(values.dns)) {
    throw new Error(`--dns ${values.dns}: there are request and sandbox`);
  }
  return values.dns;
}

function octets(request) {
  return request.message_path
    ? fs.readFileSync(request.message_path)
    : Buffer.from(request.message, 'base64');
}

// Node's resolver, as libraries use it, but for its patience: by default it asks
// four times, ever longer, and may take more than the 20 s that a message has.
function ownResolver() {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  return (name, type) => resolver.resolve(name, type);
}

// `start` is added to the answer to "start"; `verify(message, resolver, now)`
// gives the members of an answer, or rejects where there is no verdict.
// `sign(message, request)` gives the signed message, or nothing where it does
// not know the algorithm.
function serve(start, verify, sign) {
  const dns = dnsWay();
  const ops = {
    start: async () => ({
      protocol: 1,
      language: 'javascript',
      ops: sign ? ['verify', 'sign'] : ['verify'],
      dns,
      reports: 'each',
      ...start,
    }),
    verify: async (request) => {
      const resolver =
        dns === 'request' ? resolverFor(request.zone ?? {}) : ownResolver();
      return verify(octets(request), resolver, request.now ?? undefined);
    },
  };
  if (sign) {
    ops.sign = async (request) => {
      const message = await sign(octets(request), request);
      return message
        ? { message: message.toString('base64') }
        : { unsupported: request.algorithm };
    };
  }

  async function answer(line) {
    let id;
    try {
      const request = JSON.parse(line);
      id = request.id;
      if (!Object.hasOwn(ops, request.op)) {
        throw new Error(`unknown op '${request.op}'`);
      }
      return { id, ...(await ops[request.op](request)) };
    } catch (error) {
      return { id, error: error.stack };
    }
  }

  async function loop() {
    const lines = readline.createInterface({ input: process.stdin });
    for await (const line of lines) {
      if (line.trim()) {
        process.stdout.write(JSON.stringify(await answer(line)) + '\n');
      }
    }
  }

  loop();
}

module.exports = { serve };
