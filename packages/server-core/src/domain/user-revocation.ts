/**
 * Taking somebody's access away, for good and everywhere: their account, their sessions, their certificates, their rooms.
 *
 * The mark on the account comes first and is durable: nobody of that key gets in from then on. All the rest follows from
 * it, and can be done again: what a crash has cut off is done at the next start.
 */
import {
  entryDomain,
  type Payload,
  ProtocolError,
  type RoomId,
  type SignedEntry,
  toBase64url,
  type UserName,
  utf8,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';
import type { Certificates } from '../identity/certificates.ts';
import type { Account, Directory, Revoked } from '../ports/directory.ts';
import type { RoomStore } from '../ports/room-store.ts';
import type { Rooms } from './rooms.ts';

/** What was done. */
export interface RevocationResult {
  /** Every name of that key: what is taken away is a person's, whatever they are called. */
  readonly users: readonly UserName[];
  /** Since when, in milliseconds: earlier than now when it is not the first time. */
  readonly since: number;
  readonly sessions: number;
  readonly certificates: number;
  /** Rooms that they were in, or invited to. */
  readonly rooms: number;
}

export interface UserRevocationOptions {
  readonly store: Directory & RoomStore;
  readonly rooms: Rooms;
  readonly certificates: Pick<Certificates, 'revokeCertificatesOf'>;
  /** The CA's key, by which members know that a revocation is the operator's. */
  readonly authority: Signer;
  readonly clock: () => number;
  /** Ends the sessions of this user; resolves, with how many they were, when all that they asked for is answered. */
  readonly revokeSessions: (user: UserName) => Promise<number>;
  /** Tells the world what has been revoked by now. */
  readonly publishRevocationList: () => Promise<void>;
}

/** Rooms looked up, and left, together: their entries are signed in one go, and share a commit. */
const batch = 16;

export class UserRevocation {
  readonly #options: UserRevocationOptions;
  /** Fingerprints. In memory, for what can ask no store. */
  readonly #revokedKeys = new Set<string>();

  constructor(options: UserRevocationOptions) {
    this.#options = options;
  }

  /** Whether the access of this key was taken away since the server began to start, or before. */
  hasRevoked(fingerprint: string): boolean {
    return this.#revokedKeys.has(fingerprint);
  }

  /** Finishes what was marked before: to be called before anybody is let in. */
  async resume(): Promise<void> {
    await this.#finishRevocation(await this.#options.store.revokedAccounts());
  }

  /** Resolves when everything is done and durable. Throws `unknown-user`. */
  async revoke(user: UserName, reason: Revoked['reason']): Promise<RevocationResult> {
    const { store, clock } = this.#options;
    const accounts = await store.revokeAccount(user, { at: clock(), reason });
    if (accounts.length === 0) throw new ProtocolError('unknown-user', `Nobody is registered here as ${user}.`);
    const since = Math.min(...accounts.flatMap(({ revoked }) => revoked?.at ?? []));
    return { users: accounts.map((account) => account.user), since, ...(await this.#finishRevocation(accounts)) };
  }

  async #finishRevocation(
    accounts: readonly Account[],
  ): Promise<Pick<RevocationResult, 'sessions' | 'certificates' | 'rooms'>> {
    const { rooms, certificates, revokeSessions, publishRevocationList } = this.#options;
    for (const { fingerprint } of accounts) {
      this.#revokedKeys.add(fingerprint);
      rooms.markRevoked(fingerprint);
    }
    const done = { sessions: 0, certificates: 0, rooms: 0 };
    // First of all, so that what was asked by them and about them is in the store when their rooms are looked up.
    for (const { user } of accounts) done.sessions += await revokeSessions(user);
    await rooms.settled();
    for (const account of accounts) done.rooms += await this.#revokeInRooms(account);
    for (const { user, revoked } of accounts) {
      if (revoked !== null) done.certificates += await certificates.revokeCertificatesOf(user, revoked.reason);
    }
    if (done.certificates > 0) await publishRevocationList();
    return done;
  }

  async #revokeInRooms(account: Account): Promise<number> {
    const all = await this.#roomsOf(account.user);
    let left = 0;
    for (let from = 0; from < all.length; from += batch) {
      const revocations = all
        .slice(from, from + batch)
        .map((room) => this.#options.rooms.revoke(room, this.#revokeEntry(room, account)));
      left += (await Promise.all(revocations)).filter((appended) => appended !== null).length;
    }
    return left;
  }

  async #roomsOf(user: UserName): Promise<readonly RoomId[]> {
    const { store } = this.#options;
    const found = [...(await store.roomsOf(user))];
    for (let after: string | null = null; ; ) {
      const invitations = await store.invitationsOf(user, after, batch);
      found.push(...invitations.map(({ room }) => room));
      after = invitations.at(-1)?.name ?? null;
      if (invitations.length < batch) return found;
    }
  }

  #revokeEntry(room: RoomId, { user, fingerprint }: Account): SignedEntry {
    const { authority, clock } = this.#options;
    const content: Payload<'revoke'> = { v: 1, type: 'revoke', room, at: clock(), user, fingerprint };
    const payload = JSON.stringify(content);
    const signature = authority.sign(entryDomain('revoke', room), utf8(payload));
    return { type: 'revoke', payload, by: authority.fingerprint, signature: toBase64url(signature) };
  }
}
