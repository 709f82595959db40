/**
 * The key schedule: what is derived from an epoch secret (32 bytes) with HKDF. Each label names the room and the epoch, so no
 * derived key is valid in two places.
 */
import { type Fingerprint, type RoomId, toHex, utf8 } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';

/** Size of an epoch secret. */
export const secretBytes = 32;

/** One epoch of one room. */
export interface EpochPlace {
  readonly roomId: RoomId;
  readonly epochNumber: number;
}

const label = (purpose: string, { roomId, epochNumber }: EpochPlace) => `chat/1 ${purpose} ${roomId} ${epochNumber}`;

/** Messages of one author in an epoch. */
export interface MessagePlace extends EpochPlace {
  readonly author: Fingerprint;
}

/** Derives the key that encrypts the messages of one author in an epoch. So a message of one author is none of another. */
export const messageKey = (crypto: RoomCrypto, secret: Uint8Array, { author, ...place }: MessagePlace): Uint8Array =>
  crypto.derive(secret, `${label('message', place)} ${author}`);

/** Derives the key of the messages of all authors in an epoch, under which they were written before version 3 of the protocol. */
export const legacyMessageKey = (crypto: RoomCrypto, secret: Uint8Array, place: EpochPlace): Uint8Array =>
  crypto.derive(secret, label('message', place));

/** Derives the commitment that the `epoch` entry contains. */
export const commitmentTo = (crypto: RoomCrypto, secret: Uint8Array, place: EpochPlace): string =>
  toHex(crypto.derive(secret, label('commitment', place)));

/** Derives the secret of a step at `place` from the secret of the epoch before. The derivation cannot be reversed. */
export const stepSecret = (crypto: RoomCrypto, before: Uint8Array, place: EpochPlace): Uint8Array =>
  crypto.derive(before, label('step', place));

/** Derives the key under which an epoch carries the previous secret in rooms with history `all`. */
export const pastKey = (crypto: RoomCrypto, secret: Uint8Array, place: EpochPlace): Uint8Array =>
  crypto.derive(secret, label('past', place));

/** Returns the context that binds a wrap to its room and epoch. The link binds it to its sender and its recipient. */
export const wrapContext = (place: EpochPlace): Uint8Array => utf8(label('wrap', place));

/**
 * Returns the context that binds a link to its server, its sender and its recipient.
 *
 * @param serverId fingerprint of the server's CA
 */
export const linkContext = (serverId: Fingerprint, sender: Fingerprint, recipient: Fingerprint): Uint8Array =>
  utf8(`chat/1 link ${serverId} ${sender} ${recipient}`);
