/** The secrets of epochs as a member holds them, and how one arrives in a wrap. */
import { fromBase64url, type RoomId, toBase64url } from '@chat/protocol';
import { withSecret } from '../apply/epoch.ts';
import type { Applied } from '../apply/step.ts';
import type { Prekey, RoomCrypto } from '../crypto.ts';
import { violation } from '../event.ts';
import type { RoomState } from '../state.ts';
import { wrapContext } from './schedule.ts';

/** The latest epoch and its secret; null when there is none or we lack it. */
export function currentSecret(state: RoomState): { readonly epoch: number; readonly secret: Uint8Array } | null {
  const number = state.epoch?.number;
  const secret = number === undefined ? undefined : state.secrets[number];
  return number === undefined || secret === undefined ? null : { epoch: number, secret: fromBase64url(secret) };
}

/**
 * Erases the secrets of epochs before the latest one, as soon as that one's is held. Nothing is lost by it: a message under
 * an older key counts for nothing at any later place of the log, and no secret follows from one before the latest.
 */
export function eraseOldSecrets(state: RoomState): RoomState {
  const latest = state.epoch?.number;
  if (latest === undefined || state.secrets[latest] === undefined) return state;
  const { epochs, secrets } = state;
  const isOld = (number: string) => Number(number) < latest;
  if (!Object.keys(epochs).some(isOld) && !Object.keys(secrets).some(isOld)) return state;
  const kept = <T>(record: Readonly<Record<number, T>>): Record<number, T> =>
    Object.fromEntries(Object.entries(record).filter(([number]) => !isOld(number)));
  return { ...state, epochs: kept(epochs), secrets: kept(secrets) };
}

/** A wrapped secret, opened with whichever of our prekeys it was made for; null when with none. */
function unwrap(
  crypto: RoomCrypto,
  prekeys: readonly Prekey[],
  envelope: Uint8Array,
  place: { room: RoomId; epoch: number; me: string },
): Uint8Array | null {
  const context = wrapContext(place.room, place.epoch, place.me);
  for (const prekey of prekeys) {
    const secret = crypto.unwrap(prekey, envelope, context);
    if (secret !== null) return secret;
  }
  return null;
}

/**
 * Takes in our wrap of an epoch, and derives what follows from it.
 *
 * @param envelope as `get-wrap` answered, base64url
 * @returns the state with the secret; or as it was, with a violation `wrong-key`, when the envelope is not for us or its
 * secret is not the one that the hub committed to
 */
export function acceptWrap(
  state: RoomState,
  number: number,
  envelope: string,
  prekeys: readonly Prekey[],
  crypto: RoomCrypto,
): Applied {
  const epoch = state.epochs[number];
  const secret =
    epoch === undefined
      ? null
      : unwrap(crypto, prekeys, fromBase64url(envelope), { room: state.room, epoch: number, me: state.me });
  const held = epoch === undefined || secret === null ? null : withSecret(state, epoch, toBase64url(secret), crypto);
  if (held !== null) return { state: held, events: [] };
  const hub = epoch === undefined ? undefined : state.members[epoch.author]?.user;
  return { state, events: [violation('wrong-key', state.head.seq, hub ?? null)] };
}
