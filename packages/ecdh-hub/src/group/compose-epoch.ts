/** The hub's work: the next epoch of a group, its announcement and its wraps. Pure but for the random bytes it draws. */
import type { Backend, Party } from '../backend/backend.ts';
import { concat } from '../encoding/bytes.ts';
import { drawPrivateKey } from '../keys/private-key.ts';
import { suiteNamed } from '../keys/suite.ts';
import { draw, type RandomBytes } from '../random.ts';
import { announcedKey } from './announced-key.ts';
import { type EpochKind, encodeBody } from './announcement.ts';
import { sealSecret } from './epoch-wrap.ts';
import { advance, type Group, groupHash } from './group.ts';
import { commitmentTo, epochContext, SECRET, stepSecret } from './key-schedule.ts';
import type { Member } from './member.ts';

/** The secret of an epoch, for one member: 48 bytes. */
export interface EpochWrap {
  readonly to: string;
  readonly wrap: Uint8Array;
}

interface EpochChange {
  readonly removed: readonly string[];
  readonly added: readonly Member[];
}

interface ComposedEpoch {
  readonly group: Group;
  readonly secret: Uint8Array;
  readonly announcement: Uint8Array;
  /** Each made when it is asked for. */
  readonly wraps: Generator<EpochWrap, void>;
}

/**
 * A fresh secret, wrapped for every member, or with `before`, the secret until now, one step on from it, wrapped for the
 * newcomers alone. Draws the ephemeral private key, then the secret if it is a fresh one.
 *
 * Throws what `advance` does, since its own announcement must pass like any other; and `invalid-argument`.
 */
export function composeEpoch(
  backend: Backend,
  group: Group,
  before: Uint8Array | undefined,
  change: EpochChange,
  random: RandomBytes,
): ComposedEpoch {
  const suite = suiteNamed(group.suite, 'invalid-argument');
  const kind: EpochKind = before === undefined ? 'fresh' : 'step';
  const privateKey = drawPrivateKey(suite, random);
  const { agree, publicKey } = backend.agreements[suite.name].derive(privateKey);
  const ephemeral: Party = { agree, publicKey: announcedKey(publicKey, suite) };

  const previous = groupHash(backend, group);
  const ephemeralKey = ephemeral.publicKey;
  const body = encodeBody({ suite: suite.name, kind, epoch: group.epoch + 1, previous, ephemeralKey, ...change });
  const context = epochContext(backend, group.name, body);
  const secret = before === undefined ? draw(random, SECRET) : stepSecret(backend, before, context);
  const announcement = concat([body, commitmentTo(backend, secret, context)]);
  const next = advance(backend, group, announcement).group;

  /** The ephemeral private key is wiped after the last wrap, and by who leaves off before it. */
  function* wraps(): Generator<EpochWrap, void> {
    try {
      for (const stored of next.roster.members.slice(kind === 'step' ? group.roster.members.length : 0)) {
        yield { to: stored.id, wrap: sealSecret(backend, stored, { suite, ephemeral, context, secret }) };
      }
    } finally {
      privateKey.fill(0);
    }
  }
  return { group: next, secret, announcement, wraps: wraps() };
}
