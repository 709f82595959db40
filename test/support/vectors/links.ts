/** Examples of links: one from its opening to wraps that come in another order, and trees over the wraps of an epoch with their proofs. */
import { fromHex, sha256Hex, toBase64url, toHex, utf8, WrapTree, wrapBytes, wrapLeaf } from '@chat/protocol';
import { createRoomCrypto, linkContext, type RecipientLink, type SenderLink, wrapContext } from '@chat/room';
import { serverId } from './recorded-room.ts';
import { unsafeSeededRandom } from './seeded-random.ts';

const [alice, bob] = ['alice', 'bob'].map((name) => sha256Hex(utf8(`the key of ${name}`))) as [string, string];
const room = sha256Hex(utf8('a room'));
/** The steps whose wraps arrive, in this order. Some arrive again, and step 4 after it was forgotten. */
const arrivals = [2, 1, 5, 2, 3, 4] as const;
/** Before this arrival the recipient forgets the skipped steps before step 5. */
const forgetsAt = 5;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const chainKeyOf = (end: SenderLink): string => (end.toJSON() as { readonly chainKey: string }).chainKey;

/** Returns a link, five wraps, and what the recipient makes of each wrap that arrives. */
function linkExample() {
  const random = unsafeSeededRandom('links');
  const crypto = createRoomCrypto(random);
  const prekey = crypto.newPrekey();
  const context = linkContext(serverId, alice, bob);
  const opened = crypto.openLink({ recipient: prekey.publicKey, context });
  const accepted = opened === null ? null : crypto.acceptLink(prekey, opened.opening, context);
  if (opened === null || accepted === null) throw new Error('The link does not open.');
  let sender = opened.link;
  const steps = [1, 2, 3, 4, 5].map((step) => {
    const secret = random(32);
    const place = wrapContext({ roomId: room, epochNumber: 10 + step });
    const { link, wrap } = sender.wrap(secret, place);
    const chainKey = chainKeyOf(sender);
    sender = link;
    return { step, chainKey, secret: toHex(secret), context: textOf(place), wrap: toBase64url(wrap) };
  });
  let recipient: RecipientLink = accepted;
  const outcomes = arrivals.map((step, index) => {
    const { wrap, context: place } = steps[step - 1] as (typeof steps)[number];
    if (index === forgetsAt) recipient = recipient.forgetBefore(5);
    const unwrapped = recipient.unwrap(Buffer.from(wrap, 'base64url'), utf8(place));
    if (typeof unwrapped === 'string') return { step, outcome: unwrapped };
    recipient = unwrapped.link;
    return { step, outcome: 'opened' };
  });
  return {
    ...{ serverId, sender: alice, recipient: bob },
    prekey: { publicKey: toBase64url(prekey.publicKey), seed: toBase64url(prekey.seed) },
    context: textOf(context),
    id: accepted.id,
    opening: toBase64url(opened.opening),
    steps,
    arrivals: outcomes,
    forgets: { before: 5, atArrival: forgetsAt },
  };
}

/** Returns the tree over the wraps of an epoch with some empty slots, and the proof for each of its recipients. */
function treeExample(size: number) {
  const recipients = Array.from({ length: size }, (_, at) => sha256Hex(utf8(`recipient ${at}`))).sort();
  const random = unsafeSeededRandom(`tree ${size}`);
  const wraps = recipients.map((_, at) => (at % 5 === 3 ? null : random(wrapBytes)));
  const leaves = recipients.map((to, at) => wrapLeaf(fromHex(to), wraps[at] ?? null));
  const tree = new WrapTree(Buffer.concat(leaves));
  return {
    slots: recipients.map((to, at) => ({ to, wrap: wraps[at] == null ? null : toBase64url(wraps[at]) })),
    commitment: tree.commitment,
    paths: recipients.map((_, index) => toBase64url(tree.path({ level: 0, index }))),
  };
}

/** Returns the content of `links.json`. */
export const makeLinks = () => ({ link: linkExample(), trees: [0, 1, 2, 3, 33].map(treeExample) });
