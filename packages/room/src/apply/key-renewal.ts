/**
 * `renew-key`: a member or an invited user has another identity key. The entry contains the renewals that lead from the key that the
 * user has in the room to the new one, which signs the entry. It needs no author view: the key before is not in the room any more
 * afterwards, so the entry has its effect once.
 */
import {
  chainFrom,
  fingerprintOfKey,
  fromBase64url,
  type KeyChain,
  keysOfChain,
  type Payload,
  signaturesOfChain,
  type UserName,
} from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { ViolationCode } from '../event.ts';
import { isRemoved, isRevoked } from '../people.ts';
import type { Invitation, Member, RoomState } from '../state.ts';
import { resetOwnKnowledge } from './membership.ts';
import { type Placed, type Rule, reject } from './step.ts';

/**
 * True when both keys have signed each renewal of a chain, for this user at this server.
 *
 * @param serverId undefined: no chain is valid
 */
export function isValidChain(
  chain: KeyChain,
  { serverId, user }: { readonly serverId: string | undefined; readonly user: UserName },
  crypto: Pick<RoomCrypto, 'verify'>,
): boolean {
  const signatures = serverId === undefined ? null : signaturesOfChain(chain, { serverId, user });
  return (
    signatures?.every(({ key, domain, data, signature }) =>
      crypto.verify(fromBase64url(key), domain, data, fromBase64url(signature)),
    ) ?? false
  );
}

function breachOf(
  state: RoomState,
  present: Member | Invitation,
  { by, payload }: { readonly by: string; readonly payload: Payload<'renew-key'> },
  crypto: RoomCrypto,
): ViolationCode | null {
  const { author: user } = payload;
  if (state.members.has(by) || state.invited.has(by)) return 'already-a-member';
  if (isRevoked(state, by)) return 'revoked';
  if (isRemoved(state, by, user)) return 'removed';
  const isLinked = chainFrom(payload, present.fingerprint) !== null;
  return isLinked && isValidChain(payload, { serverId: state.serverId, user }, crypto) ? null : 'bad-signature';
}

/**
 * Returns the room in which a user has another key. The one before departs, so that the next room key is fresh: a thief of the key
 * before has the room keys until then.
 */
function withKey(state: RoomState, before: string, { seq, entry: { by } }: Placed, key: string): RoomState {
  const member = state.members.get(before);
  const invitation = state.invited.get(before);
  const chain = state.authors.get(before);
  const members = state.members.without(before);
  const earlierKeys = [...(member?.earlierKeys ?? []), before];
  let invited = state.invited.without(before);
  for (const each of invited.values()) {
    if (each.by === before) invited = invited.put(each.fingerprint, { ...each, by });
  }
  const authors = state.authors.without(before);
  return {
    ...state,
    me: state.me === before ? by : state.me,
    members: member === undefined ? members : members.put(by, { ...member, fingerprint: by, key, earlierKeys }),
    invited: invitation === undefined ? invited : invited.put(by, { ...invitation, fingerprint: by, key }),
    authors: chain === undefined ? authors : authors.put(by, chain),
    left: state.left.put(before, seq),
    membershipSeq: seq,
    removalSeq: seq,
  };
}

/** Applies a `renew-key` entry. */
export const applyRenewKey: Rule<'renew-key'> = (state, placed, payload, crypto) => {
  const { seq, entry } = placed;
  const { author: user, at } = payload;
  const present = state.members.named(user) ?? state.invited.named(user);
  if (present === null) return reject(state, placed, 'unknown-member', user);
  const breach = breachOf(state, present, { by: entry.by, payload }, crypto);
  if (breach !== null) return reject(state, placed, breach, user);

  const keys = keysOfChain(payload).map(fingerprintOfKey);
  const before = keys.slice(keys.indexOf(present.fingerprint), -1);
  const key = keysOfChain(payload).at(-1) ?? present.key;
  return {
    state: withKey(entry.by === state.me ? resetOwnKnowledge(state) : state, present.fingerprint, placed, key),
    events: [{ kind: 'key-renewed', seq, at, user, fingerprint: entry.by, before }],
  };
};
