/** Prekeys as their owners upload them. */
import { createECDH } from 'node:crypto';
import { prekeyStatement, toBase64url } from '@chat/protocol';
import type { Author } from './entries.ts';

/** Returns a new point of P-384 in base64url. */
export const newPoint = (): string => toBase64url(createECDH('secp384r1').generateKeys());

/** The prekey of tests in which it does not matter which one it is. */
const somePoint = newPoint();

/** Returns a prekey that is signed for the server with this CA. */
export function signedPrekey(
  { user, signer }: Author,
  {
    serverId,
    madeAt,
    prekey = somePoint,
  }: { readonly serverId: string; readonly madeAt: number; readonly prekey?: string },
) {
  const { domain, data } = prekeyStatement(serverId, { user, prekey, madeAt });
  return { prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}
