/**
 * A substitute for the room's cryptography, for simulations only. Signatures, tokens and envelopes are random handles under
 * which the keyring stores the key, the purpose and the data. They bind what the real ones bind (key, domain and data;
 * recipient and context) and reveal nothing, but code that has the keyring can break them.
 */
import { createECDH, hash } from 'node:crypto';
import type { Domain, Prekey, RoomCrypto, Signer } from '@chat/room';
import type { SeededRandom } from '../simulated/seeded-random.ts';
import type { Suite } from './suite.ts';

const handleBytes = 24;
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** Gives random bytes the form of a signature in DER with a low s, which the server requires: they are r, and s is 1. */
const asSignature = (random: Uint8Array): Uint8Array =>
  Uint8Array.of(0x30, handleBytes + 6, 2, handleBytes + 1, 1, ...random, 2, 1, 1);

/** What is stored under a handle. */
interface Kept {
  readonly privateKey: string;
  readonly purpose: string;
  readonly data: Uint8Array;
}

/** Points of the curve, which all runs use: to make one takes longer than most steps of a run. */
const points: Uint8Array[] = [];

function pointAt(index: number): Uint8Array {
  const known = points[index];
  if (known !== undefined) return known;
  const privateKey = new Uint8Array(48);
  new DataView(privateKey.buffer).setUint32(44, index + 1);
  const ecdh = createECDH('secp384r1');
  ecdh.setPrivateKey(privateKey);
  const point = new Uint8Array(ecdh.getPublicKey());
  points[index] = point;
  return point;
}

/** All keys of one run. One place for all makes the suite fast, and useless outside tests. */
class Keyring {
  readonly #random: SeededRandom;
  /** Private keys, by public key. */
  readonly #privateKeys = new Map<string, string>();
  readonly #kept = new Map<string, Kept>();
  /** Number of prekeys of this run. */
  #prekeys = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  newPair(): Prekey {
    const privateKey = this.#random.bytes(32);
    const publicKey = hash('sha256', Buffer.concat([Buffer.from('public'), privateKey]), 'buffer');
    this.#privateKeys.set(textOf(publicKey), textOf(privateKey));
    return { publicKey, privateKey };
  }

  /** The public key is a point of the curve, because the server checks that. The private key is no number that leads to it. */
  newPrekey(): Prekey {
    const privateKey = this.#random.bytes(48);
    const publicKey = pointAt(this.#prekeys++);
    this.#privateKeys.set(textOf(publicKey), textOf(privateKey));
    return { publicKey, privateKey };
  }

  privateOf(publicKey: Uint8Array): string | undefined {
    return this.#privateKeys.get(textOf(publicKey));
  }

  keep(privateKey: string, purpose: string, data: Uint8Array): Uint8Array {
    const handle = asSignature(this.#random.bytes(handleBytes));
    this.#kept.set(textOf(handle), { privateKey, purpose, data: data.slice() });
    return handle;
  }

  /** Returns the data under a handle, or `null` if key or purpose differ. */
  find(handle: Uint8Array, privateKey: string | undefined, purpose: string): Uint8Array | null {
    const kept = this.#kept.get(textOf(handle));
    return kept !== undefined && kept.privateKey === privateKey && kept.purpose === purpose ? kept.data : null;
  }
}

const signing = ({ protocol, purpose, context }: Domain): string => `sign ${protocol} ${purpose} ${context}`;
const wrapping = (context: Uint8Array): string => `wrap ${textOf(context)}`;

export function unsafeSuite(random: SeededRandom): Suite {
  const keyring = new Keyring(random);
  const fingerprint = (publicKey: Uint8Array) => hash('sha256', publicKey, 'hex');
  const verify: RoomCrypto['verify'] = (publicKey, domain, data, signature) => {
    const signed = keyring.find(signature, keyring.privateOf(publicKey), signing(domain));
    return signed !== null && Buffer.compare(signed, data) === 0;
  };

  return {
    newSigner(): Signer {
      const { publicKey, privateKey } = keyring.newPair();
      return {
        publicKey,
        fingerprint: fingerprint(publicKey),
        sign: (domain, data) => keyring.keep(textOf(privateKey), signing(domain), data),
      };
    },
    newRoomCrypto: () => ({
      verify,
      verifyEitherS: verify,
      fingerprint,
      random: (count) => random.bytes(count),
      derive: (secret, label) => hash('sha256', Buffer.concat([secret, Buffer.from(label)]), 'buffer'),
      encrypt: (key, plaintext) => keyring.keep(textOf(key), 'encrypt', plaintext),
      decrypt: (key, token) => keyring.find(token, textOf(key), 'encrypt'),
      newPrekey: () => keyring.newPrekey(),
      wrap(recipient, secret, context) {
        const privateKey = keyring.privateOf(recipient);
        return privateKey === undefined ? null : keyring.keep(privateKey, wrapping(context), secret);
      },
      unwrap: ({ privateKey }, envelope, context) => keyring.find(envelope, textOf(privateKey), wrapping(context)),
    }),
    hasRealKeys: false,
    verifier: (publicKey) => ({
      publicKey,
      fingerprint: fingerprint(publicKey),
      verify: (domain, data, signature) => verify(publicKey, domain, data, signature),
      verifyAsync: async (domain, data, signature) => verify(publicKey, domain, data, signature),
    }),
  };
}
