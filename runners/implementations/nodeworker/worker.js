// Serves docs/worker-protocol.md on stdin and stdout for programs on Node.
'use strict';

const fs = require('node:fs');
const readline = require('node:readline');
const { resolverFor } = require('./zone.js');

// Libraries print to the console; stdout is the protocol's.
console.log = console.debug = console.info = console.error;

function octets(request) {
  return request.message_path
    ? fs.readFileSync(request.message_path)
    : Buffer.from(request.message, 'base64');
}

// `start` is added to the answer to "start"; `verify(message, resolver, now)`
// gives the members of an answer, or rejects where there is no verdict;
// `sign(message, request)` gives the signed message, or nothing where it does
// not know the algorithm.
function serve(start, verify, sign) {
  const ops = {
    start: async () => ({
      protocol: 1,
      language: 'javascript',
      ops: sign ? ['verify', 'sign'] : ['verify'],
      dns: 'request',
      reports: 'each',
      ...start,
    }),
    verify: async (request) => {
      const resolver = resolverFor(request.zone ?? {});
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
