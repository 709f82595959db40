/**
 * One entry of the log applied to a room: verify, then parse, then the rule of its type.
 * An entry that breaks a rule moves the log's hash on and nothing else, so that all members stay on the same log.
 */
import {
  type EntryType,
  entryDomain,
  entryHash,
  fromBase64url,
  type LoggedEntry,
  type LoggedStub,
  type Payload,
  parsePayload,
  utf8,
} from '@chat/protocol';
import { viewBreach, withHead } from '../author-view.ts';
import type { RoomCrypto } from '../crypto.ts';
import { type ViolationCode, violation } from '../event.ts';
import { isMember, reads } from '../people.ts';
import type { RoomState } from '../state.ts';
import { applyRemove, applyRole } from './decision.ts';
import { applyEpoch } from './epoch.ts';
import { applyInvite } from './invitation.ts';
import { applyCreate, applyJoin, applyLeave } from './membership.ts';
import { applyMessage } from './message.ts';
import { applyRevoke } from './revocation.ts';
import { type Applied, type Placed, type Rule, refuse } from './step.ts';

const rules: { readonly [T in EntryType]: Rule<T> } = {
  create: applyCreate,
  join: applyJoin,
  leave: applyLeave,
  invite: applyInvite,
  role: applyRole,
  remove: applyRemove,
  revoke: applyRevoke,
  epoch: applyEpoch,
  message: applyMessage,
};

/** Types that no member signs for who they already are: a newcomer's key is in the payload, a `revoke` is the authority's. */
const isMembers = (type: EntryType): boolean => type !== 'create' && type !== 'join' && type !== 'revoke';

/** The key that an entry must be signed with, base64url: that of `by`, by whatever makes it theirs; null when nothing does. */
function keyOf({ entry }: Placed, state: RoomState, payload: Payload<EntryType> | null, crypto: RoomCrypto) {
  if (isMembers(entry.type)) return state.members[entry.by]?.key ?? null;
  const own = payload?.type === 'create' || payload?.type === 'join' ? payload.key : null;
  const key = entry.type === 'revoke' ? state.authority : own;
  return key !== null && crypto.fingerprint(fromBase64url(key)) === entry.by ? key : null;
}

/** What an entry lets in, nobody takes from an author who saw another log; what it shows or takes out counts all the same. */
const voidUnseen: ReadonlySet<EntryType> = new Set(['invite', 'role', 'epoch']);

/** Whether the payload says of itself what its place and its signer say: this room, and the name of the member who signed. */
function isOwnWord(payload: Payload<EntryType>, state: RoomState, { entry }: Placed): boolean {
  if (payload.type === 'create') return true;
  if (payload.room !== state.room) return false;
  const named =
    payload.type === 'epoch' || payload.type === 'role' || payload.type === 'remove' || payload.type === 'invite';
  return !named || payload.author === state.members[entry.by]?.user;
}

function applyPlaced<T extends EntryType>(
  state: RoomState,
  type: T,
  placed: Placed,
  crypto: RoomCrypto,
  verify: RoomCrypto['verify'],
): Applied {
  const { entry, seq } = placed;
  const user = state.members[entry.by]?.user ?? null;
  const reject = (code: ViolationCode): Applied => refuse(state, placed, code, user);

  if (state.name === null && type !== 'create') return reject('wrong-create');
  if (isMembers(type) && !isMember(state, entry.by)) return reject('not-a-member');

  const payload = parsePayload(type, entry.payload);
  const key = keyOf(placed, state, payload, crypto);
  const signed =
    key !== null &&
    verify(fromBase64url(key), entryDomain(type, state.room), utf8(entry.payload), fromBase64url(entry.signature));
  if (!signed) return reject(payload === null ? 'malformed' : 'bad-signature');
  if (payload === null) return reject('malformed');
  if (!isOwnWord(payload, state, placed)) return reject('bad-signature');

  const breach = 'head' in payload ? viewBreach(state, payload.head) : null;
  if (breach !== null && voidUnseen.has(type)) return reject(breach);
  const applied = rules[type](state, placed, payload, crypto);
  return breach === null ? applied : { ...applied, events: [violation(breach, seq, user), ...applied.events] };
}

/**
 * Applies the next entry, or the stub that stands for a message from before this member joined.
 *
 * @param state the room so far; it is not changed
 * @returns the room after it, and what happened. An entry that is not the next one leaves the state as it is
 */
export function applyEntry(state: RoomState, item: LoggedEntry | LoggedStub, crypto: RoomCrypto): Applied {
  return applyVerifying(state, item, crypto, (...signed) => crypto.verify(...signed));
}

/** The same with a `verify` of the caller's: whoever puts the check off MUST make it before they keep the result. */
export function applyVerifying(
  state: RoomState,
  item: LoggedEntry | LoggedStub,
  crypto: RoomCrypto,
  verify: RoomCrypto['verify'],
): Applied {
  if (item.seq !== state.head.seq + 1) return { state, events: [violation('out-of-order', item.seq)] };
  if (!('entry' in item)) {
    const moved = withHead(state, item.seq, 'message', item.hash);
    return { state: moved, events: reads(moved) ? [violation('withheld', item.seq)] : [] };
  }
  const hash = entryHash(item.entry);
  const placed = { ...item, hash };
  const { type } = item.entry;
  return applyPlaced(withHead(state, item.seq, type, hash), type, placed, crypto, verify);
}
