/** What follows from the secrets of a group, computed as an attacker would who has them. */
import { bodyOf } from '../../src/group/announcement.ts';
import { commitmentTo, epochContext, epochKey, stepSecret } from '../../src/group/key-schedule.ts';
import { groupName } from './group-setting.ts';
import { native, toHex } from './setting.ts';

interface Announced {
  readonly announcement: Uint8Array;
}

/** Returns the context of an epoch. */
export function contextOf({ announcement }: Announced): Uint8Array {
  return epochContext(native, groupName, bodyOf(announcement));
}

/** What a secret gives in a history: the secrets of steps from it, and the key of each epoch if it is that epoch's secret. */
export interface Given {
  readonly stepped: readonly Uint8Array[];
  readonly keys: readonly string[];
}

/** Computes what secrets give in the epochs of a history, once for each secret: users share most of them. */
export function derivations(epochs: readonly Announced[]): (secret: Uint8Array) => Given {
  const contexts = epochs.map(contextOf);
  const commitments = new Set(epochs.map(({ announcement }) => toHex(announcement.subarray(-32))));
  const fits = (secret: Uint8Array) =>
    contexts.some((context) => commitments.has(toHex(commitmentTo(native, secret, context))));
  const known = new Map<string, Given>();
  return (secret) => {
    const before = known.get(toHex(secret));
    if (before !== undefined) return before;
    const given = {
      stepped: contexts.map((context) => stepSecret(native, secret, context)).filter(fits),
      keys: contexts.map((context) => toHex(epochKey(native, secret, context))),
    };
    known.set(toHex(secret), given);
    return given;
  };
}
