/** What people are told when something is wrong, and what they are told although all is well. */
import type { ClientEvent } from '@chat/client';

/** What a person may be refused although all is well: the network was down, or somebody was quicker. */
export const usual: ReadonlySet<string> = new Set([
  'offline',
  'unreachable',
  'timed-out',
  'closed',
  'unknown-room',
  'room-name-taken',
  'not-joined',
  'not-a-member',
  'already-a-member',
  'stopping',
  'not-allowed',
  'unknown-member',
  'removed',
  'access-revoked',
  'not-invited',
  'not-verified',
  'unknown-user',
  'entry-refused',
  'room-full',
  'stale-view',
]);

/** Told to somebody, and a sign that something is wrong. */
export function isAlarm(event: ClientEvent): boolean {
  switch (event.kind) {
    case 'room':
      return event.event.kind === 'violation';
    case 'trouble':
    case 'undelivered':
      return !usual.has(event.code);
    case 'identity-changed':
    case 'refused':
      return true;
    default:
      return false;
  }
}

export const alarmText = (event: ClientEvent): string =>
  JSON.stringify(event.kind === 'room' ? { name: event.roomName, ...event.event } : event);
