/** The room's real cryptography with fixed randomness, and a record of its operations. */
import { encryptFromParts } from '@chat/fernet';
import { fromBase64url, toBase64url, toHex } from '@chat/protocol';
import { createRoomCrypto, type RoomCrypto } from '@chat/room';
import { unsafeSeededRandom } from './seeded-random.ts';

/** HKDF-SHA-256 to 32 bytes; secret and output in hex. */
export interface Derivation {
  readonly secret: string;
  readonly info: string;
  readonly output: string;
}

/** A padded content and its raw token; bytes in hex, `at` in seconds. */
export interface Encryption {
  readonly key: string;
  readonly plaintext: string;
  readonly at: number;
  readonly iv: string;
  readonly token: string;
}

/** A secret in an envelope (base64url) for a recipient's prekey; `context` is text. */
export interface Wrapping {
  readonly recipient: string;
  readonly secret: string;
  readonly context: string;
  readonly envelope: string;
}

/** Cryptography and its record. */
export interface Recording {
  readonly crypto: RoomCrypto;
  /** Each derivation once, in the order of first use. */
  readonly derivations: Derivation[];
  readonly encryptions: Encryption[];
  readonly wrappings: Wrapping[];
}

/** Creates cryptography whose randomness follows from a seed. */
export function recordingCrypto(seed: string): Recording {
  const random = unsafeSeededRandom(seed);
  const real = createRoomCrypto(random);
  const derivations: Derivation[] = [];
  const encryptions: Encryption[] = [];
  const wrappings: Wrapping[] = [];
  const crypto: RoomCrypto = {
    ...real,
    derive(secret, info) {
      const output = real.derive(secret, info);
      if (!derivations.some((known) => known.info === info && known.secret === toHex(secret))) {
        derivations.push({ secret: toHex(secret), info, output: toHex(output) });
      }
      return output;
    },
    encrypt(key, plaintext, ms) {
      const at = Math.floor(ms / 1000);
      const iv = random(16);
      const token = fromBase64url(encryptFromParts(key, plaintext, at, iv).replace(/=+$/, ''));
      encryptions.push({ key: toHex(key), plaintext: toHex(plaintext), at, iv: toHex(iv), token: toHex(token) });
      return token;
    },
    wrap(recipient, secret, context) {
      const envelope = real.wrap(recipient, secret, context);
      if (envelope !== null) {
        wrappings.push({
          recipient: toBase64url(recipient),
          secret: toHex(secret),
          context: new TextDecoder().decode(context),
          envelope: toBase64url(envelope),
        });
      }
      return envelope;
    },
  };
  return { crypto, derivations, encryptions, wrappings };
}
