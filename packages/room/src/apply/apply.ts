/**
 * Applies one entry of the log to a room: parses the payload, verifies the signature, and applies the rule of its type. An
 * entry that breaks a rule advances the log hash and changes nothing else, so all members keep the same log hash.
 */
import {
  type EntryType,
  entryDomain,
  entryHash,
  fromBase64url,
  type LoggedEntry,
  type LoggedGap,
  type LoggedStubs,
  lastKeyOf,
  type Payload,
  parsePayload,
} from '@chat/protocol';
import { viewBreach, withHead } from '../author-view.ts';
import type { RoomCrypto, Signed } from '../crypto.ts';
import { type ViolationCode, violation } from '../event.ts';
import { isMember } from '../people.ts';
import type { RoomState } from '../state.ts';
import { applyRemove, applyRole } from './decision.ts';
import { applyEpoch } from './epoch.ts';
import { applyGap } from './gap.ts';
import { applyDecline, applyInvite } from './invitation.ts';
import { applyRenewKey } from './key-renewal.ts';
import { applyCreate, applyJoin, applyLeave, requiresLowS } from './membership.ts';
import { applyMessage } from './message.ts';
import { applyRevoke } from './revocation.ts';
import { type Applied, type Placed, type Rule, reject } from './step.ts';
import { applyStubs } from './stubs.ts';

/** What the server sends for a position of a log, or for several that follow each other. */
export type LogItem = LoggedEntry | LoggedStubs | LoggedGap;

const rules: { readonly [T in EntryType]: Rule<T> } = {
  create: applyCreate,
  join: applyJoin,
  decline: applyDecline,
  leave: applyLeave,
  invite: applyInvite,
  role: applyRole,
  remove: applyRemove,
  revoke: applyRevoke,
  epoch: applyEpoch,
  message: applyMessage,
  'renew-key': applyRenewKey,
};

/**
 * Types whose signer need not be a member. A `create`, `join` or `renew-key` has its key in the payload; the CA's key signs a
 * `revoke`.
 */
const signedByOthers: ReadonlySet<EntryType> = new Set(['create', 'join', 'decline', 'revoke', 'renew-key']);

/** Returns the violation of an author who is not in the room as the type requires; null when there is none. */
function authorBreach(state: RoomState, { entry: { type, by } }: Placed): ViolationCode | null {
  if (state.name === null && type !== 'create') return 'wrong-create';
  if (type === 'decline') return state.invited.has(by) ? null : 'not-invited';
  return signedByOthers.has(type) || isMember(state, by) ? null : 'not-a-member';
}

/** Returns the author's key that a payload contains; null when its type contains none. */
function ownKeyIn(payload: Payload<EntryType> | null): string | null {
  if (payload?.type === 'renew-key') return lastKeyOf(payload);
  return payload?.type === 'create' || payload?.type === 'join' ? payload.key : null;
}

/** Returns the key in base64url with which the entry must be signed; null when no key belongs to the fingerprint `by`. */
function signingKeyOf({ entry }: Placed, state: RoomState, payload: Payload<EntryType> | null, crypto: RoomCrypto) {
  if (entry.type === 'decline') return state.invited.get(entry.by)?.key ?? null;
  if (!signedByOthers.has(entry.type)) return state.members.get(entry.by)?.key ?? null;
  const own = ownKeyIn(payload);
  const keys = entry.type === 'revoke' ? state.authorities.slice(state.authorityFrom) : [own];
  return keys.find((key) => key !== null && crypto.fingerprint(fromBase64url(key)) === entry.by) ?? null;
}

/**
 * Types that are rejected when their author saw another log, because they give access to the room. Messages and departures of
 * such an author take effect.
 */
const rejectedOnViewBreach: ReadonlySet<EntryType> = new Set(['invite', 'role', 'epoch']);

/** True when the payload names this room and, where it names its author, the member who signed. */
function matchesEntry(payload: Payload<EntryType>, state: RoomState, { entry }: Placed): boolean {
  if (payload.type === 'create') return true;
  // The domain of the signature binds the room of a message, which only the earlier form repeats.
  if (payload.room !== state.room && (payload.type !== 'message' || payload.room !== undefined)) return false;
  const named =
    payload.type === 'epoch' || payload.type === 'role' || payload.type === 'remove' || payload.type === 'invite';
  return !named || payload.author === state.members.get(entry.by)?.user;
}

/** Decides whether a signature counts: by the check, or by the promise to make it before the result is used. */
export type Judge = (signed: () => Signed) => boolean;

/** Checks a signature. */
export const isSigned = (crypto: RoomCrypto, { publicKey, domain, data, signature, lowS }: Signed): boolean =>
  crypto[lowS ? 'verify' : 'verifyEitherS'](publicKey, domain, data, signature);

function applyPlaced<T extends EntryType>(
  state: RoomState,
  type: T,
  placed: Placed,
  crypto: RoomCrypto,
  judge: Judge,
): Applied {
  const { entry, seq } = placed;
  const user = (state.members.get(entry.by) ?? state.invited.get(entry.by))?.user ?? null;
  const rejectWith = (code: ViolationCode): Applied => reject(state, placed, code, user);

  const unfit = authorBreach(state, placed);
  if (unfit !== null) return rejectWith(unfit);

  const payload = parsePayload(type, entry.payload);
  const key = signingKeyOf(placed, state, payload, crypto);
  const signed =
    key !== null &&
    judge(() => ({
      publicKey: fromBase64url(key),
      domain: entryDomain(type, state.room),
      data: entry.payload,
      signature: entry.signature,
      lowS: requiresLowS(state, payload),
    }));
  if (!signed) return rejectWith(payload === null ? 'malformed' : 'bad-signature');
  if (payload === null) return rejectWith('malformed');
  if (!matchesEntry(payload, state, placed)) return rejectWith('bad-signature');

  const breach = 'head' in payload ? viewBreach(state, type, payload.head) : null;
  if (breach !== null && rejectedOnViewBreach.has(type)) return rejectWith(breach);
  const applied = rules[type](state, placed, payload, crypto);
  return breach === null ? applied : { ...applied, events: [violation(breach, seq, user), ...applied.events] };
}

/**
 * Applies the next entry of the log, the stubs of messages that this member may not read, or a gap. Never throws for the
 * content of an entry.
 *
 * @param state the room before the entry; it is not changed
 * @returns the room after the entry, and the events. An entry whose position is not the next one does not change the state
 */
export function applyEntry(state: RoomState, item: LogItem, crypto: RoomCrypto): Applied {
  return applyVerifying(state, item, crypto, (signed) => isSigned(crypto, signed()));
}

/** Applies like `applyEntry`. A caller whose judge defers the check of the signature MUST make it before it uses the result. */
export function applyVerifying(state: RoomState, item: LogItem, crypto: RoomCrypto, judge: Judge): Applied {
  if (item.seq !== state.head.seq + 1) return { state, events: [violation('out-of-order', item.seq)] };
  if ('cause' in item) return applyGap(state, item);
  if ('hashes' in item) return applyStubs(state, item);
  const hash = entryHash(item.entry);
  const placed = { ...item, hash };
  const { type } = item.entry;
  return applyPlaced(withHead(state, item.seq, type, hash), type, placed, crypto, judge);
}
