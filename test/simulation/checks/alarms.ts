/** Which events and error codes mean that something is wrong, and which ones are expected in any run. */
import type { ClientEvent } from '@chat/client';

/** Codes of refusals that a correct server causes too: the network was down, or another user acted first. */
export const usual: ReadonlySet<string> = new Set([
  'offline',
  'unreachable',
  'timed-out',
  'closed',
  'unknown-room',
  'room-replaced',
  'room-name-taken',
  'not-joined',
  'not-a-member',
  'already-a-member',
  'already-invited',
  'stopping',
  'not-allowed',
  // The message was deleted meanwhile.
  'unknown-message',
  'conversation-moved',
  'unknown-member',
  'removed',
  'access-revoked',
  'not-invited',
  'not-verified',
  'unknown-user',
  'entry-refused',
  'room-full',
  'stale-view',
  // Each connection was too short.
  'rooms-unread',
  'links-unread',
  'invitation-expired',
  // The answer to a renewal of the identity key was lost.
  'renewal-unfinished',
]);

/** Returns true for an event that reports a violation or a failure. */
export function isAlarm(event: ClientEvent): boolean {
  switch (event.kind) {
    case 'room':
      return event.event.kind === 'violation';
    case 'trouble':
    case 'undelivered':
      return !usual.has(event.code);
    case 'unheard':
    case 'behind':
    case 'foreign-prekey':
    case 'server-behind':
    case 'server-lost-prekey':
    case 'outdated-prekey':
    case 'other-log':
    case 'identity-changed':
      return true;
    case 'refused':
      return event.code !== 'renewal-unfinished';
    default:
      return false;
  }
}

export const alarmText = (event: ClientEvent): string =>
  JSON.stringify(event.kind === 'room' ? { name: event.roomName, ...event.event } : event);
