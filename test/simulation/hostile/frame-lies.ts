/** Lies that are not about the order of a room's log. */
import { knockDomain, toBase64url, utf8 } from '@chat/protocol';
import type { World } from '../run/world.ts';
import { noPrekeys, oldPrekey, ownIdentity, ownPrekey, swappedPrekey } from './prekey-lies.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

/** A lie of this kind was told. */
export interface Told {
  readonly name: string;
  /** Whether who is told it can see at once that it is one. */
  readonly provable: boolean;
  /** Whether it is for people who are not in the room yet, and are made to join it. */
  readonly toNewcomers: boolean;
  count: number;
}

/** Tells a lie of one kind, and counts how often. */
export type Lie = (world: World, told: Told) => Tampering;

export const ok = (frame: Frame): Frame | undefined => frame['ok'] as Frame | undefined;

/** Another wrap than the one that was asked for: somebody else's, or of another epoch. */
const wrongWrap: Lie = ({ server, random }, told) => ({
  toClient(frame, asked) {
    const own = ok(frame)?.['envelope'];
    if (asked?.['op'] !== 'get-wrap' || own === undefined) return [frame];
    const envelope = random.pick([...server.disk.wraps.values()].filter((other) => other !== own));
    if (envelope === undefined) return [frame];
    told.count += 1;
    return [{ ...frame, ok: { envelope } }];
  },
});

/** The log ends before what the client has read of it. */
const oldLog: Lie = (_, told) => ({
  toClient(frame) {
    const head = Number(frame['head']);
    if (frame['push'] !== 'caught-up' || head < 2) return [frame];
    told.count += 1;
    return [{ ...frame, head: head - 1 }];
  },
});

/** Another room of the server under the name that was looked up. */
const wrongRoom: Lie = ({ server, random }, told) => ({
  toClient(frame, asked) {
    const room = ok(frame)?.['room'];
    if (asked?.['op'] !== 'find-room' || room === undefined) return [frame];
    const other = random.pick([...server.disk.rooms.values()].filter((each) => each.room !== room));
    if (other === undefined) return [frame];
    told.count += 1;
    return [{ ...frame, ok: { ...ok(frame), room: other.room, head: other.head } }];
  },
});

/** Somebody who was invited is told of no invitation, so that what was said to them since would be passed over. */
const noInvitation: Lie = (_, told) => {
  const lied = new Set<unknown>();
  return {
    toClient(frame, asked) {
      const entry = asked?.['entry'] as { readonly type: string } | undefined;
      if (entry?.type === 'join' && lied.has(asked?.['room']) && ok(frame) !== undefined) told.count += 1;
      if (asked?.['op'] !== 'find-room' || ok(frame)?.['invitedAt'] == null) return [frame];
      lied.add(ok(frame)?.['room']);
      return [{ ...frame, ok: { ...ok(frame), invitedAt: null } }];
    },
  };
};

/** The log is said to be shorter than it is, so that a join is for what was before. */
const shorterLog: Lie = (_, told) => ({
  toClient(frame, asked) {
    const head = Number(ok(frame)?.['head']);
    if (asked?.['op'] !== 'find-room' || !(head > 1)) return [frame];
    told.count += 1;
    return [{ ...frame, ok: { ...ok(frame), head: Math.ceil(head / 2) } }];
  },
});

/** Messages are taken and never put on the log. */
const swallowed: Lie = ({ server, time }, told) => ({
  toServer(frame) {
    const entry = frame['entry'] as { readonly type: string } | undefined;
    if (frame['op'] !== 'append' || entry?.type !== 'message') return { on: frame };
    told.count += 1;
    const head = server.disk.rooms.get(String(frame['room']))?.head ?? 0;
    return { on: null, back: { re: frame['id'], ok: { seq: head + 1, at: time.now() } } };
  },
});

/** By name; whether it is provable; to whom it is told. */
const lies: readonly (readonly [name: string, provable: boolean, toNewcomers: boolean, lie: Lie])[] = [
  ['another wrap', true, false, wrongWrap],
  ['an old log', true, false, oldLog],
  ['another room', false, true, wrongRoom],
  ['swallowed messages', false, false, swallowed],
  ['a prekey of another', true, false, swappedPrekey],
  ["a prekey of the server's", true, false, ownPrekey],
  ["an identity of the server's", false, false, ownIdentity],
  ['an old prekey', false, false, oldPrekey],
  ['no prekeys', false, false, noPrekeys],
  ['no invitation', true, true, noInvitation],
  ['a shorter log to join', false, true, shorterLog],
];

/** @returns what is counted, and the tampering for each connection */
export function chooseLie(world: World): { readonly told: Told; readonly tampering: () => Tampering } {
  const [name, provable, toNewcomers, lie] = world.random.pick(lies) ?? (['an old log', true, false, oldLog] as const);
  const told = { name, provable, toNewcomers, count: 0 };
  return { told, tampering: () => lie(world, told) };
}

/** Somebody at the door who has not knocked. */
function inventedKnock({ suite, time, random, people }: World, room: unknown): Frame {
  const signer = suite.newSigner();
  const author = random.pick(people)?.user;
  const about = { v: 1, type: 'knock', room, author, key: toBase64url(signer.publicKey), at: time.now() };
  const payload = JSON.stringify(about);
  const signature = toBase64url(suite.newSigner().sign(knockDomain(String(room)), utf8(payload)));
  return { push: 'knock', room, knock: { payload, by: signer.fingerprint, signature } };
}

/**
 * What a dishonest server may do all the time without any effect: pushes come twice, presence is made up, and so are
 * knocks.
 */
export const noise = (world: World): Tampering => {
  const { random, people } = world;
  const someNames = () => people.filter(() => random.chance(0.5)).map(({ user }) => user);
  return {
    toClient(frame) {
      const { push, room } = frame;
      if (push === 'presence') {
        const knock = random.chance(0.1) ? [inventedKnock(world, room)] : [];
        return random.chance(0.5) ? [frame, ...knock, { ...frame, online: random.chance(0.5) }] : knock;
      }
      if (ok(frame)?.['online'] !== undefined) return [{ ...frame, ok: { ...ok(frame), online: someNames() } }];
      return push === 'entry' && random.chance(0.1) ? [frame, frame] : [frame];
    },
  };
};
