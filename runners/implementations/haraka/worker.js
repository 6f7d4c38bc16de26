// A worker around haraka-plugin-dkim, without the mail server Haraka.
'use strict';

const dns = require('node:dns');
const { version } = require('haraka-plugin-dkim/package.json');
const { DKIMVerifyStream } = require('haraka-plugin-dkim/lib/dkim');
const { serve } = require('../nodeworker/worker.js');

const TIMEOUT_SECONDS = 30; // The plugin's own default.

// What the stream calls back with, once all signatures are judged.
function judge(message) {
  return new Promise((resolve) => {
    const stream = new DKIMVerifyStream(
      { timeout: TIMEOUT_SECONDS },
      (error, _, results) => resolve({ error, stream, results })
    );
    stream.write(message);
    stream.end();
  });
}

// Results come in the order in which they were ready; back to the order of the
// message. The fields of a signature are known even where it is not valid.
function inMessageOrder(stream, results) {
  const left = [...results];
  return stream.dkim_objects.map(({ fields }) => {
    const at = left.findIndex(
      (result) => result.domain === fields.d && result.selector === fields.s
    );
    const [result] = left.splice(Math.max(at, 0), 1);
    return {
      d: fields.d,
      s: fields.s,
      b: fields.b?.slice(0, 16),
      result: result.result,
      says: result.error,
    };
  });
}

async function verify(message, resolver) {
  // It has no hook, but asks Node for TXT records and nothing else.
  dns.promises.resolveTxt = (name) => resolver(name);
  const { error, stream, results } = await judge(message);
  if (error) {
    return { silent: true, says: error.message };
  }
  return { signatures: inMessageOrder(stream, results) };
}

serve(
  {
    name: 'haraka',
    version,
    features: ['rsa-sha256', 'ed25519-sha256'],
    takes: [],
  },
  verify
);
