/** Rooms with history `all`: each epoch carries the previous secret encrypted, so the latest secret leads back to the first. */
import { fromBase64url, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { Epoch, RoomState } from '../state.ts';
import { commitmentTo, type EpochPlace, pastKey } from './schedule.ts';

/** The secrets of two consecutive epochs. */
export interface PastSecret extends EpochPlace {
  /** Secret of the epoch at this place. */
  readonly secret: Uint8Array;
  /** Secret of the epoch before it. */
  readonly before: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Returns the `past` field of an epoch: the previous secret, encrypted under a key derived from the epoch's own secret. */
export function sealPast(crypto: RoomCrypto, { secret, before, now, ...place }: PastSecret): string {
  return toBase64url(crypto.encrypt(pastKey(crypto, secret, place), before, now));
}

function openPast(crypto: RoomCrypto, key: Uint8Array, past: string): Uint8Array | null {
  let token: Uint8Array;
  try {
    token = fromBase64url(past);
  } catch {
    return null;
  }
  return crypto.decrypt(key, token);
}

/** Returns the secret before `epoch`; null when `past` is absent or does not match the earlier epoch's commitment. */
function secretBefore(state: RoomState, epoch: Epoch, secret: string, crypto: RoomCrypto): string | null {
  const before = state.epochs[epoch.number - 1];
  if (epoch.past === null || before === undefined) return null;
  const key = pastKey(crypto, fromBase64url(secret), { roomId: state.room, epochNumber: epoch.number });
  const opened = openPast(crypto, key, epoch.past);
  if (opened === null) return null;
  const commitment = commitmentTo(crypto, opened, { roomId: state.room, epochNumber: before.number });
  return commitment === before.commitment ? toBase64url(opened) : null;
}

/**
 * Adds the earlier secrets to which the known ones lead. The chain ends at an epoch whose author did not have the previous
 * secret or handed on a wrong one; messages before it stay unreadable.
 */
export function recoverPastSecrets(state: RoomState, crypto: RoomCrypto): RoomState {
  const secrets: Record<number, string> = { ...state.secrets };
  const latestFirst = Object.values(state.epochs).sort((a, b) => b.number - a.number);
  for (const epoch of latestFirst) {
    const secret = secrets[epoch.number];
    if (secret === undefined || secrets[epoch.number - 1] !== undefined) continue;
    const before = secretBefore(state, epoch, secret, crypto);
    if (before !== null) secrets[epoch.number - 1] = before;
  }
  return { ...state, secrets };
}
