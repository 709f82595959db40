/**
 * The beginning of a link, which sender and recipient derive from the shared secret of one encapsulation. HKDF's `info` has the hash of
 * everything that they must agree on: the suite, the recipient's public key, the encapsulation, and the caller's context.
 */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import type { Suite } from '../suite.ts';
import { linkKeyBytes } from './chain.ts';

/** The size of a link's id. */
export const linkIdBytes = 8;
/** The size of the value by which a recipient sees that it has the sender's link. */
export const confirmationBytes = 16;

/** What an encapsulation is for. */
export interface Establishment {
  readonly suite: Suite;
  /** The recipient's public key. */
  readonly recipient: Uint8Array;
  readonly encapsulation: Uint8Array;
  /** The caller's context, such as the names of the two. */
  readonly context: Uint8Array;
}

/** The beginning of a link. */
export interface Root {
  /** Public: 8 bytes of the hash of the establishment. */
  readonly id: Uint8Array;
  /** The chain key of the first step. */
  readonly chainKey: Uint8Array;
  /** Public: it stands in the opening. */
  readonly confirmation: Uint8Array;
}

/** Derives the beginning of a link, and wipes the shared secret. */
export function deriveRoot(
  backend: Backend,
  sharedSecret: Uint8Array,
  { suite, recipient, encapsulation, context }: Establishment,
): Root {
  const text = new TextEncoder();
  const fields = [text.encode('ecdh-hub link v1'), text.encode(suite), recipient, encapsulation, context];
  const transcript = backend.sha256(lengthPrefixed(fields));
  const derived = backend.hkdf(sharedSecret, {
    salt: new Uint8Array(),
    info: lengthPrefixed([text.encode('ecdh-hub link root v1'), transcript]),
    length: linkKeyBytes + confirmationBytes,
  });
  sharedSecret.fill(0);
  const root = {
    id: transcript.slice(0, linkIdBytes),
    chainKey: derived.slice(0, linkKeyBytes),
    confirmation: derived.slice(linkKeyBytes),
  };
  derived.fill(0);
  return root;
}
