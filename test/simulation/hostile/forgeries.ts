/** Entries that the server forges, signed with its own keys. */
import { type EntryType, encodePayload, entryDomain, type RoomId, toBase64url } from '@chat/protocol';
import { makeKeyRenewal, type Signer } from '@chat/room';
import type { World } from '../run/world.ts';
import { caFingerprint } from '../simulated/simulated-server.ts';
import type { Item } from './log-edit.ts';

/** Creates a join of an invented member. */
export function inventedJoin(world: World, room: RoomId, user: string, signed: boolean): Item {
  const signer = world.suite.newSigner();
  const at = world.time.now();
  const payload = encodePayload({
    v: 1,
    type: 'join',
    room,
    author: user,
    key: toBase64url(signer.publicKey),
    after: world.server.disk.rooms.get(room)?.head ?? 1,
    at,
  });
  const signature = signer.sign(entryDomain(signed ? 'join' : 'leave', room), payload);
  return { at, entry: { type: 'join', payload, by: signer.fingerprint, signature } };
}

/** Returns the fields of a forged entry of a type. */
function contentOf(world: World, room: RoomId, type: EntryType): object {
  const state = world.server.disk.rooms.get(room);
  const ghost = world.suite.newSigner();
  switch (type) {
    case 'epoch': {
      const number = (state?.epoch?.number ?? 0) + 1;
      const previous = state?.epoch?.hash ?? '0'.repeat(64);
      const hashes = { commitment: 'c'.repeat(64), wraps: 'd'.repeat(64) };
      return { number, previous, kind: 'fresh', reason: 'age', answers: state?.membershipSeq ?? 1, ...hashes };
    }
    case 'remove': {
      const concerned = world.random.pick(state?.members ?? []);
      return { user: concerned?.user ?? 'ghost', fingerprint: concerned?.fingerprint ?? ghost.fingerprint };
    }
    case 'invite': {
      const { publicKey, fingerprint } = ghost;
      return { user: 'ghost', fingerprint, key: toBase64url(publicKey), verified: true };
    }
    default:
      return {};
  }
}

/** Creates the renewal of a user's key to an invented one. The key before has not signed it. */
export function forgedRenewal(world: World, room: RoomId, user: string): Item | null {
  const account = world.server.disk.accounts.get(user);
  if (account === undefined) return null;
  const [after, by] = [world.suite.newSigner(), world.suite.newSigner()];
  const at = world.time.now();
  const { identity: publicKey, fingerprint } = account;
  const before: Signer = { publicKey, fingerprint, sign: (domain, data) => by.sign(domain, data) };
  const number = (world.server.disk.renewals.get(user)?.at(-1)?.number ?? 0) + 1;
  const renewal = makeKeyRenewal({ user, before, after }, { serverId: caFingerprint, number, madeAt: at });
  const about = { v: 1, type: 'renew-key', room, author: user };
  const payload = encodePayload({ ...about, first: toBase64url(publicKey), renewals: [renewal], at });
  const signature = after.sign(entryDomain('renew-key', room), payload);
  return { at, entry: { type: 'renew-key', payload, by: after.fingerprint, signature } };
}

/** Creates an entry in the name of a member who has not signed it. */
export function forged(world: World, room: RoomId, type: 'leave' | 'remove' | 'invite' | 'epoch'): Item | null {
  const state = world.server.disk.rooms.get(room);
  const member = world.random.pick(state?.members ?? []);
  if (state === undefined || member === undefined) return null;
  const at = world.time.now();
  const head = { seq: state.head, hash: world.server.disk.logHashes.get(room)?.at(-1) };
  const about = { v: 1, type, room, author: member.user, head, at };
  const payload = encodePayload({ ...about, ...contentOf(world, room, type) });
  const signature = world.suite.newSigner().sign(entryDomain(type, room), payload);
  return { at, entry: { type, payload, by: member.fingerprint, signature } };
}

/** Creates a revocation of a member that another CA than the pinned one has signed. */
export function forgedRevocation(world: World, room: RoomId): Item | null {
  const member = world.random.pick(world.server.disk.rooms.get(room)?.members ?? []);
  if (member === undefined) return null;
  const { user, fingerprint } = member;
  const at = world.time.now();
  const authority = world.suite.newSigner();
  const payload = encodePayload({ v: 1, type: 'revoke', room, at, user, fingerprint });
  const signature = authority.sign(entryDomain('revoke', room), payload);
  return { at, entry: { type: 'revoke', payload, by: authority.fingerprint, signature } };
}
