/** Conditions on the events of a client. */
import type { ClientEvent } from '../../src/index.ts';

/** True when the client has a room's key. */
export const isReady = ({ kind }: ClientEvent): boolean => kind === 'ready';

/** True for an event of this kind. */
export const isKind =
  (kind: ClientEvent['kind']) =>
  (event: ClientEvent): boolean =>
    event.kind === kind;

/** True for a room event of this kind. */
export const isRoomEvent =
  (kind: string) =>
  (event: ClientEvent): boolean =>
    event.kind === 'room' && event.event.kind === kind;

/** True for the epoch of this number. */
export const isEpoch =
  (epochNumber: number) =>
  (event: ClientEvent): boolean =>
    event.kind === 'room' && event.event.kind === 'epoch' && event.event.number === epochNumber;

/** True for an epoch that was made because a member is gone. */
export const isEpochAfterRemoval = (event: ClientEvent): boolean =>
  event.kind === 'room' && event.event.kind === 'epoch' && event.event.reason === 'removal';
