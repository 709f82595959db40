/** What a user can decrypt of a server's data with all secrets, prekeys and links ever held. */
import { type Fingerprint, fromBase64url, parsePayload, type RoomId, toHex } from '@chat/protocol';
import { createRoomCrypto, linkContext, type OwnPrekey, type RecipientLink, wrapContext } from '@chat/room';
import type { Store } from '@chat/server-core';
import { secretsIn, type User } from './people.ts';

const crypto = createRoomCrypto();

/** A room's messages, and the wraps and openings that wait, as the server stores them. */
export interface StoredRoom {
  readonly room: RoomId;
  readonly messages: readonly { readonly epoch: number; readonly token: Uint8Array; readonly by: Fingerprint }[];
  readonly wraps: readonly { readonly epoch: number; readonly wrap: Uint8Array }[];
  /** The openings, with what they were made for. */
  readonly openings: readonly { readonly opening: Uint8Array; readonly context: Uint8Array }[];
  /** The number of the latest epoch. */
  readonly latest: number;
}

/** The most openings that wait for one user. */
const many = 1_000;

/**
 * @param people the fingerprints of all possible recipients of wraps
 * @param ca fingerprint of the server's CA certificate
 */
export async function storedRoom(
  store: Store,
  name: string,
  { people, ca }: { readonly people: readonly Fingerprint[]; readonly ca: Fingerprint },
): Promise<StoredRoom> {
  const room = (await store.findRoom(name, 'alice'))?.room ?? '';
  const rows = await store.read(room, 0, 10_000, Number.MAX_SAFE_INTEGER);
  const entries = rows.flatMap((row) => ('entry' in row ? [row.entry] : []));
  const messages = entries.flatMap(({ type, payload, by }) => {
    const message = type === 'message' ? parsePayload('message', payload) : null;
    return message === null ? [] : [{ ...message, by }];
  });
  const latest = entries.filter(({ type }) => type === 'epoch').length;
  const wraps = await Promise.all(people.map((to) => store.findWraps(room, to, { from: 1, to: latest })));
  const links = await Promise.all(people.map((to) => store.linksTo(to, many)));
  return {
    room,
    messages,
    latest,
    wraps: wraps.flat().map(({ number, wrap }) => ({ epoch: number, wrap })),
    openings: links.flat().map(({ from, to, opening }) => ({ opening, context: linkContext(ca, from, to) })),
  };
}

export class Holdings {
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #prekeys: OwnPrekey[] = [];
  readonly #links: RecipientLink[] = [];

  /** Copies what a user's profile holds at this moment. */
  async copy(person: User): Promise<void> {
    const stored = await person.stored();
    for (const secret of secretsIn(stored)) this.#secrets.set(toHex(secret), secret);
    for (const { seed } of stored.prekeys) this.#prekeys.push(crypto.readPrekey(fromBase64url(seed)));
    for (const { link } of stored.links?.recipients ?? []) {
      this.#links.push(crypto.readRecipientLink(JSON.stringify(link)));
    }
  }

  /** Returns the plaintexts of the messages that can be decrypted. */
  read({ room, messages, wraps, openings, latest }: StoredRoom): string[] {
    const secrets = [...this.#secrets.values()];
    const accepted = openings.flatMap(({ opening, context }) =>
      this.#prekeys.flatMap((prekey) => crypto.acceptLink(prekey, opening, context) ?? []),
    );
    for (const link of [...this.#links, ...accepted]) {
      for (const { epoch, wrap } of wraps) {
        const unwrapped = link.unwrap(wrap, wrapContext({ roomId: room, epochNumber: epoch }));
        if (typeof unwrapped !== 'string') secrets.push(unwrapped.key);
      }
    }
    // Later secrets may be derived from each of them.
    for (const known of [...secrets]) {
      let secret = known;
      for (let epoch = 1; epoch <= latest; epoch++) {
        secret = crypto.derive(secret, `chat/1 step ${room} ${epoch}`);
        secrets.push(secret);
      }
    }
    return messages.flatMap(({ epoch, token, by }) =>
      secrets.flatMap((secret) => {
        const plaintext = crypto.decrypt(crypto.derive(secret, `chat/1 message ${room} ${epoch} ${by}`), token);
        return plaintext === null ? [] : [new TextDecoder().decode(plaintext)];
      }),
    );
  }
}
