/** `RoomCrypto` on the project's own libraries. */
import { clientCreateKeys, getKeyFromHub, HubError, sendKeyToClient } from '@chat/ecdh-hub';
import { Fernet, InvalidToken } from '@chat/fernet';
import { toHex, utf8 } from '@chat/protocol';
import { importVerifier, SignatureError, type Verifier } from '@chat/signatures';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import type { RoomCrypto } from './crypto.ts';

const suite = 'P-384';

/** A map that forgets what was put in first: importing a key costs more than using it once. */
class Recent<T> {
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

/** Runs `attempt`; null when it fails for what somebody else sent. Anything else is a defect of ours and goes up. */
function orNull<T>(isTheirFault: (error: unknown) => boolean, attempt: () => T): T | null {
  try {
    return attempt();
  } catch (error) {
    if (isTheirFault(error)) return null;
    throw error;
  }
}

const badKey = (error: unknown) => error instanceof SignatureError && error.code === 'invalid-public-key';
const badToken = (error: unknown) => error instanceof InvalidToken;
const badPrekey = (error: unknown) => error instanceof HubError && error.code === 'invalid-public-key';
const badEnvelope = (error: unknown) =>
  error instanceof HubError &&
  (error.code === 'unwrap-failed' || error.code === 'invalid-envelope' || badPrekey(error));

/** @param random source of randomness, `bytes` long; the system's when not given */
export function createRoomCrypto(random: (bytes: number) => Uint8Array = randomBytes): RoomCrypto {
  const verifiers = new Recent<Verifier | null>(1024);
  const fernets = new Recent<Fernet>(64);
  const fernet = (key: Uint8Array) => fernets.get(toHex(key), () => new Fernet(key));

  return {
    verify(publicKey, domain, data, signature) {
      const verifier = verifiers.get(toHex(publicKey), () => orNull(badKey, () => importVerifier(publicKey)));
      return verifier?.verify(domain, data, signature) ?? false;
    },
    fingerprint: (publicKey) => toHex(sha256(publicKey)),
    random,
    derive: (secret, label) => hkdf(sha256, secret, undefined, utf8(label), 32),
    encrypt: (key, plaintext, at) => fernet(key).encryptAtTime(plaintext, Math.floor(at / 1000)),
    decrypt: (key, token) => orNull(badToken, () => fernet(key).decrypt(token)),
    newPrekey: () => clientCreateKeys(suite, random),
    wrap: (recipient, secret, context) =>
      orNull(badPrekey, () => sendKeyToClient(recipient, secret, context, { suite, random })),
    unwrap: (prekey, envelope, context) =>
      orNull(badEnvelope, () => getKeyFromHub({ suite, ...prekey }, envelope, context)),
  };
}
