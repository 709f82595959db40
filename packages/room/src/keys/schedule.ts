/**
 * What is derived from an epoch's secret (32 bytes): the key for its messages, the commitment that its entry names,
 * the key under which it hands on the secret before it, and, one way, the secret of a `step` epoch after it. Labels name room and epoch, so no key serves two places.
 */
import { type RoomId, toHex, utf8 } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';

export const secretBytes = 32;

const label = (purpose: string, room: RoomId, epoch: number) => `chat/1 ${purpose} ${room} ${epoch}`;

export const messageKey = (crypto: RoomCrypto, secret: Uint8Array, room: RoomId, epoch: number): Uint8Array =>
  crypto.derive(secret, label('message', room, epoch));

export const commitmentTo = (crypto: RoomCrypto, secret: Uint8Array, room: RoomId, epoch: number): string =>
  toHex(crypto.derive(secret, label('commitment', room, epoch)));

/** The secret of epoch `epoch` from the one before it. */
export const stepSecret = (crypto: RoomCrypto, before: Uint8Array, room: RoomId, epoch: number): Uint8Array =>
  crypto.derive(before, label('step', room, epoch));

/** Under which epoch `epoch` hands on the secret of the one before, where a room's history is for all. */
export const pastKey = (crypto: RoomCrypto, secret: Uint8Array, room: RoomId, epoch: number): Uint8Array =>
  crypto.derive(secret, label('past', room, epoch));

/** What a wrap is bound to: nobody else's, of no other room and epoch. */
export const wrapContext = (room: RoomId, epoch: number, to: string): Uint8Array =>
  utf8(`${label('wrap', room, epoch)} ${to}`);
