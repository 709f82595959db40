/** Rules of `revoke` entries: only the server makes them, signed by its CA, and they can only take a user out of a room. */
import {
  entryDomain,
  type Identity,
  type Payload,
  ProtocolError,
  parsePayload,
  type RoomId,
  type SignedEntry,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import type { Room, RoomChange } from '../../ports/room-store.ts';
import { departureOf } from './decision-rules.ts';

type RevokeChange = Extract<RoomChange, { kind: 'revoke' }>;

const refused = (message: string) => new ProtocolError('entry-refused', message);

/**
 * Verifies that one of the server's CAs has signed a `revoke` entry for this room, then parses it.
 *
 * @throws ProtocolError `entry-refused`
 */
export function readRevocation(
  roomId: RoomId,
  { type, by, signature, payload }: SignedEntry,
  authorities: readonly Verifier[],
): Payload<'revoke'> {
  if (type !== 'revoke') throw refused(`The server itself makes revoke entries only, not ${type} entries.`);
  const authority = authorities.find(({ fingerprint }) => fingerprint === by);
  if (authority?.verify(entryDomain('revoke', roomId), payload, signature) !== true)
    throw refused('A revoke entry must be signed with the key of this server’s CA.');
  const parsed = parsePayload('revoke', payload);
  if (parsed?.room !== roomId) throw refused('The payload is not that of a revoke entry of this room.');
  return parsed;
}

/** Returns the effect of a revocation on the room; null when the room is closed or the key is revoked in it already. */
export function admitRevocation(state: Room, { user, fingerprint }: Identity): RevokeChange | null {
  if (state.name === null || state.revoked.some((each) => each.fingerprint === fingerprint)) return null;
  const member = state.members.find((each) => each.fingerprint === fingerprint);
  const present = member ?? state.invited.find((each) => each.fingerprint === fingerprint);
  return {
    kind: 'revoke',
    // The key may be in this room under another name: that one leaves.
    user: present?.user ?? user,
    fingerprint,
    departure: present === undefined ? null : member ? departureOf(state, member) : { closes: false, successor: null },
  };
}
