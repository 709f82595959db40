/** The secret of the latest epoch over links, in place of a wrap or a rewrap: 60 bytes for each member, without a key agreement. */
import type { Backend } from '../backend/backend.ts';
import { lengthPrefixed } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { type LinkedKey, LinkRecipient } from '../link/link-recipient.ts';
import { type LinkedWrap, LinkSender } from '../link/link-sender.ts';
import { isCommitted, type Membership } from './apply-epoch.ts';
import { type Group, latestContext } from './group.ts';

const label = 'ecdh-hub epoch over link v1';

/** The arguments of `wrapSecretOver`. */
export interface WrapOverOptions {
  readonly link: LinkSender;
  readonly secret: Uint8Array;
  /** The id of the member to whom the link leads. */
  readonly id: string;
}

/**
 * Wraps the secret for one member on the roster.
 *
 * @throws HubError `unknown-member`, `invalid-argument`, `link-exhausted`
 */
export function wrapSecretOver(group: Group, { link, secret, id }: WrapOverOptions): LinkedWrap {
  if (!group.roster.has(id)) throw new HubError('unknown-member', 'only a member of the group can be given its key');
  if (!(link instanceof LinkSender)) throw new HubError('invalid-argument', 'not a LinkSender of this library');
  return link.wrap(secret, contextOf(group, id));
}

/**
 * Opens such a wrap and checks that it holds the announced secret, because the sender of a link may be another member than the hub.
 *
 * @throws HubError `unknown-member` if the member is not in the group; `unwrap-failed` if the wrap does not open or holds another
 *   secret; like `LinkRecipient.unwrap`
 */
export function receiveSecretOver(
  backend: Backend,
  { id, group }: Membership,
  { link, wrap }: { readonly link: LinkRecipient; readonly wrap: Uint8Array },
): LinkedKey {
  if (!group.roster.has(id)) throw new HubError('unknown-member', 'only a member of the group can have its key');
  if (!(link instanceof LinkRecipient)) throw new HubError('invalid-argument', 'not a LinkRecipient of this library');
  const received = link.unwrap(wrap, contextOf(group, id));
  if (isCommitted(backend, group, received.key)) return received;
  throw new HubError('unwrap-failed', 'this wrap does not hold the key of the latest epoch');
}

function contextOf(group: Group, id: string): Uint8Array {
  const text = new TextEncoder();
  return lengthPrefixed([text.encode(label), latestContext(group), text.encode(id)]);
}
