/** `revoke`: the one entry that no member makes. The server's authority takes somebody out, and can let nobody in. */
import {
  entryDomain,
  fromBase64url,
  ProtocolError,
  parsePayload,
  type RoomId,
  type SignedEntry,
  utf8,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import type { Room, RoomChange } from '../../ports/room-store.ts';
import { departureOf } from './decision-rules.ts';

type Revocation = Extract<RoomChange, { kind: 'revoke' }>;

const refused = (message: string) => new ProtocolError('entry-refused', message);

/** What a `revoke` says, when this authority has signed it for this room. Throws `entry-refused`. */
export function readRevocation(room: RoomId, { type, by, signature, payload }: SignedEntry, authority: Verifier) {
  if (type !== 'revoke') throw refused(`The server itself makes revoke entries, no ${type} entry.`);
  const signed =
    by === authority.fingerprint &&
    authority.verify(entryDomain('revoke', room), utf8(payload), fromBase64url(signature));
  if (!signed) throw refused('A revoke entry is signed with the key of this server’s CA.');
  const parsed = parsePayload('revoke', payload);
  if (parsed?.room !== room) throw refused('The payload is not that of a revoke entry of this room.');
  return parsed;
}

/** What the revocation does to the room; null when there is nothing left to do. */
export function admitRevocation(
  state: Room,
  { user, fingerprint }: Pick<Revocation, 'user' | 'fingerprint'>,
): Revocation | null {
  if (state.name === null || state.revoked.some((each) => each.fingerprint === fingerprint)) return null;
  const member = state.members.find((each) => each.fingerprint === fingerprint);
  const present = member ?? state.invited.find((each) => each.fingerprint === fingerprint);
  return {
    kind: 'revoke',
    // Under which name they are here: the one that goes.
    user: present?.user ?? user,
    fingerprint,
    departure: present === undefined ? null : member ? departureOf(state, member) : { closes: false, successor: null },
  };
}
