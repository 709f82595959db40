/** One-time invitations: 16 random bytes that the one invited gets, of which the store keeps the hash. */
import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@chat/server-core';

const hourMs = 3_600_000;

/** Adds an invitation that can be used for so many hours from now; returns its token. */
export async function addInvitation(
  store: Store,
  hours: number,
  now: number = Date.now(),
  token: string = randomBytes(16).toString('base64url'),
): Promise<string> {
  const tokenHash = createHash('sha256').update(token).digest('hex');
  await store.addInvitation({ tokenHash, expiresAt: now + hours * hourMs });
  return token;
}
