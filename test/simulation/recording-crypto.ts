/** Everything that one client ever held and could read with: what an attacker who copied it all along would have. */
import type { MessageContent } from '@chat/protocol';
import type { RoomCrypto } from '@chat/room';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What the clients of one run derived from what: the same for all of them, whoever did it. */
export class Derivations {
  /** By label: what was derived, and from what. */
  readonly byLabel = new Map<string, Map<string, string>>();
  /** The key that a token was made with, or opened with. */
  readonly opened = new Map<string, string>();
  /** What was put into a token: the text, and the length of the log as its author saw it. */
  readonly contents = new Map<string, { readonly text: string; readonly head: number }>();

  add(label: string, from: string, to: string): void {
    const known = this.byLabel.get(label);
    if (known === undefined) this.byLabel.set(label, new Map([[to, from]]));
    else known.set(to, from);
  }
}

/**
 * The same cryptography, taking note of every secret that goes in or comes out.
 *
 * @param held takes the secrets
 */
export function recording(crypto: RoomCrypto, held: Set<string>, derivations: Derivations): RoomCrypto {
  const hold = (bytes: Uint8Array): string => {
    const text = textOf(bytes);
    held.add(text);
    return text;
  };
  return {
    ...crypto,
    derive(secret, label) {
      const derived = crypto.derive(secret, label);
      derivations.add(label, hold(secret), hold(derived));
      return derived;
    },
    encrypt(key, plaintext, at) {
      const token = crypto.encrypt(key, plaintext, at);
      derivations.opened.set(token, hold(key));
      const { body, head } = JSON.parse(Buffer.from(plaintext).toString()) as MessageContent;
      derivations.contents.set(token, { text: body.text, head: head.seq });
      return token;
    },
    decrypt(key, token) {
      const plaintext = crypto.decrypt(key, token);
      if (plaintext !== null) derivations.opened.set(token, hold(key));
      return plaintext;
    },
    unwrap(prekey, envelope, context) {
      const secret = crypto.unwrap(prekey, envelope, context);
      if (secret !== null) hold(secret);
      return secret;
    },
  };
}
