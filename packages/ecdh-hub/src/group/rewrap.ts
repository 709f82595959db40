/** The secret of the latest epoch once more, for one member who lacks it: an envelope with an ephemeral key of its own. */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import type { KeyPair } from '../keys/key-pair.ts';
import { suiteNamed } from '../keys/suite.ts';
import type { RandomBytes } from '../random.ts';
import { type Envelope, encodeEnvelope } from '../wrap/envelope.ts';
import { unwrapKey, wrapKey } from '../wrap/wrap.ts';
import { isCommitted, type Membership } from './apply-epoch.ts';
import { type Group, latestContext } from './group.ts';
import { memberOf } from './member.ts';

const LABEL = 'ecdh-hub rewrap v1';

/** Throws `unknown-member`: the key is for those on the roster, under the public key that stands there. */
export function rewrapSecret(
  backend: Backend,
  group: Group,
  secret: Uint8Array,
  id: string,
  random: RandomBytes,
): Uint8Array {
  const stored = group.roster.members.find((member) => member.id === id);
  if (stored === undefined) throw new HubError('unknown-member', 'only a member of the group can be given its key');
  const suite = suiteNamed(group.suite, 'invalid-argument');
  const { publicKey } = memberOf(stored, suite);
  return encodeEnvelope(wrapKey(backend, suite, random, publicKey, secret, rewrapContext(group, id)));
}

/** Throws `unknown-member` for who is not in the group; `unwrap-failed`, also for a key that is not the one announced: anybody can make an envelope. */
export function receiveSecret(
  backend: Backend,
  { id, group }: Membership,
  keys: KeyPair,
  envelope: Envelope,
): Uint8Array {
  if (!group.roster.has(id)) throw new HubError('unknown-member', 'only a member of the group can have its key');
  const secret = unwrapKey(backend, keys, envelope, rewrapContext(group, id));
  if (isCommitted(backend, group, secret)) return secret;
  throw new HubError('unwrap-failed', 'this envelope does not hold the key of the latest epoch');
}

function rewrapContext(group: Group, id: string): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(LABEL), latestContext(group), text.encode(id)]);
}
