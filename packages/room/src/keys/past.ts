/** Rooms whose history is for all: each epoch hands on the secret before it, so that the latest leads back to the first. */
import { fromBase64url, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { Epoch, RoomState } from '../state.ts';
import { commitmentTo, pastKey } from './schedule.ts';

/** The `past` of epoch `number`, whose secret is `secret`. `now` is in ms. */
export function sealPast(
  crypto: RoomCrypto,
  state: RoomState,
  { number, secret, before, now }: { number: number; secret: Uint8Array; before: Uint8Array; now: number },
): string {
  return crypto.encrypt(pastKey(crypto, secret, state.room, number), before, now);
}

/** The secret before `epoch`, when it is the one that its own epoch committed to; null when the chain is broken here. */
function secretBefore(state: RoomState, epoch: Epoch, secret: string, crypto: RoomCrypto): string | null {
  const before = state.epochs[epoch.number - 1];
  if (epoch.past === null || before === undefined) return null;
  const opened = crypto.decrypt(pastKey(crypto, fromBase64url(secret), state.room, epoch.number), epoch.past);
  if (opened === null) return null;
  return commitmentTo(crypto, opened, state.room, before.number) === before.commitment ? toBase64url(opened) : null;
}

/**
 * Adds the secrets that those held lead back to. Whoever made an epoch without having the key before, or handed on
 * another, breaks the chain there: what is before stays shut.
 */
export function unlockPast(state: RoomState, crypto: RoomCrypto): RoomState {
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
