/**
 * Other people's prekeys. The server hands them out and is not believed: a prekey counts when the identity key that the
 * room's log shows has signed it, and when no later one of that person was seen before.
 */
import {
  type Fingerprint,
  fromBase64url,
  limits,
  type PublicIdentity,
  prekeyStatement,
  type SignedPrekey,
  type UserName,
} from '@chat/protocol';
import type { ClientContext, Directory, FoundPrekeys } from '../context.ts';
import { ClientError } from '../errors.ts';
import { nextTurn } from '../scheduler.ts';
import type { SeenPrekey } from '../storage/stored-state.ts';

/** Signatures that are verified in one go: some 10 ms. */
const part = 16;

type Reader = Pick<ClientContext, 'crypto' | 'scheduler' | 'authority' | 'request' | 'saveSoon'>;

export class PrekeyDirectory implements Directory {
  readonly #reader: Reader;
  readonly #seen: Map<Fingerprint, SeenPrekey>;

  constructor(reader: Reader, seen: Readonly<Record<Fingerprint, SeenPrekey>>) {
    this.#reader = reader;
    this.#seen = new Map(Object.entries(seen));
  }

  async find(people: readonly PublicIdentity[]): Promise<FoundPrekeys> {
    const prekeys = new Map<Fingerprint, Uint8Array>();
    const wrong: UserName[] = [];
    for (let from = 0; from < people.length; from += limits.prekeysPerRequest) {
      const asked = people.slice(from, from + limits.prekeysPerRequest);
      const records = await this.#ask(asked.map(({ user }) => user));
      for (const [index, person] of asked.entries()) {
        const record = records.get(person.user);
        if (record === undefined) continue;
        if (index % part === part - 1) await nextTurn(this.#reader.scheduler);
        if (record.key === person.key && this.#accept(person, record)) {
          prekeys.set(person.fingerprint, fromBase64url(record.prekey));
        } else wrong.push(person.user);
      }
    }
    return { prekeys, wrong };
  }

  async personOf(user: UserName): Promise<PublicIdentity | null> {
    const record = (await this.#ask([user])).get(user);
    if (record === undefined) return null;
    const { key } = record;
    const identity = { user, fingerprint: this.#reader.crypto.fingerprint(fromBase64url(key)), key };
    if (this.#accept(identity, record)) return identity;
    throw new ClientError('wrong-prekey', `The server shows a key for ${user} that is not theirs, or an old one.`);
  }

  toJSON(): Record<Fingerprint, SeenPrekey> {
    return Object.fromEntries(this.#seen);
  }

  async #ask(users: UserName[]): Promise<ReadonlyMap<UserName, SignedPrekey>> {
    const { prekeys } = await this.#reader.request('get-prekeys', { users });
    return new Map(prekeys.map((record) => [record.user, record]));
  }

  /** Whether it is signed and no older than what was seen; notes it then. What was seen before is not verified again. */
  #accept({ user, fingerprint, key }: PublicIdentity, { prekey, madeAt, signature }: SignedPrekey): boolean {
    const seen = this.#seen.get(fingerprint);
    if (seen !== undefined && seen.madeAt >= madeAt) return seen.madeAt === madeAt && seen.prekey === prekey;
    const { crypto, authority, saveSoon } = this.#reader;
    const { domain, data } = prekeyStatement(authority.fingerprint, { user, prekey, madeAt });
    if (!crypto.verify(fromBase64url(key), domain, data, fromBase64url(signature))) return false;
    this.#seen.set(fingerprint, { prekey, madeAt });
    saveSoon();
    return true;
  }
}
