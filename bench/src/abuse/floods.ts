/** Floods of every request of the protocol by one registered user, with valid arguments. */
import { randomBytes } from 'node:crypto';
import { createCertRequest, createKeyPair } from '@chat/mini-ca';
import {
  type ChatOperation,
  type EnrolmentOperation,
  enrolStatement,
  limits,
  prekeyStatement,
  prekeySuite,
  protocolVersion,
  type RequestOf,
  recoverStatement,
  recoveryKeyStatement,
  renewStatement,
  toBase64url,
  wrapBytes,
} from '@chat/protocol';
import {
  type Author,
  composeCreate,
  composeHeartbeat,
  composeKnock,
  composeMessage,
  createRoomCrypto,
  makeKeyRenewal,
  membersOf,
} from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { type Attack, type Attacker, attackersOf, type Target } from './attack.ts';
import { keepOpen, login, onGreeting, openSecure, type Place, sendRequest, writeOn } from './raw-connection.ts';

const crypto = createRoomCrypto();
const cid = (): string => randomBytes(16).toString('hex');
const authorOf = ({ user, signer }: Attacker): Author => ({ user, signer, crypto, now: Date.now() });
const epochOf = ({ lobby }: Attacker): number => lobby.epoch?.number ?? 1;
/** A well-behaved client. */
const victim = 'user-0';

/** Makes the fields of one request after the other. */
type Requests<O extends ChatOperation> = (attacker: Attacker, target: Target) => () => RequestOf<O>;

function newPrekey({ user, signer }: Attacker, { caFingerprint }: Target): RequestOf<'put-prekey'> {
  const prekey = toBase64url(crypto.newPrekey().publicKey);
  const madeAt = Date.now();
  const { domain, data } = prekeyStatement(caFingerprint, { user, prekey, madeAt });
  return { suite: prekeySuite, prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}

const same =
  <O extends ChatOperation>(make: (attacker: Attacker, target: Target) => RequestOf<O>): Requests<O> =>
  (attacker, target) => {
    const fields = make(attacker, target);
    return () => fields;
  };

/** The requests of a flood on the chat port, for each operation except the login. */
export const chatRequests: { readonly [O in Exclude<ChatOperation, 'login'>]: Requests<O> } = {
  ping: same(() => ({})),
  'get-authority': same(() => ({})),
  'list-rooms': same(() => ({})),
  'find-room': same(() => ({ name: 'lobby' })),
  'put-prekey': (attacker, target) => () => newPrekey(attacker, target),
  'get-prekeys': same(({ lobby }) => ({
    users: membersOf(lobby)
      .map(({ user }) => user)
      .slice(0, limits.prekeysPerRequest),
    room: lobby.room,
  })),
  'get-key-renewals': same(() => ({ user: victim })),
  'list-invitations': same(() => ({})),
  knock: same((attacker, { door }) => ({ room: door, knock: composeKnock(authorOf(attacker), door) })),
  'list-knocks': same(({ den }) => ({ room: den.room })),
  'dismiss-knock': same(({ den }) => ({ room: den.room, user: victim })),
  'list-own-knocks': same(() => ({})),
  heartbeat: same((attacker) => ({
    room: attacker.lobby.room,
    heartbeat: composeHeartbeat(authorOf(attacker), attacker.lobby, 60_000),
  })),
  'create-room': (attacker) => () => {
    const policy = { join: 'open', history: 'since-join' } as const;
    return { cid: cid(), entry: composeCreate(authorOf(attacker), `room-${cid().slice(0, 12)}`, policy).entry };
  },
  // To a room of the attacker: in the lobby, the ten clients would decrypt on the same cores what users decrypt on ten machines.
  append: (attacker) => {
    const entry = composeMessage(authorOf(attacker), attacker.den, 'noise'.repeat(100));
    return () => ({ room: attacker.den.room, cid: cid(), entry });
  },
  'restore-entries': same((attacker) => ({
    room: attacker.den.room,
    after: attacker.den.head,
    entries: Array.from({ length: 8 }, () => ({
      at: Date.now(),
      entry: composeMessage(authorOf(attacker), attacker.den, 'noise'),
    })),
    done: false,
  })),
  'put-wraps': same(({ lobby }) => ({
    room: lobby.room,
    number: (lobby.epoch?.number ?? 0) + 1,
    kind: 'fresh',
    first: 0,
    wraps: randomBytes(wrapBytes * membersOf(lobby).length),
  })),
  'put-links': same((attacker) => ({
    room: attacker.lobby.room,
    links: [
      {
        to: attacker.signer.fingerprint,
        id: randomBytes(8),
        prekey: randomBytes(8),
        opening: randomBytes(1_138),
      },
    ],
  })),
  'get-links': same(() => ({})),
  'confirm-links': same((attacker) => ({
    taken: [],
    lost: Array.from({ length: 64 }, () => ({ from: attacker.signer.fingerprint, id: randomBytes(8) })),
  })),
  'get-wraps': same(({ lobby }) => ({ room: lobby.room, from: 1, to: 256 })),
  'get-wrap-proof': same((attacker) => ({ room: attacker.lobby.room, number: epochOf(attacker) })),
  'confirm-wraps': same(({ lobby }) => ({ rooms: [{ room: lobby.room, from: 1, to: 1_024 }] })),
  'ask-key': same((attacker) => ({ room: attacker.lobby.room, number: epochOf(attacker), user: victim })),
  'give-key': same((attacker) => ({
    room: attacker.lobby.room,
    number: epochOf(attacker),
    to: attacker.signer.fingerprint,
    wrap: randomBytes(wrapBytes),
  })),
  'lack-key': same((attacker) => ({ room: attacker.lobby.room, number: epochOf(attacker), user: victim })),
  'blob-create': same(({ lobby }) => ({ room: lobby.room, blob: cid(), bytes: 1 })),
  'blob-append': same(({ lobby }) => ({
    room: lobby.room,
    blob: cid(),
    offset: 0,
    bytes: randomBytes(limits.blobPieceBytes),
  })),
  'blob-finish': same(({ lobby }) => ({ room: lobby.room, blob: cid(), hash: '0'.repeat(64) })),
  'blob-read': same(({ lobby }) => ({ room: lobby.room, blob: cid(), offset: 0, limit: limits.blobPieceBytes })),
  'blob-delete': same(({ lobby }) => ({ room: lobby.room, blob: cid() })),
  'blob-list': same(() => ({})),
  'put-recovery-key': ({ user, signer }, target) => {
    const [key, madeAt] = [toBase64url(generateSigner().publicKey), 1_000];
    const { domain, data } = recoveryKeyStatement(target.caFingerprint, { user, key, madeAt });
    const signature = toBase64url(signer.sign(domain, data));
    return () => ({ key, madeAt, signature });
  },
  'end-recovery': same(() => ({})),
  'get-recovery': same(() => ({})),
  'list-recovery-chunks': same(() => ({})),
  'put-recovery-chunk': () => () => ({ name: randomBytes(32), chunk: randomBytes(limits.recoveryChunkBytes) }),
  'get-recovery-chunk': same(() => ({ name: randomBytes(32) })),
  'drop-recovery-chunks': same(() => ({ names: randomBytes(32 * limits.recoveryNamesPerRequest) })),
  'put-recovery-manifest': same(() => ({ number: 1, manifest: randomBytes(limits.recoveryManifestBytes) })),
  subscribe: same(({ lobby }) => ({ room: lobby.room, after: 0 })),
  unsubscribe: same(({ lobby }) => ({ room: lobby.room })),
};

const certificateRequest = (): string => createCertRequest(createKeyPair('ec', 'P-256'), {});

/** The one request of a connection to the enrolment port, for each operation that the chat port has not. */
export const enrolmentRequests: {
  readonly [O in Exclude<EnrolmentOperation, 'get-authority'>]: (attacker: Attacker, place: Place) => RequestOf<O>;
} = {
  enrol: (_, place) => {
    const signer = generateSigner();
    const [user, request] = [`free-${cid().slice(0, 12)}`, certificateRequest()];
    const { domain, data } = enrolStatement(place, user, request);
    const signature = toBase64url(signer.sign(domain, data));
    return { version: protocolVersion, user, identity: toBase64url(signer.publicKey), request, signature };
  },
  'renew-key': ({ user, signer: before }, place) => {
    const [after, request] = [generateSigner(), certificateRequest()];
    // A number that does not follow: the server verifies all signatures, and refuses the renewal then.
    const options = { serverId: place.serverId, number: 2, madeAt: 0 };
    const { domain, data } = renewStatement(place, user, request);
    return {
      version: protocolVersion,
      ...{ user, request, first: toBase64url(before.publicKey) },
      renewals: [makeKeyRenewal({ user, before, after }, options)],
      signature: toBase64url(after.sign(domain, data)),
    };
  },
  'open-recovery': ({ user, signer }, place) => {
    const { domain, data } = recoverStatement(place, user);
    return { version: protocolVersion, user, signature: toBase64url(signer.sign(domain, data)) };
  },
  renew: ({ user, signer }, place) => {
    const request = certificateRequest();
    const { domain, data } = renewStatement(place, user, request);
    return { version: protocolVersion, user, request, signature: toBase64url(signer.sign(domain, data)) };
  },
};

const chatFlood =
  (op: keyof typeof chatRequests): Attack =>
  async (target, count) => {
    const [attacker] = await attackersOf(target);
    if (attacker === undefined) return;
    const next = chatRequests[op](attacker, target);
    keepOpen(8, (index) => {
      const socket = openSecure(target, target.ports.chat, index, attacker);
      const flood = () =>
        writeOn(socket, () => {
          sendRequest(socket, op, next());
          count();
        });
      login({ target, attacker, socket, key: attacker.signer, ready: flood });
      return socket;
    });
  };

/** Connects and logs in again and again. */
const loginFlood: Attack = async (target, count) => {
  const [attacker] = await attackersOf(target);
  if (attacker === undefined) return;
  keepOpen(16, (index) => {
    const socket = openSecure(target, target.ports.chat, index, attacker);
    const ready = (): void => {
      count();
      socket.end();
    };
    login({ target, attacker, socket, key: attacker.signer, ready });
    return socket;
  });
};

const enrolmentFlood =
  (op: keyof typeof enrolmentRequests): Attack =>
  async (target, count) => {
    const [attacker] = await attackersOf(target);
    if (attacker === undefined) return;
    const shown = op === 'renew' ? attacker : undefined;
    keepOpen(16, (index) => {
      const socket = openSecure(target, target.ports.enrolment, index, shown);
      onGreeting(target, socket, (place) => {
        sendRequest(socket, op, enrolmentRequests[op](attacker, place));
        count();
      });
      return socket;
    });
  };

const names = <T extends object>(table: T): (keyof T & string)[] => Object.keys(table) as (keyof T & string)[];

/** The floods by the name of the operation. */
export const floods: readonly (readonly [string, Attack])[] = [
  ['login', loginFlood],
  ...names(enrolmentRequests).map((op) => [op, enrolmentFlood(op)] as const),
  ...names(chatRequests).map((op) => [op, chatFlood(op)] as const),
];
