/** Enrolment invitations: one-time tokens of 16 random bytes. The store keeps only their hashes. */
import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@chat/server-core';

const hourMs = 3_600_000;

/** An invitation that was made. */
export interface NewInvitation {
  readonly token: string;
  /** The id by which the operator withdraws it. It enrols no user. */
  readonly id: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** Returns the id of an invitation: 16 digits of the hash of its token. */
export const idOf = (tokenHash: string): string => tokenHash.slice(0, 16);

/** Stores a new invitation that is valid for `hours` from now. */
export async function addInvitation(store: Store, hours: number): Promise<NewInvitation> {
  const token = randomBytes(16).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const expiresAt = Date.now() + hours * hourMs;
  await store.addInvitation({ tokenHash, expiresAt });
  return { token, id: idOf(tokenHash), expiresAt };
}
