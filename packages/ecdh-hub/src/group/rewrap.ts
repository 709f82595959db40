/** A rewrap: the secret of the latest epoch again, for one member who lacks it, in an envelope with its own ephemeral key. */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { KeyPair } from '../keys/key-pair.ts';
import type { RandomBytes } from '../random.ts';
import { requireSuite } from '../suite.ts';
import { type Envelope, encodeEnvelope } from '../wrap/envelope.ts';
import { unwrapKey, wrapKey } from '../wrap/wrap.ts';
import { isCommitted, type Membership } from './apply-epoch.ts';
import { type Group, latestContext } from './group.ts';
import { memberOf } from './member.ts';

const label = 'ecdh-hub rewrap v1';

/** The arguments of `rewrapSecret`. */
export interface RewrapOptions {
  readonly secret: Uint8Array;
  /** The id of the member who lacks the secret. */
  readonly id: string;
  readonly random: RandomBytes;
}

/**
 * Wraps the secret for one member on the roster, under the public key that the roster lists.
 *
 * @throws HubError `unknown-member`
 */
export function rewrapSecret(backend: Backend, group: Group, { secret, id, random }: RewrapOptions): Uint8Array {
  const stored = group.roster.members.find((member) => member.id === id);
  if (stored === undefined) throw new HubError('unknown-member', 'only a member of the group can be given its key');
  const suite = requireSuite(group.suite, 'invalid-argument');
  const { publicKey: clientPublic } = memberOf(stored, suite);
  const context = rewrapContext(group, id);
  return encodeEnvelope(wrapKey(backend, { suite, random, clientPublic, key: secret, context }));
}

/**
 * Opens a rewrap and checks that it holds the announced secret, because anyone can make an envelope.
 *
 * @throws HubError `unknown-member` if the member is not in the group; `unwrap-failed` if the envelope does not open or
 *   holds another secret
 */
export function receiveSecret(
  backend: Backend,
  { id, group }: Membership,
  { keys, envelope }: { readonly keys: KeyPair; readonly envelope: Envelope },
): Uint8Array {
  if (!group.roster.has(id)) throw new HubError('unknown-member', 'only a member of the group can have its key');
  const secret = unwrapKey(backend, { keys, envelope, context: rewrapContext(group, id) });
  if (isCommitted(backend, group, secret)) return secret;
  throw new HubError('unwrap-failed', 'this envelope does not hold the key of the latest epoch');
}

function rewrapContext(group: Group, id: string): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(label), latestContext(group), text.encode(id)]);
}
