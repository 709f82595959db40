/** An entry on its way to the log, and what is looked up for it. */
import { ProtocolError, parsePayload, type SignedEntry, type UserName } from '@chat/protocol';
import { StoreDamage } from '../../ports/damage.ts';
import type { Account, Directory } from '../../ports/directory.ts';
import { type Appended, type Room, type RoomChange, StoreConflict } from '../../ports/room-store.ts';
import type { CreateRequest } from '../entry-rules/append-rules.ts';

/** What is looked up for a request while it waits for its place in the queue. */
export interface Prefetched {
  /** Place of the entry, when the request was carried out before. */
  readonly earlier: Appended | null;
  /** For an `invite` entry: the account of the invited name; null when there is none that is not revoked. */
  readonly invitedAccount: Account | null;
}

/** What is known of a request of which nothing was looked up. */
export const nothingFound: Prefetched = { earlier: null, invitedAccount: null };

/** An entry to append, of a user or of the server. */
export interface NewEntry {
  /** Null for an entry of the server. */
  readonly author: UserName | null;
  readonly cid: string;
  readonly entry: SignedEntry;
  /** Milliseconds. Default: now. */
  readonly at?: number;
}

/** Returns the entry of a user's request. */
export const entryOf = ({ author, cid, entry }: CreateRequest): NewEntry => ({ author: author.user, cid, entry });

/** Returns the error for a room that the operator has deleted. Only users who knew the room know its id. */
export const roomDeletedError = (): ProtocolError =>
  new ProtocolError('room-deleted', 'The operator of this server has deleted this room: leave it.');

/** Returns the error for a `create` entry of a room that exists, or that the operator has deleted. */
export const roomExistsError = (): ProtocolError =>
  new ProtocolError('entry-refused', 'This room exists already, or did: use another nonce.');

/** Returns the state of a room that has one; throws `unknown-room` or `room-deleted` otherwise. */
export function existing(ahead: Room | null, isDeleted: boolean): Room {
  if (isDeleted) throw roomDeletedError();
  if (ahead === null) throw new ProtocolError('unknown-room', 'There is no such room: look it up by its name.');
  return ahead;
}

/** Returns the error with which an append is answered that the store has refused, or whose outcome is unknown. */
export function appendError(error: unknown, change: RoomChange | null): Error {
  if (error instanceof StoreDamage) return error;
  return error instanceof StoreConflict && error.code === 'room-name-taken' && change?.kind === 'create'
    ? new ProtocolError('room-name-taken', `Another room is called ${change.name}: choose another name.`)
    : new ProtocolError('internal', 'The server does not know whether it has stored this entry: send it again.', {
        cause: error,
      });
}

/** What a request needs before its place in the queue. */
export interface Needs {
  /** The look-up of the request itself; null when it is known to be new. */
  readonly earlier: Promise<Appended | null> | null;
  readonly directory: Pick<Directory, 'findAccount'>;
  /** Resolves when the free space is known; null when it is. */
  readonly ready: Promise<unknown> | null;
}

/** Looks up what a request needs; null when it needs nothing. A rejection does not count as unhandled until the queue awaits it. */
export function prefetch(entry: SignedEntry, { earlier, directory, ready }: Needs): Promise<Prefetched> | null {
  if (earlier === null && ready === null && entry.type !== 'invite') return null;
  const invited = findInvitedAccount(directory, entry);
  const all = Promise.all([earlier, invited, ready]).then(([place, account]) => ({
    earlier: place,
    invitedAccount: account,
  }));
  all.catch(() => {});
  return all;
}

/** Looks up the account that an `invite` names; null when there is none that is not revoked. The signature is verified later. */
async function findInvitedAccount(
  directory: Pick<Directory, 'findAccount'>,
  { type, payload }: SignedEntry,
): Promise<Account | null> {
  const invitation = type === 'invite' ? parsePayload('invite', payload) : null;
  const account = invitation === null ? null : await directory.findAccount(invitation.user);
  return account?.revoked === null ? account : null;
}
