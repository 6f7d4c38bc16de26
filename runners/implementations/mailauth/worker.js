// A worker around mailauth.
'use strict';

const { dkimVerify } = require('mailauth/lib/dkim/verify');
const { dkimSign } = require('mailauth/lib/dkim/sign');
const { version } = require('mailauth/package.json');
const { serve } = require('../nodeworker/worker.js');

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

async function verify(message, resolver, now) {
  const curTime = now === undefined ? undefined : new Date(now * 1000);
  const { headers, results } = await dkimVerify(message, { resolver, curTime });
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

async function sign(message, request) {
  const algorithm = request.algorithm ?? 'rsa-sha256';
  if (algorithm !== 'rsa-sha256') {
    return undefined;
  }
  const parts = ['header', 'body'].map(
    (part) => request[`${part}_canonicalization`] ?? 'relaxed'
  );
  const { signatures, errors } = await dkimSign(message, {
    canonicalization: parts.join('/'),
    algorithm,
    signatureData: [
      {
        signingDomain: request.domain,
        selector: request.selector,
        privateKey: request.key_pem,
      },
    ],
  });
  if (errors.length > 0) {
    throw errors[0].err;
  }
  return Buffer.concat([Buffer.from(signatures), message]);
}

serve(
  {
    name: 'mailauth',
    version,
    features: ['rsa-sha1', 'rsa-sha256', 'ed25519-sha256'],
    takes: ['now'],
  },
  verify,
  sign
);
