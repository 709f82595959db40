/** What a user can decrypt of a server's data with all secrets and prekeys ever held. */
import { type Fingerprint, fromBase64url, parsePayload, type RoomId, toHex, utf8 } from '@chat/protocol';
import { createRoomCrypto, type Prekey } from '@chat/room';
import type { Store } from '@chat/server-core';
import { secretsIn, type User } from './people.ts';

const crypto = createRoomCrypto();

/** A room's messages and wraps as the server stores them. */
export interface StoredRoom {
  readonly room: RoomId;
  readonly messages: readonly { readonly epoch: number; readonly token: Uint8Array; readonly by: Fingerprint }[];
  readonly wraps: readonly { readonly epoch: number; readonly to: string; readonly envelope: string }[];
  /** The number of the latest epoch. */
  readonly latest: number;
}

/** @param people the fingerprints of all possible recipients of wraps */
export async function storedRoom(store: Store, name: string, people: readonly string[]): Promise<StoredRoom> {
  const room = (await store.findRoom(name, 'alice'))?.room ?? '';
  const rows = await store.read(room, 0, 10_000, Number.MAX_SAFE_INTEGER);
  const entries = rows.flatMap((row) => ('entry' in row ? [row.entry] : []));
  const messages = entries.flatMap(({ type, payload, by }) => {
    const message = type === 'message' ? parsePayload('message', payload) : null;
    return message === null ? [] : [{ ...message, by }];
  });
  const latest = entries.filter(({ type }) => type === 'epoch').length;
  const addresses = Array.from({ length: latest }, (_, index) => people.map((to) => ({ epoch: index + 1, to }))).flat();
  const wraps = await Promise.all(
    addresses.map(async ({ epoch, to }) => {
      const envelope = await store.findWrap(room, epoch, to);
      return envelope === null ? [] : [{ epoch, to, envelope }];
    }),
  );
  return { room, messages, latest, wraps: wraps.flat() };
}

export class Holdings {
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #prekeys: Prekey[] = [];

  /** Copies what a user's profile holds at this moment. */
  async copy(person: User): Promise<void> {
    const stored = await person.stored();
    for (const secret of secretsIn(stored)) this.#secrets.set(toHex(secret), secret);
    for (const { publicKey, privateKey } of stored.prekeys) {
      this.#prekeys.push({ publicKey: fromBase64url(publicKey), privateKey: fromBase64url(privateKey) });
    }
  }

  /** Returns the plaintexts of the messages that can be decrypted. */
  read({ room, messages, wraps, latest }: StoredRoom): string[] {
    const secrets = [...this.#secrets.values()];
    for (const { epoch, to, envelope } of wraps) {
      const context = utf8(`chat/1 wrap ${room} ${epoch} ${to}`);
      for (const prekey of this.#prekeys) {
        const secret = crypto.unwrap(prekey, fromBase64url(envelope), context);
        if (secret !== null) secrets.push(secret);
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
