/** Prekeys as their owners upload them. */
import { randomBytes } from 'node:crypto';
import { prekeyStatement, prekeySuite, toBase64url } from '@chat/protocol';
import type { Author } from './entries.ts';

/** Returns bytes that have the form of a public key of X-Wing, in base64url. */
export function newXWingKey(): string {
  const key = randomBytes(1_216);
  // Coefficients of 12 bits below 3,329: the four upper bits of each are below 13.
  for (let at = 0; at < 1_152; at += 3) {
    key[at + 1] = (key[at + 1] ?? 0) & 0xf7;
    key[at + 2] = (key[at + 2] ?? 0) & 0x7f;
  }
  return toBase64url(key);
}

/** The prekey of tests in which it does not matter which one it is. */
const someKey = newXWingKey();

/** Returns a prekey that is signed for the server with this CA. */
export function signedPrekey(
  { user, signer }: Author,
  {
    serverId,
    madeAt,
    prekey = someKey,
  }: { readonly serverId: string; readonly madeAt: number; readonly prekey?: string },
) {
  const { domain, data } = prekeyStatement(serverId, { user, prekey, madeAt });
  return { suite: prekeySuite, prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) } as const;
}
