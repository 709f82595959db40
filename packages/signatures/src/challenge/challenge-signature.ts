/** The bare signature over a challenge and a user name. Issuing, expiry and single use are in challenge.ts. */

import { bytesInput, textInput } from '../input.ts';
import type { Domain } from '../signing/domain.ts';
import { lengthPrefixed } from '../signing/length-prefixed.ts';
import { unlockSigner } from '../signing/signer.ts';
import { importVerifier } from '../signing/verifier.ts';

const domain: Domain = { protocol: '@chat/signatures', purpose: 'challenge', context: '' };

/**
 * Signs challenge and user name together, each behind its length: DER, at most 104 bytes. The domain is protocol
 * `@chat/signatures`, purpose `challenge`, empty context. A challenge is 16 random bytes or more, used once.
 *
 * Throws what `unlockSigner` does.
 */
export function signMessage(challenge: Uint8Array, username: string, privatePem: string, password: string): Uint8Array {
  const message = challengeMessage(challenge, username);
  return unlockSigner(privatePem, password).sign(domain, message);
}

/**
 * Whether the signature answers this challenge for this user name with this key, which the server takes from its own
 * records. That the challenge is fresh and used once is for the server to see to, or for `verifyChallenge`.
 *
 * Throws `invalid-public-key`, `invalid-argument`.
 */
export function verifyMessage(
  publicPem: string,
  signature: Uint8Array,
  challenge: Uint8Array,
  username: string,
): boolean {
  return importVerifier(publicPem).verify(domain, challengeMessage(challenge, username), signature);
}

function challengeMessage(challenge: Uint8Array, username: string): Uint8Array {
  return lengthPrefixed(bytesInput(challenge, 'challenge'), textInput(username, 'user name'));
}
