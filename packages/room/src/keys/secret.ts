/** The epoch secrets that a client holds. */
import { fromBase64url, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { Epoch, RoomState } from '../state.ts';
import { commitmentTo, stepSecret } from './schedule.ts';

/** The secret of one epoch. */
export interface EpochSecret {
  readonly epochNumber: number;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** Returns the secret of the latest epoch; null when there is no epoch or the client lacks its secret. */
export function currentSecret(state: RoomState): EpochSecret | null {
  const epochNumber = state.epoch?.number;
  const secret = epochNumber === undefined ? undefined : state.secrets[epochNumber];
  return epochNumber === undefined || secret === undefined ? null : { epochNumber, secret: fromBase64url(secret) };
}

/**
 * Adds a secret and those of the steps that follow from it; null when the secret does not match the epoch's commitment.
 *
 * @param secret base64url
 */
export function withSecret(state: RoomState, epoch: Epoch, secret: string, crypto: RoomCrypto): RoomState | null {
  const { room: roomId } = state;
  const bytes = fromBase64url(secret);
  if (commitmentTo(crypto, bytes, { roomId, epochNumber: epoch.number }) !== epoch.commitment) return null;
  const known = { ...state, secrets: { ...state.secrets, [epoch.number]: secret } };
  const next = state.epochs[epoch.number + 1];
  if (next === undefined || next.kind !== 'step' || known.secrets[next.number] !== undefined) return known;
  const stepped = toBase64url(stepSecret(crypto, bytes, { roomId, epochNumber: next.number }));
  return withSecret(known, next, stepped, crypto) ?? known;
}

/**
 * Erases the secrets of earlier epochs once the latest one's secret is known. Later entries cannot need them: a message under
 * an earlier epoch is rejected, and no further secret follows from one before the latest.
 */
export function eraseOldSecrets(state: RoomState): RoomState {
  const latest = state.epoch?.number;
  if (latest === undefined || state.secrets[latest] === undefined) return state;
  const { epochs, secrets } = state;
  const isOld = (epochNumber: string) => Number(epochNumber) < latest;
  if (!Object.keys(epochs).some(isOld) && !Object.keys(secrets).some(isOld)) return state;
  const kept = <T>(record: Readonly<Record<number, T>>): Record<number, T> =>
    Object.fromEntries(Object.entries(record).filter(([epochNumber]) => !isOld(epochNumber)));
  return { ...state, epochs: kept(epochs), secrets: kept(secrets) };
}
