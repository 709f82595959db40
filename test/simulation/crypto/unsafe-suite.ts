/**
 * A substitute for the room's cryptography, for simulations only. Signatures, tokens and the openings of links are random handles
 * under which the keyring stores the key, the purpose and the data. They bind what the real ones bind (key, domain and data;
 * recipient and context) and reveal nothing, but code that has the keyring can break them.
 */
import { hash } from 'node:crypto';
import type { Domain, OwnPrekey, RoomCrypto, Signer } from '@chat/room';
import type { SeededRandom } from '../simulated/seeded-random.ts';
import type { Suite } from './suite.ts';
import {
  fakeRecipient,
  fakeSender,
  handleIn,
  idOf,
  openingWith,
  readFakeRecipient,
  readFakeSender,
} from './unsafe-links.ts';

const handleBytes = 24;
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** Gives random bytes the form of a signature in DER with a low s, which the server requires: they are r, and s is 1. */
const asSignature = (random: Uint8Array): Uint8Array =>
  Uint8Array.of(0x30, handleBytes + 6, 2, handleBytes + 1, 1, ...random, 2, 1, 1);

interface Pair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What is stored under a handle. */
interface Kept {
  readonly privateKey: string;
  readonly purpose: string;
  readonly data: Uint8Array;
}

const prekeyBytes = 1_216;
const hashBytes = 32;

/** Returns the public key of a seed: it has the form of one of X-Wing, whose coefficients are all 0, because the server checks that. */
function publicKeyOf(seed: Uint8Array): Uint8Array {
  const publicKey = new Uint8Array(prekeyBytes);
  publicKey.set(hash('sha256', Buffer.concat([Buffer.from('prekey'), seed]), 'buffer'), prekeyBytes - hashBytes);
  return publicKey;
}

/** All keys of one run. One place for all makes the suite fast, and useless outside tests. */
class Keyring {
  readonly #random: SeededRandom;
  /** Private keys, by public key. */
  readonly #privateKeys = new Map<string, string>();
  readonly #kept = new Map<string, Kept>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  newPair(): Pair {
    const privateKey = this.#random.bytes(32);
    const publicKey = hash('sha256', Buffer.concat([Buffer.from('public'), privateKey]), 'buffer');
    this.#privateKeys.set(textOf(publicKey), textOf(privateKey));
    return { publicKey, privateKey };
  }

  readPrekey(seed: Uint8Array): OwnPrekey {
    const publicKey = publicKeyOf(seed);
    this.#privateKeys.set(textOf(publicKey), textOf(seed));
    return { seed, publicKey };
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
const linking = (context: Uint8Array): string => `link ${textOf(context)}`;
/** Size of a handle in the form of a signature. */
const signatureBytes = handleBytes + 8;

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
      newPrekey: () => keyring.readPrekey(random.bytes(hashBytes)),
      readPrekey: (seed) => keyring.readPrekey(seed),
      openLink({ recipient, context }) {
        const privateKey = keyring.privateOf(recipient);
        if (privateKey === undefined) return null;
        const chainKey = random.bytes(hashBytes);
        const { id, opening } = openingWith(keyring.keep(privateKey, linking(context), chainKey), context);
        return { link: fakeSender({ id, chainKey }), opening };
      },
      acceptLink({ seed }, opening, context) {
        const chainKey = keyring.find(handleIn(opening, signatureBytes), textOf(seed), linking(context));
        return chainKey === null ? null : fakeRecipient({ id: idOf(opening, context), chainKey });
      },
      readSenderLink: readFakeSender,
      readRecipientLink: readFakeRecipient,
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
