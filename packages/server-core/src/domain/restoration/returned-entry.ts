/** Checks an entry that a member gives back: as when its author appended it, and the signature of a message too. */
import {
  chainFrom,
  entryDomain,
  entryHash,
  type Fingerprint,
  type Identity,
  type KeyChain,
  lastKeyOf,
  limits,
  ProtocolError,
  parsePayload,
  type RoomId,
  type SignedEntry,
  type UserName,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { type ChainJudge, verifierOf } from '../../identity/key-chain.ts';
import { findUser, type RegisteredUser } from '../../identity/registered-user.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Room } from '../../ports/room-store.ts';
import { type AdmittedEntry, admit, admitCreate } from '../entry-rules/append-rules.ts';
import type { LogView } from '../entry-rules/log-view.ts';
import { admitRevocation, readRevocation } from '../entry-rules/revocation-rules.ts';
import type { RestorableLog } from './restorable-log.ts';

/** The author of an entry that is given back. */
export interface Author extends RegisteredUser {
  /** False for a user whose account the server has lost too: the key is the one of the user's own `create` or `join`. */
  readonly hasAccount: boolean;
}

/** Authors by fingerprint. */
export type Authors = ReadonlyMap<Fingerprint, Author>;

/** What a given entry is checked against. */
export interface ReturnedContext {
  readonly roomId: RoomId;
  /** Null for the first entry. */
  readonly state: Room | null;
  readonly view: LogView;
  readonly judgeChain: ChainJudge;
  readonly authors: Authors;
  /** Verify signatures of the server's CAs. */
  readonly authorities: readonly Verifier[];
  /** Milliseconds. */
  readonly now: number;
}

const refused = (message: string) => new ProtocolError('entry-refused', message);

/**
 * Checks an entry against the room after all entries before it.
 *
 * @returns the entry, and its author; null for an entry of the server
 * @throws ProtocolError with the code of the rule that the entry violates
 */
export function admitReturned(
  { roomId, state, view, judgeChain, authors, authorities, now }: ReturnedContext,
  entry: SignedEntry,
): { readonly admitted: AdmittedEntry; readonly author: Author | null } {
  if (state !== null && entry.type === 'revoke') {
    const change = admitRevocation(state, readRevocation(roomId, entry, authorities));
    if (change === null) throw refused('The key is revoked in this room already.');
    return { admitted: { hash: entryHash(entry), change }, author: null };
  }
  const author = authors.get(entry.by);
  if (author === undefined) {
    throw new ProtocolError(
      'unknown-user',
      'The author of an entry is not registered here: it can be given back once its author has enrolled again.',
    );
  }
  const request = { author, cid: '', entry, wraps: null };
  if (state === null) {
    const { room, ...admitted } = admitCreate(request);
    if (room !== roomId) throw refused('The create entry is that of another room.');
    return { admitted, author };
  }
  requireSignedMessage(roomId, entry, author);
  return { admitted: admit({ state, view, judgeChain, now }, request), author };
}

/** Another user offers the message, so the server does not leave its signature to the readers. */
function requireSignedMessage(roomId: RoomId, { type, payload, signature }: SignedEntry, { verifier }: Author): void {
  if (type !== 'message') return;
  if (verifier.verify(entryDomain('message', roomId), payload, signature)) return;
  throw refused('A message that its author did not sign is not given back.');
}

/** Where authors are looked up. */
export interface AuthorSource {
  readonly directory: Pick<Directory, 'findAccount' | 'renewalsOf'>;
  readonly judgeChain: ChainJudge;
}

/**
 * Looks up the authors of entries that are given back. Includes revoked users: what they wrote before stays on the log. Includes
 * users whose accounts are lost, too: without them one user who stays away would stop the room of all others.
 */
export async function authorsOf(
  log: RestorableLog,
  entries: readonly SignedEntry[],
  { directory, judgeChain }: AuthorSource,
): Promise<Authors> {
  const signers = new Set(entries.map(({ by }) => by));
  const members = (log.state?.members ?? []).filter(({ fingerprint }) => signers.has(fingerprint));
  const invited = (log.state?.invited ?? []).filter(({ fingerprint }) => signers.has(fingerprint));
  const keys = [
    ...entries.flatMap((entry) => keyIn(entry) ?? []),
    ...(await Promise.all(members.map(({ joinedAt }) => keyAt(log, joinedAt)))).flatMap((key) => key ?? []),
    ...(await Promise.all(invited.map(({ seq }) => keyAt(log, seq)))).flatMap((key) => key ?? []),
  ];
  const names = new Set([...members, ...invited, ...keys].map(({ user }) => user));
  const accounts = new Map(
    await Promise.all([...names].map(async (name) => [name, await findUser(directory, name)] as const)),
  );
  const authors = new Map<Fingerprint, Author>();
  for (const account of accounts.values()) {
    if (account === null) continue;
    authors.set(account.fingerprint, { ...account, hasAccount: true });
    const { user } = account;
    const keysBefore = (await directory.renewalsOf(user, limits.keyRenewalsPerAnswer)).map(({ previous }) => previous);
    const keysAfter = entries.flatMap((entry) => keysAfterOf(entry, account, judgeChain));
    for (const key of [...keysBefore, ...keysAfter]) {
      const verifier = verifierOf(key);
      if (verifier === null || authors.has(verifier.fingerprint)) continue;
      authors.set(verifier.fingerprint, { user, fingerprint: verifier.fingerprint, key, verifier, hasAccount: true });
    }
  }
  for (const { user, key, by } of keys) {
    // A name that is bound to another key is not that of a lost account.
    if (authors.has(by) || accounts.get(user) !== null) continue;
    const verifier = verifierOf(key);
    if (verifier?.fingerprint !== by) continue;
    authors.set(by, { user, fingerprint: by, key, verifier, hasAccount: false });
  }
  return authors;
}

interface SignedKey {
  readonly user: UserName;
  /** In base64url. */
  readonly key: string;
  readonly by: Fingerprint;
}

/** Returns the renewals of an entry that lead on from the key of its author's account, which the server has of an earlier time; null for others. */
export function renewalIn(
  { type, payload }: SignedEntry,
  { user, fingerprint }: Identity,
  judgeChain: ChainJudge,
): KeyChain | null {
  const parsed = type === 'renew-key' ? parsePayload(type, payload) : null;
  if (parsed?.author !== user || judgeChain(parsed, user) === null) return null;
  return chainFrom(parsed, fingerprint);
}

const keysAfterOf = (entry: SignedEntry, account: Identity, judgeChain: ChainJudge): readonly string[] =>
  renewalIn(entry, account, judgeChain)?.renewals.map(({ key }) => key) ?? [];

/** Returns the key that a `create`, `join` or `renew-key` states of its author, and an `invite` of the invited user; null for other entries. */
function keyIn({ type, payload, by }: SignedEntry): SignedKey | null {
  const invitation = type === 'invite' ? parsePayload(type, payload) : null;
  if (invitation !== null) return { user: invitation.user, key: invitation.key, by: invitation.fingerprint };
  const renewal = type === 'renew-key' ? parsePayload(type, payload) : null;
  if (renewal !== null) return { user: renewal.author, key: lastKeyOf(renewal), by };
  const parsed = type === 'create' || type === 'join' ? parsePayload(type, payload) : null;
  return parsed !== null && 'key' in parsed ? { user: parsed.author, key: parsed.key, by } : null;
}

/** Returns the key that the `create`, `join` or `invite` at a position of the log states; null when that row is damaged. */
async function keyAt(log: RestorableLog, seq: number): Promise<SignedKey | null> {
  const [item] = await log.readPage(seq - 1, seq);
  return item !== undefined && 'entry' in item ? keyIn(item.entry) : null;
}
