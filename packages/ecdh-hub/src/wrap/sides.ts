/**
 * The two sides of a wrap. On a curve, a sender has one ephemeral key pair for all its recipients, and the secret is the bare
 * result of the agreement. With X-Wing it makes an encapsulation for each recipient.
 */
import type { Backend } from '../backend/backend.ts';
import type { Encapsulated } from '../kem/kem.ts';
import { kemOf } from '../kem/kem-of.ts';
import { drawPrivateKey } from '../keys/private-key.ts';
import type { RandomBytes } from '../random.ts';
import { requireSuite, type Suite, type SuiteParameters } from '../suite.ts';

/** The side that wraps. */
export interface Sender {
  /** The ephemeral public key, which is the encapsulation for every recipient. `null` with X-Wing. */
  readonly publicKey: Uint8Array | null;

  /**
   * Makes the secret that it shares with one recipient. The caller wipes it. Throws `invalid-public-key`.
   *
   * @param owner as for `Party.agree`
   */
  send(publicKey: Uint8Array, owner?: object): Encapsulated;

  /** Wipes the ephemeral private key. */
  wipe(): void;
}

/** The side that unwraps. Use it before the private key that it came from is wiped. */
export interface Recipient {
  readonly publicKey: Uint8Array;

  /** Computes the secret of `Sender.send`. The caller wipes it. Throws `invalid-public-key`. */
  receive(encapsulation: Uint8Array): Uint8Array;
}

/** Creates a sender. On a curve it draws the ephemeral private key at once; with X-Wing, `send` draws 64 bytes. */
export function createSender(backend: Backend, suite: SuiteParameters, random: RandomBytes): Sender {
  if (suite.name === 'X-Wing') {
    const { encapsulate } = kemOf(backend, suite);
    return { publicKey: null, send: (key, owner) => encapsulate(key, { random, owner }), wipe: () => {} };
  }
  const ephemeral = drawPrivateKey(suite, random);
  const { publicKey, agree } = backend.agreements[suite.name].derive(ephemeral);
  return {
    publicKey,
    send: (key, owner) => ({ encapsulation: publicKey, sharedSecret: agree(key, owner) }),
    wipe: () => void ephemeral.fill(0),
  };
}

/** The key pair of `loadRecipient`. */
interface OwnKeys {
  readonly suite: Suite;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Imports a key pair without checking that its halves belong together. Throws `invalid-public-key`. */
export function loadRecipient(backend: Backend, { suite: name, privateKey, publicKey }: OwnKeys): Recipient {
  const suite = requireSuite(name, 'invalid-argument');
  if (suite.name === 'X-Wing') {
    const { decapsulate } = kemOf(backend, suite).load(privateKey, publicKey);
    return { publicKey, receive: decapsulate };
  }
  const { agree } = backend.agreements[suite.name].load(privateKey, publicKey);
  return { publicKey, receive: (encapsulation) => agree(encapsulation) };
}
