/** Enrolment invitations: tokens of 16 random bytes. The store keeps only their hashes. */
import { createHash, randomBytes } from 'node:crypto';
import type { NewInvitation, Store } from '@chat/server-core';

const hourMs = 3_600_000;

/** What an invitation is for. */
export interface InvitationFor {
  /** How long it is valid from now on. */
  readonly hours: number;
  /** The one name that it enrols. Default: any name. */
  readonly user?: string;
  /** How many users it enrols. Default: 1. */
  readonly uses?: number;
}

/** An invitation that was made. */
export interface MadeInvitation {
  readonly token: string;
  /** The id by which the operator withdraws it. It enrols no user. */
  readonly id: string;
  readonly invitation: NewInvitation;
}

/** Returns the id of an invitation: 16 digits of the hash of its token. */
export const idOf = (tokenHash: string): string => tokenHash.slice(0, 16);

/** Returns an invitation that no store has yet. */
export function newInvitation({ hours, ...invited }: InvitationFor): MadeInvitation {
  const token = randomBytes(16).toString('base64url');
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const invitation = { tokenHash, expiresAt: Date.now() + hours * hourMs, ...invited };
  return { token, id: idOf(tokenHash), invitation };
}

/** Stores a new invitation. */
export async function addInvitation(
  store: Pick<Store, 'addInvitation'>,
  about: InvitationFor,
): Promise<MadeInvitation> {
  const made = newInvitation(about);
  await store.addInvitation(made.invitation);
  return made;
}

/** Returns a number of hours as text. */
export const hoursText = (hours: number): string => (hours === 1 ? '1 hour' : `${hours} hours`);
