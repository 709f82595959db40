/** What somebody can read of a server's data with all that they ever had: every secret, every prekey, tried at everything. */
import { fromBase64url, parsePayload, type RoomId, toHex, utf8 } from '@chat/protocol';
import { createRoomCrypto, type Prekey } from '@chat/room';
import type { Store } from '@chat/server-core';
import type { User } from './people.ts';

const crypto = createRoomCrypto();

/** A room's log and wraps as the server keeps them. */
export interface KeptRoom {
  readonly room: RoomId;
  readonly messages: readonly { readonly epoch: number; readonly token: string }[];
  readonly wraps: readonly { readonly epoch: number; readonly to: string; readonly envelope: string }[];
  /** The number of the latest epoch. */
  readonly latest: number;
}

/** @param people fingerprints of all for whom there may be wraps */
export async function keptRoom(store: Store, name: string, people: readonly string[]): Promise<KeptRoom> {
  const room = (await store.findByName(name)) ?? '';
  const entries = (await store.read(room, 0, 10_000, Number.MAX_SAFE_INTEGER)).map(({ entry }) => entry);
  const messages = entries.flatMap(({ type, payload }) =>
    type === 'message' ? (parsePayload('message', payload) ?? []) : [],
  );
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

  /** Copies what a person's file holds at this moment. */
  async copy(person: User): Promise<void> {
    const { prekeys } = await person.stored();
    for (const secret of await person.secrets()) this.#secrets.set(toHex(secret), secret);
    for (const { publicKey, privateKey } of prekeys) {
      this.#prekeys.push({ publicKey: fromBase64url(publicKey), privateKey: fromBase64url(privateKey) });
    }
  }

  /** The plaintexts of the messages that open. */
  read({ room, messages, wraps, latest }: KeptRoom): string[] {
    const secrets = [...this.#secrets.values()];
    for (const { epoch, to, envelope } of wraps) {
      const context = utf8(`chat/1 wrap ${room} ${epoch} ${to}`);
      for (const prekey of this.#prekeys) {
        const secret = crypto.unwrap(prekey, fromBase64url(envelope), context);
        if (secret !== null) secrets.push(secret);
      }
    }
    // Each of them may lead on to the secrets after it.
    for (const known of [...secrets]) {
      let secret = known;
      for (let epoch = 1; epoch <= latest; epoch++) {
        secret = crypto.derive(secret, `chat/1 step ${room} ${epoch}`);
        secrets.push(secret);
      }
    }
    return messages.flatMap(({ epoch, token }) =>
      secrets.flatMap((secret) => {
        const plaintext = crypto.decrypt(crypto.derive(secret, `chat/1 message ${room} ${epoch}`), token);
        return plaintext === null ? [] : [new TextDecoder().decode(plaintext)];
      }),
    );
  }
}
