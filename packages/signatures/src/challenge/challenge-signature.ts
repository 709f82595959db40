/** The bare signature over a challenge and a user name. Issuing, expiry and single use are in challenge.ts. */
import { type CurveOptions, curveOf } from '../encoding/curve.ts';
import { bytesInput, textInput } from '../input.ts';
import { type Domain, lengthPrefixed } from '../signing/domain.ts';
import { unlockSigner } from '../signing/signer.ts';
import { importVerifier } from '../signing/verifier.ts';

const domain: Domain = { protocol: '@chat/signatures', purpose: 'challenge', context: '' };

/**
 * Signs a challenge together with a user name. The domain is protocol `@chat/signatures`, purpose `challenge`, empty
 * context; the data is the challenge and the name, each after its length.
 *
 * @param challenge at least 16 random bytes that are used once
 * @returns DER, at most 104 bytes
 * @throws SignatureError `wrong-password`, `invalid-private-key`, `unsupported-key`, `invalid-argument`
 */
export function signMessage(
  challenge: Uint8Array,
  username: string,
  privatePem: string,
  password: string,
  options: CurveOptions = {},
): Uint8Array {
  const message = challengeMessage(challenge, username);
  return unlockSigner(privatePem, password, options).sign(domain, message);
}

/**
 * Verifies that the signature answers this challenge for this user name with this key. The server itself, or
 * `verifyChallenge`, ensures that the challenge is fresh and used once.
 *
 * @param publicPem the user's key from the server's own records
 * @throws SignatureError `invalid-public-key`, `invalid-argument`
 */
export function verifyMessage(
  publicPem: string,
  signature: Uint8Array,
  challenge: Uint8Array,
  username: string,
  options: CurveOptions = {},
): boolean {
  const verifier = importVerifier(publicPem, { curve: curveOf(options).name });
  return verifier.verify(domain, challengeMessage(challenge, username), signature);
}

function challengeMessage(challenge: Uint8Array, username: string): Uint8Array {
  return lengthPrefixed(bytesInput(challenge, 'challenge'), textInput(username, 'user name'));
}
