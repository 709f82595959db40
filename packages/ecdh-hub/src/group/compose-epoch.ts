/** Composes the next epoch of a group: its announcement and its wraps. Draws random bytes, and has no other effect. */
import type { Backend } from '../backend/backend.ts';
import { concat } from '../encoding/bytes.ts';
import { draw, type RandomBytes } from '../random.ts';
import { requireSuite } from '../suite.ts';
import { createSender } from '../wrap/sides.ts';
import { announcedKeyOf } from './announced-key.ts';
import { type EpochKind, encodeBody } from './announcement.ts';
import { sealSecret } from './epoch-wrap.ts';
import { advance, type Group, groupHash } from './group.ts';
import { commitmentTo, epochContext, secretBytes, stepSecret } from './key-schedule.ts';
import type { Member } from './member.ts';

/** The secret of an epoch, wrapped for one member. */
export interface EpochWrap {
  /** The id of the member. */
  readonly to: string;
  /** 48 bytes; with X-Wing 1168. */
  readonly wrap: Uint8Array;
}

/** The arguments of `composeEpoch`. */
export interface ComposeOptions {
  readonly removed: readonly string[];
  readonly added: readonly Member[];
  /** The secret of the epoch before, from which a step derives the next one. If omitted, the next secret is fresh. */
  readonly previousSecret?: Uint8Array | undefined;
  readonly random: RandomBytes;
}

/** The result of `composeEpoch`. */
export interface ComposedEpoch {
  readonly group: Group;
  readonly secret: Uint8Array;
  readonly announcement: Uint8Array;
  /** Computes each wrap when it is requested. */
  readonly wraps: Generator<EpochWrap, void>;
}

/**
 * Composes an epoch: with a fresh secret that is wrapped for every member, or, given `previousSecret`, with the secret that
 * a one-way step derives from it and that is wrapped for the newcomers alone. Draws the ephemeral private key, then a fresh
 * secret; with X-Wing a fresh secret, then 64 bytes for each wrap.
 *
 * @throws HubError `invalid-argument`, and like `advance`, because the announcement must pass like any other
 */
export function composeEpoch(
  backend: Backend,
  group: Group,
  { removed, added, previousSecret, random }: ComposeOptions,
): ComposedEpoch {
  const suite = requireSuite(group.suite, 'invalid-argument');
  const kind: EpochKind = previousSecret === undefined ? 'fresh' : 'step';
  const sender = createSender(backend, suite, random);
  const ephemeralKey = announcedKeyOf(sender.publicKey, suite);

  const body = encodeBody({
    suite: suite.name,
    kind,
    epoch: group.epoch + 1,
    previous: groupHash(backend, group),
    ephemeralKey,
    removed,
    added,
  });
  const context = epochContext(backend, group.name, body);
  const secret =
    previousSecret === undefined ? draw(random, secretBytes) : stepSecret(backend, previousSecret, context);
  const announcement = concat([body, commitmentTo(backend, secret, context)]);
  const next = advance(backend, group, announcement).group;

  /** Wipes the ephemeral private key after the last wrap, or when the caller leaves the loop earlier. */
  function* wraps(): Generator<EpochWrap, void> {
    try {
      for (const stored of next.roster.members.slice(kind === 'step' ? group.roster.members.length : 0)) {
        yield { to: stored.id, wrap: sealSecret(backend, stored, { suite, sender, ephemeralKey, context, secret }) };
      }
    } finally {
      sender.wipe();
    }
  }
  const generator = wraps();
  const close = generator.return.bind(generator);
  // A generator that has not begun runs no `finally` when it is closed.
  generator.return = (value) => {
    sender.wipe();
    return close(value);
  };
  return { group: next, secret, announcement, wraps: generator };
}
