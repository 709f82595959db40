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
  nextLogHash,
  type Payload,
  parsePayload,
  type SignedEntry,
  utf8,
} from '@chat/protocol';
import { applyRemove, applyRole } from './apply/decision.ts';
import { applyEpoch } from './apply/epoch.ts';
import { applyCreate, applyJoin, applyLeave } from './apply/membership.ts';
import { applyMessage } from './apply/message.ts';
import type { Applied, Placed, Rule } from './apply/step.ts';
import type { RoomCrypto } from './crypto.ts';
import { violation } from './event.ts';
import { isMember, isPresent, type RoomState, recentHashCount, sawAnotherLog } from './state.ts';

const rules: { readonly [T in EntryType]: Rule<T> } = {
  create: applyCreate,
  join: applyJoin,
  leave: applyLeave,
  role: applyRole,
  remove: applyRemove,
  epoch: applyEpoch,
  message: applyMessage,
};

function withHead(state: RoomState, seq: number, type: EntryType, hashOfEntry: string): RoomState {
  const hash = nextLogHash(state.head.hash, seq, type, hashOfEntry);
  const recentHashes = [...state.recentHashes.slice(1 - recentHashCount), hash];
  return { ...state, head: { seq, hash }, recentHashes };
}

/** The author's key: of a `create` or `join` it is in the payload and proves itself, of the rest it is the member's. */
function authorKey(state: RoomState, entry: SignedEntry, payload: Payload<EntryType> | null, crypto: RoomCrypto) {
  if (payload?.type !== 'create' && payload?.type !== 'join') return state.members[entry.by]?.key ?? null;
  return crypto.fingerprint(fromBase64url(payload.key)) === entry.by ? payload.key : null;
}

function applyPlaced<T extends EntryType>(
  state: RoomState,
  type: T,
  placed: Placed,
  crypto: RoomCrypto,
  verify: RoomCrypto['verify'],
): Applied {
  const { entry, seq } = placed;
  const reject = (code: Parameters<typeof violation>[0]): Applied => ({
    state,
    events: [violation(code, seq, state.members[entry.by]?.user ?? null)],
  });

  if (state.name === null && type !== 'create') return reject('wrong-create');

  const selfSigned = type === 'create' || type === 'join';
  if (!selfSigned && !isMember(state, entry.by)) return reject('not-a-member');

  const payload = parsePayload(type, entry.payload);
  const key = authorKey(state, entry, payload, crypto);
  const signed =
    key !== null &&
    verify(fromBase64url(key), entryDomain(type, state.room), utf8(entry.payload), fromBase64url(entry.signature));
  if (!signed) return reject(payload === null ? 'malformed' : 'bad-signature');
  if (payload === null) return reject('malformed');
  if (payload.type !== 'create' && payload.room !== state.room) return reject('bad-signature');
  const named = payload.type === 'epoch' || payload.type === 'role' || payload.type === 'remove';
  if (named && payload.author !== state.members[entry.by]?.user) return reject('bad-signature');

  const forked = 'head' in payload && sawAnotherLog(state, payload.head);
  // Who saw another log may count people among the members who are none, or have seen other roles: their key is not
  // taken, nor do they give anybody rights. What takes somebody out counts, as it does where they leave.
  if (forked && (type === 'epoch' || type === 'role')) return reject('fork');
  const { state: after, events } = rules[type](state, placed, payload, crypto);
  return { state: after, events: forked ? [violation('fork', seq, payload.author), ...events] : events };
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
    return { state: moved, events: isPresent(state) ? [violation('withheld', item.seq)] : [] };
  }
  const hash = entryHash(item.entry);
  const placed = { ...item, hash };
  const { type } = item.entry;
  return applyPlaced(withHead(state, item.seq, type, hash), type, placed, crypto, verify);
}
