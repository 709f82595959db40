/** A renewal of the user's own identity key: the statement that leads to the new key, and the state that goes on with it. */
import { fingerprintOfKey, type KeyChain, keysOfChain, limits, toBase64url, type UserName } from '@chat/protocol';
import { makeKeyRenewal, type Signer, UserMap } from '@chat/room';
import type { Stored } from '../storage/stored-state.ts';

/** A user, with the present key and what is stored with it. */
export interface RenewingUser {
  readonly user: UserName;
  /** Fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly signer: Signer;
  readonly stored: Stored;
}

/**
 * Returns the chain of the user's latest renewals, with one more that leads to a new key.
 *
 * @param madeAt milliseconds since 1970
 */
export function chainWith({ user, serverId, signer, stored }: RenewingUser, after: Signer, madeAt: number): KeyChain {
  const { first, renewals } = stored.renewals ?? { first: toBase64url(signer.publicKey), renewals: [] };
  const number = (renewals.at(-1)?.number ?? 0) + 1;
  const all = [...renewals, makeKeyRenewal({ user, before: signer, after }, { serverId, number, madeAt })];
  const kept = all.slice(-limits.keyRenewalsPerChain);
  return { first: all.at(-kept.length - 1)?.key ?? first, renewals: kept };
}

/** Returns what is stored with the new key, to which the chain leads. What was made for the key before has no use any more. */
export function renewedState({ user, stored }: RenewingUser, after: Signer, chain: KeyChain): Stored {
  const { links: _, ...others } = stored;
  // A room may have got none of the renewals before this one.
  const fingerprints = keysOfChain(chain).slice(0, -1).map(fingerprintOfKey);
  const lagging = { fingerprints, rooms: Object.keys(stored.rooms) };
  const pins = UserMap.of(stored.pins);
  const verified = pins.get(user)?.verified ?? false;
  return {
    ...others,
    certified: null,
    pins: pins.put(user, { fingerprint: after.fingerprint, verified, lagging }),
    renewals: chain,
    renewInvitations: true,
    prekeys: [],
    earlierMadeAt: stored.prekeys[0]?.madeAt ?? stored.earlierMadeAt,
  };
}
