/** Shared by the tests of links: a new link between two users, keys to hand over, and what a state holds. */
import { LinkRecipient, LinkSender, type Suite } from '../../src/index.ts';
import { seededKeys, seededRandom, utf8 } from './setting.ts';

export const linkContext = utf8('alice to bob');

/** The two ends of a new link, and its opening. */
export interface TestLink {
  readonly sender: LinkSender;
  readonly recipient: LinkRecipient;
  readonly opening: Uint8Array;
}

/** Opens and accepts a link that a seed determines. */
export function testLink(suite: Suite = 'X25519', seed = 'link'): TestLink {
  const keys = seededKeys(suite, `${seed} keys`);
  const options = { recipient: keys.publicKey, suite, context: linkContext };
  const { link: sender, opening } = LinkSender.open(options, seededRandom(`${seed} opening`));
  return { sender, recipient: LinkRecipient.accept(keys, opening, linkContext), opening };
}

/** Returns the key that the n-th wrap of a test carries. */
export function keyOfWrap(n: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (n * 7 + i) & 0xff);
}

/** Returns the context of the n-th wrap of a test. */
export function contextOfWrap(n: number): Uint8Array {
  return utf8(`room 7, epoch ${n}`);
}

/** Returns the wraps of the first `count` steps, and the sender after them. */
export function wrapsOf(
  sender: LinkSender,
  count: number,
): { readonly wraps: Uint8Array[]; readonly sender: LinkSender } {
  const wraps: Uint8Array[] = [];
  let link = sender;
  for (let n = 0; n < count; n++) {
    const next = link.wrap(keyOfWrap(n), contextOfWrap(n));
    wraps.push(next.wrap);
    link = next.link;
  }
  return { wraps, sender: link };
}

/** Returns an end of a link after a restart from its stored text. */
export const restartedSender = (link: LinkSender): LinkSender => LinkSender.parse(JSON.stringify(link));
export const restartedRecipient = (link: LinkRecipient): LinkRecipient => LinkRecipient.parse(JSON.stringify(link));
