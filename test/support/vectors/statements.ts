/** The examples of what a client signs outside of a log: statements of authentication, a prekey, a knock and a heartbeat. */
import { readFileSync } from 'node:fs';
import {
  authorityDigest,
  enrolStatement,
  heartbeatDomain,
  heartbeatEvery,
  keyRenewalStatement,
  knockDomain,
  logFingerprint,
  loginStatement,
  prekeyStatement,
  renewStatement,
  type Statement,
  successionStatement,
  toBase64url,
  toHex,
  utf8,
  withdrawalStatement,
} from '@chat/protocol';
import {
  composeHeartbeat,
  composeKnock,
  createRoomCrypto,
  emptyRoom,
  type RoomCrypto,
  type Signer,
  UserMap,
} from '@chat/room';
import { domainSeparated } from '@chat/signatures';
import { unsafeSeededRandom } from './seeded-random.ts';
import type { SignerOf } from './signers.ts';

/** A certificate request in PEM. */
const request = readFileSync(new URL('../../../vectors/request.pem', import.meta.url), 'utf8');
const now = 1_800_000_000_000;

interface HeartbeatParts {
  readonly roomId: string;
  readonly logHash: string;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
}

/** Returns a heartbeat of Alice, who is a member of a room and has read five entries. */
function heartbeatExample({ roomId, logHash, signer, crypto }: HeartbeatParts) {
  const { fingerprint, publicKey } = signer;
  const member = { user: 'alice', fingerprint, key: toBase64url(publicKey), joinedAt: 1, readsFrom: 1, roleSeq: 1 };
  const state = {
    ...emptyRoom(roomId, fingerprint),
    head: { seq: 5, hash: logHash },
    members: UserMap.of({ [fingerprint]: { ...member, role: 'owner' as const } }),
  };
  return composeHeartbeat({ user: 'alice', signer, crypto, now }, state, heartbeatEvery(2));
}

/** Returns what CAs sign when one follows another: the fields, the exact bytes, and the digest of what a server then shows. */
function authorityExample(serverId: string) {
  const bytes = ({ domain, data }: Statement) => ({
    data: new TextDecoder().decode(data),
    signed: toHex(domainSeparated(domain, data)),
  });
  const fields = { number: 2, previous: 'a1'.repeat(32), next: 'b2'.repeat(32), from: now + 604_800_000, madeAt: now };
  const withdrawal = { number: 2, withdrawn: fields.next };
  const shown = {
    successions: [{ signature: 'AAAA' }, { signature: 'BBBB' }],
    withdrawals: [{ signature: 'CCCC' }],
  };
  return {
    succession: { ...fields, ...bytes(successionStatement(serverId, fields)) },
    withdrawal: { ...withdrawal, ...bytes(withdrawalStatement(serverId, withdrawal)) },
    digest: { ...shown, authority: authorityDigest(shown) },
  };
}

/** Returns the content of `statements.json`. */
export function makeStatements(signerOf: SignerOf) {
  const random = unsafeSeededRandom('statements');
  const connection = {
    serverId: toHex(random(32)),
    nonce: toBase64url(random(32)),
    channel: toBase64url(random(32)),
  };
  const signer = signerOf('alice');
  const crypto = createRoomCrypto(random);
  const { seed, publicKey } = crypto.newPrekey();
  const prekey = { publicKey: toBase64url(publicKey), seed: toBase64url(seed), madeAt: now };
  const renewal = {
    number: 2,
    previous: signer.fingerprint,
    key: toBase64url(signerOf('renewed').publicKey),
    madeAt: now,
  };
  const roomId = toHex(random(32));
  const logHash = toHex(random(32));
  const beat = heartbeatExample({ roomId, logHash, signer, crypto });
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
      ...example(prekeyStatement(connection.serverId, { user: 'alice', prekey: prekey.publicKey, madeAt: now })),
    },
    renewKey: {
      ...renewal,
      ...example(keyRenewalStatement(connection.serverId, { user: 'alice', ...renewal })),
    },
    authority: authorityExample(connection.serverId),
    heartbeat: {
      room: roomId,
      heartbeat: beat,
      signed: toHex(domainSeparated(heartbeatDomain(roomId), utf8(beat.payload))),
      /** Every how many milliseconds a member sends heartbeats, by the number of connected members. */
      every: [1, 8, 9, 50, 1000].map((connected) => ({ connected, ms: heartbeatEvery(connected) })),
    },
    logFingerprint: { logHash, digits: logFingerprint(logHash) },
    knock: { room: roomId, knock, signed: toHex(domainSeparated(knockDomain(roomId), utf8(knock.payload))) },
  };
}
