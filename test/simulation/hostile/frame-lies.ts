/** False answers and pushes that do not concern the order of a room's log. */
import { knockDomain, type ResultOf, toBase64url, utf8, wrapBytes } from '@chat/protocol';
import { wrapsIn } from '../../../packages/server-core/src/ports/wrap-sheet.ts';
import type { World } from '../run/world.ts';
import { noPrekeys, oldPrekey, ownIdentity, ownPrekey, swappedPrekey } from './prekey-lies.ts';
import { renewalLies, renewSome } from './renewal-lies.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

/** A kind of false frame, and how often the server has sent it. */
export interface LieCount {
  readonly name: string;
  /** True if the client can detect it at once. */
  readonly provable: boolean;
  /** True if it is for users who are not in the room yet and join it now. */
  readonly toNewcomers: boolean;
  count: number;
}

/** Creates the tampering that sends one kind of false frame and counts it. */
export type Lie = (world: World, sent: LieCount) => Tampering;

export const ok = (frame: Frame): Frame | undefined => frame['ok'] as Frame | undefined;

/** Sends another wrap than the own one: of another recipient or epoch. */
const wrongWrap: Lie = ({ server, random }, sent) => ({
  toClient(frame, asked) {
    // What comes by itself is left out, so that the client asks.
    if (frame['push'] === 'wrap') return [];
    const own = ok(frame)?.['wraps'] as ResultOf<'get-wraps'>['wraps'] | undefined;
    const [first, ...others] = own ?? [];
    if (asked?.['op'] !== 'get-wraps' || first === undefined) return [frame];
    const all = [...server.disk.sheets.values()].flat().flatMap(({ sheet }) => wrapsIn(sheet));
    const wrap = random.pick(all.filter((each) => Buffer.compare(each.wrap, first.wrap) !== 0))?.wrap;
    if (wrap === undefined) return [frame];
    sent.count += 1;
    return [{ ...frame, ok: { wraps: [{ ...first, wrap }, ...others] } }];
  },
});

/** Exchanges the senders of openings, or alters the openings. No key is read; members ask each other for those that do not open. */
const wrongOpening: Lie = ({ random, people }, sent) => ({
  toClient(frame, asked) {
    const links = ok(frame)?.['links'] as ResultOf<'get-links'>['links'] | undefined;
    if (asked?.['op'] !== 'get-links' || links === undefined || links.length === 0) return [frame];
    sent.count += 1;
    const altered = links.map((link) =>
      random.chance(0.5)
        ? { ...link, from: random.pick(people)?.fingerprint ?? link.from }
        : { ...link, opening: link.opening.map((byte, at) => (at < 40 ? byte ^ 1 : byte)) },
    );
    return [{ ...frame, ok: { ...ok(frame), links: altered } }];
  },
});

/** Keeps openings back for ever. */
const noOpenings: Lie = (_, sent) => ({
  toClient(frame, asked) {
    if (frame['push'] === 'links-waiting') return [];
    if (asked?.['op'] !== 'get-links' || ok(frame) === undefined) return [frame];
    sent.count += 1;
    return [{ ...frame, ok: { links: [], more: false } }];
  },
});

/** Claims that no recipient has the links on which a hub has wrapped. */
const unknownLinks: Lie = (_, sent) => ({
  toClient(frame, asked) {
    const unknown = ok(frame)?.['unknown'];
    if (asked?.['op'] !== 'put-wraps' || unknown === undefined) return [frame];
    sent.count += 1;
    const [first, wraps] = [Number(asked['first']), asked['wraps'] as Uint8Array];
    const all = Array.from({ length: wraps.length / wrapBytes }, (_each, index) => first + index);
    return [{ ...frame, ok: { ...ok(frame), unknown: all } }];
  },
});

/** Claims that the log ends before the client's head. */
const oldLog: Lie = (_, sent) => ({
  toClient(frame) {
    const head = Number(frame['head']);
    if (frame['push'] !== 'caught-up' || head < 2) return [frame];
    sent.count += 1;
    return [{ ...frame, head: head - 1 }];
  },
});

/** Answers with another room than the one of the requested name. */
const wrongRoom: Lie = ({ server, random }, sent) => ({
  toClient(frame, asked) {
    const room = ok(frame)?.['room'];
    if (asked?.['op'] !== 'find-room' || room === undefined) return [frame];
    const other = random.pick([...server.disk.rooms.values()].filter((each) => each.room !== room));
    if (other === undefined) return [frame];
    sent.count += 1;
    return [{ ...frame, ok: { ...ok(frame), room: other.room, head: other.head } }];
  },
});

/** Denies an invitation, so that the invited user would miss the messages since. */
const noInvitation: Lie = (_, sent) => {
  const lied = new Set<unknown>();
  return {
    toClient(frame, asked) {
      const entry = asked?.['entry'] as { readonly type: string } | undefined;
      if (entry?.type === 'join' && lied.has(asked?.['room']) && ok(frame) !== undefined) sent.count += 1;
      if (asked?.['op'] !== 'find-room' || ok(frame)?.['invitedAt'] == null) return [frame];
      lied.add(ok(frame)?.['room']);
      return [{ ...frame, ok: { ...ok(frame), invitedAt: null } }];
    },
  };
};

/** Claims a shorter log, so that the signed join names an earlier position. */
const shorterLog: Lie = (_, sent) => ({
  toClient(frame, asked) {
    const head = Number(ok(frame)?.['head']);
    if (asked?.['op'] !== 'find-room' || !(head > 1)) return [frame];
    sent.count += 1;
    return [{ ...frame, ok: { ...ok(frame), head: Math.ceil(head / 2) } }];
  },
});

/** Acknowledges messages and does not append them. */
const swallowed: Lie = ({ server, time }, sent) => ({
  toServer(frame) {
    const entry = frame['entry'] as { readonly type: string } | undefined;
    if (frame['op'] !== 'append' || entry?.type !== 'message') return { on: frame };
    sent.count += 1;
    const head = server.disk.rooms.get(String(frame['room']))?.head ?? 0;
    return { on: null, back: { re: frame['id'], ok: { seq: head + 1, at: time.now() } } };
  },
});

/** Name, whether it is provable, and whether it is for newcomers. */
const lies: readonly (readonly [name: string, provable: boolean, toNewcomers: boolean, lie: Lie])[] = [
  ['another wrap', true, false, wrongWrap],
  ['an opening of another', false, false, wrongOpening],
  ['no openings', false, false, noOpenings],
  ['unknown links', false, false, unknownLinks],
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

/** @returns the count, and the tampering for each connection */
export function chooseLie(world: World): { readonly sent: LieCount; readonly tampering: () => Tampering } {
  const isAboutRenewal = world.random.chance(0.3);
  if (isAboutRenewal) renewSome(world);
  const [name, provable, toNewcomers, lie] =
    world.random.pick(isAboutRenewal ? renewalLies : lies) ?? (['an old log', true, false, oldLog] as const);
  const sent = { name, provable, toNewcomers, count: 0 };
  return { sent, tampering: () => lie(world, sent) };
}

/** Creates a knock that its author has not signed. */
function inventedKnock({ suite, time, random, people }: World, room: unknown): Frame {
  const signer = suite.newSigner();
  const author = random.pick(people)?.user;
  const about = { v: 1, type: 'knock', room, author, key: toBase64url(signer.publicKey), at: time.now() };
  const payload = JSON.stringify(about);
  const signature = toBase64url(suite.newSigner().sign(knockDomain(String(room)), utf8(payload)));
  return { push: 'knock', room, knock: { payload, by: signer.fingerprint, signature } };
}

/**
 * Changes without effect that a dishonest server can make at any time: repeated pushes, invented presence, invented knocks.
 */
export const noise = (world: World): Tampering => {
  const { random, people } = world;
  const someNames = () => people.filter(() => random.chance(0.5)).map(({ user }) => user);
  return {
    toClient(frame) {
      const { push, room } = frame;
      if (push === 'presence') {
        const knock = random.chance(0.1) ? [inventedKnock(world, room)] : [];
        const changes = someNames().map((user) => ({ user, online: random.chance(0.5) }));
        return random.chance(0.5) ? [frame, ...knock, { ...frame, changes }] : knock;
      }
      if (ok(frame)?.['online'] !== undefined) return [{ ...frame, ok: { ...ok(frame), online: someNames() } }];
      return push === 'entry' && random.chance(0.1) ? [frame, frame] : [frame];
    },
  };
};
