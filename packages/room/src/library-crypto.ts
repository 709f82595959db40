/** Implements `RoomCrypto` with `@chat/fernet`, `@chat/ecdh-hub` and `@chat/signatures`. */
import { clientCreateKeys } from '@chat/ecdh-hub';
import { Fernet, InvalidToken } from '@chat/fernet';
import { sha256Hex, toHex, utf8 } from '@chat/protocol';
import { importVerifier, isLowS, SignatureError, type Verifier } from '@chat/signatures';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import type { RoomCrypto } from './crypto.ts';
import { acceptLink, openLink, readRecipientLink, readSenderLink } from './library-links.ts';
import { orNull } from './or-null.ts';

/** Anything less would not withstand a quantum computer. */
const suite = 'X-Wing';

/** A cache of imported keys that evicts the oldest entry. Importing a key costs more than one use of it. */
class KeyCache<T> {
  readonly #values = new Map<string, T>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string, make: () => T): T {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = make();
    const [oldest] = this.#values.keys();
    if (oldest !== undefined && this.#values.size >= this.#limit) this.#values.delete(oldest);
    this.#values.set(key, value);
    return value;
  }
}

const isInvalidKey = (error: unknown) => error instanceof SignatureError && error.code === 'invalid-public-key';
const isInvalidToken = (error: unknown) => error instanceof InvalidToken;

/**
 * Returns the cryptography of the project's own libraries.
 *
 * @param random returns as many random bytes as it is asked for. Default: the system's random generator, with which the library
 *   encapsulates some times faster
 */
export function createRoomCrypto(random?: (bytes: number) => Uint8Array): RoomCrypto {
  const verifiers = new KeyCache<Verifier | null>(1024);
  const fernets = new KeyCache<Fernet>(1024);
  const fernet = (key: Uint8Array) => fernets.get(toHex(key), () => new Fernet(key));

  const verifier = (publicKey: Uint8Array) =>
    verifiers.get(toHex(publicKey), () => orNull(isInvalidKey, () => importVerifier(publicKey)));

  const verifyEitherS: RoomCrypto['verifyEitherS'] = (publicKey, domain, data, signature) =>
    verifier(publicKey)?.verify(domain, data, signature) ?? false;

  return {
    verify: (publicKey, domain, data, signature) =>
      isLowS(signature) && verifyEitherS(publicKey, domain, data, signature),
    verifyEitherS,
    verifyAsync: async ({ publicKey, domain, data, signature, lowS }) =>
      (!lowS || isLowS(signature)) && ((await verifier(publicKey)?.verifyAsync(domain, data, signature)) ?? false),
    fingerprint: (publicKey) => sha256Hex(publicKey),
    random: random ?? randomBytes,
    derive: (secret, label) => hkdf(sha256, secret, undefined, utf8(label), 32),
    encrypt: (key, plaintext, at) => fernet(key).raw.encryptAtTime(plaintext, Math.floor(at / 1000)),
    decrypt: (key, token) => orNull(isInvalidToken, () => fernet(key).raw.decrypt(token)),
    newPrekey() {
      const { privateKey: seed, publicKey } = clientCreateKeys(suite, random);
      return { seed, publicKey };
    },
    readPrekey(seed) {
      const { publicKey } = clientCreateKeys(suite, () => seed);
      return { seed, publicKey };
    },
    openLink: (options) => openLink({ suite, ...options }, random),
    acceptLink: ({ seed: privateKey, publicKey }, opening, context) =>
      acceptLink({ suite, privateKey, publicKey }, opening, context),
    readSenderLink,
    readRecipientLink,
  };
}
