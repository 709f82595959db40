/** Enrolment invitations: one-time tokens of 16 random bytes. The store keeps only their hashes. */
import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@chat/server-core';

const hourMs = 3_600_000;

/** Stores a new invitation that is valid for `hours` from now. Returns its token. */
export async function addInvitation(store: Store, hours: number): Promise<string> {
  const token = randomBytes(16).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest('hex');
  await store.addInvitation({ tokenHash, expiresAt: Date.now() + hours * hourMs });
  return token;
}
