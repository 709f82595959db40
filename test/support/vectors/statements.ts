/** The examples of what a client signs to prove itself on one connection. */
import { readFileSync } from 'node:fs';
import { enrolStatement, loginStatement, renewStatement, type Statement, toBase64url, toHex } from '@chat/protocol';
import { domainSeparated } from '@chat/signatures';
import type { SignerOf } from './people.ts';
import { unsafeSeededRandom } from './seeded-random.ts';

/** A certificate request in PEM, made once. */
const request = readFileSync(new URL('../../../vectors/request.pem', import.meta.url), 'utf8');

export function makeStatements(signerOf: SignerOf) {
  const random = unsafeSeededRandom('statements');
  const connection = {
    ca: toHex(random(32)),
    nonce: toBase64url(random(32)),
    channel: toBase64url(random(32)),
  };
  const signer = signerOf('alice');
  const example = ({ domain, data }: Statement) => ({
    domain,
    data: new TextDecoder().decode(data),
    signed: toHex(domainSeparated(domain, data)),
    signature: toBase64url(signer.sign(domain, data)),
  });
  return {
    ...connection,
    user: 'alice',
    by: signer.fingerprint,
    request,
    enrol: example(enrolStatement(connection, 'alice', request)),
    renew: example(renewStatement(connection, 'alice', request)),
    login: example(loginStatement(connection, 'alice')),
  };
}
