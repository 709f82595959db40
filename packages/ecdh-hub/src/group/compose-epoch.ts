/** The hub's work: the next epoch of a group, its announcement and its wraps. Pure but for the random bytes it draws. */
import type { Backend, Party } from '../backend/backend.ts';
import { concat } from '../bytes.ts';
import { drawPrivateKey } from '../private-key.ts';
import { draw, type RandomBytes } from '../random.ts';
import { type SuiteParameters, suiteNamed } from '../suite.ts';
import { type EpochKind, encodeBody } from './announcement.ts';
import { sealSecret } from './epoch-wrap.ts';
import { advance, type Group, groupHash } from './group.ts';
import { commitmentTo, epochContext, SECRET, stepSecret } from './key-schedule.ts';
import { type Member, memberOf } from './member.ts';

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
  readonly wraps: readonly EpochWrap[];
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
  return withEphemeral(backend, suite, random, (ephemeral) => {
    const body = encodeBody({
      suite: suite.name,
      kind,
      epoch: group.epoch + 1,
      previous: groupHash(backend, group),
      ephemeralKey: ephemeral.publicKey,
      ...change,
    });
    const context = epochContext(backend, group.name, body);
    const secret = before === undefined ? draw(random, SECRET) : stepSecret(backend, before, context);
    const announcement = concat([body, commitmentTo(backend, secret, context)]);
    const next = advance(backend, group, announcement).group;

    const recipients = kind === 'step' ? change.added : next.members.map((member) => memberOf(member, suite));
    const wraps = recipients.map((recipient) => ({
      to: recipient.id,
      wrap: sealSecret(backend, ephemeral, recipient, context, secret),
    }));
    return { group: next, secret, announcement, wraps };
  });
}

/** The ephemeral private key is wiped when the epoch is made. */
function withEphemeral<T>(
  backend: Backend,
  suite: SuiteParameters,
  random: RandomBytes,
  work: (ephemeral: Party) => T,
): T {
  const privateKey = drawPrivateKey(suite, random);
  try {
    return work(backend.agreements[suite.name].derive(privateKey));
  } finally {
    privateKey.fill(0);
  }
}
