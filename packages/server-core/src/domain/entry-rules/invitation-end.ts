/**
 * When an invitation ends by its age, by the server's clock. The room's members withdraw it by their own clocks: until they do,
 * the invited user is one of those for whom they make keys, and cannot join.
 */
import { limits, type Policy, ProtocolError, type RoomName } from '@chat/protocol';
import type { Invited } from '../../ports/room-store.ts';

/** Returns the time from which on invitations have not ended. */
export const invitedAfter = (now: number): number => now - limits.invitationAge;

/**
 * Returns whether the invitation has ended. One to a direct room does not: it is the only way to what was said to the user there.
 *
 * @param invitation.at when the server appended it, in milliseconds
 */
export const hasEnded = ({ join }: Policy, { at }: Pick<Invited, 'at'>, now: number): boolean =>
  join !== 'direct' && at <= invitedAfter(now);

const ageInDays = limits.invitationAge / (24 * 60 * 60 * 1000);

/** Returns the refusal of a join by an invitation that has ended. */
export const expiredError = (name: RoomName | null): ProtocolError =>
  new ProtocolError(
    'invitation-expired',
    `Your invitation to ${name ?? 'this room'} has ended after ${ageInDays} days: knock, or ask a member to invite you again.`,
  );
