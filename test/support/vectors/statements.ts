/** The examples of what a client signs outside of a log: statements of authentication, a prekey and a knock. */
import { readFileSync } from 'node:fs';
import {
  enrolStatement,
  knockDomain,
  loginStatement,
  prekeyStatement,
  renewStatement,
  type Statement,
  toBase64url,
  toHex,
  utf8,
} from '@chat/protocol';
import { composeKnock, createRoomCrypto } from '@chat/room';
import { domainSeparated } from '@chat/signatures';
import { unsafeSeededRandom } from './seeded-random.ts';
import type { SignerOf } from './signers.ts';

/** A certificate request in PEM. */
const request = readFileSync(new URL('../../../vectors/request.pem', import.meta.url), 'utf8');
const now = 1_800_000_000_000;

/** Returns the content of `statements.json`. */
export function makeStatements(signerOf: SignerOf) {
  const random = unsafeSeededRandom('statements');
  const connection = {
    ca: toHex(random(32)),
    nonce: toBase64url(random(32)),
    channel: toBase64url(random(32)),
  };
  const signer = signerOf('alice');
  const crypto = createRoomCrypto(random);
  const prekey = { publicKey: toBase64url(crypto.newPrekey().publicKey), madeAt: now };
  const roomId = toHex(random(32));
  const knock = composeKnock({ user: 'alice', signer, crypto, now }, roomId);

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
    prekey: {
      ...prekey,
      ...example(prekeyStatement(connection.ca, { user: 'alice', prekey: prekey.publicKey, madeAt: now })),
    },
    knock: { room: roomId, knock, signed: toHex(domainSeparated(knockDomain(roomId), utf8(knock.payload))) },
  };
}
