/** The trails of the planted faults in the model of links: the client's ends of links follow each of them and break nothing. */
import { limits, toBase64url, toHex } from '@chat/protocol';
import { expect, test } from 'vitest';
import type { FoundWrap } from '../../packages/client/src/context.ts';
import { keptMs, longerKeptMs } from '../../packages/client/src/keys/links/link-life.ts';
import { cases } from '../support/models/cases.ts';
import { LinkPair } from '../support/models/link-pair.ts';

const trails = cases.faults.flatMap(({ model, name, trail }) =>
  model === 'links' && trail !== undefined ? [{ name, trail }] : [],
);

/** Bytes of a wrap that name its link and step. */
const placeBytes = 12;

/** Both ends of links on one trail, and what they have broken. */
class Trail {
  readonly broken = new Set<string>();
  readonly #pair = new LinkPair();
  /** Keys on the log of each room, and wraps that were not sent. */
  readonly #made = [0, 0];
  readonly #pending = new Map<number, FoundWrap>();
  readonly #log = new Map<number, FoundWrap>();
  readonly #secrets = new Set<number>();
  /** Link and step of all wraps. */
  readonly #places = new Set<string>();
  /** Links that are a day old by the sender's clock. */
  readonly #old = new Set<string>();
  /** True once the recipient has forgotten steps that it skipped. */
  #hasForgotten = false;
  /** Of each link that the recipient has had: its next step, or null once it is erased. */
  readonly #steps = new Map<string, number | null>();

  /** Does what an event of the model does, if the ends allow that. */
  follow(event: string): void {
    const [kind = '', number] = event.split(' ');
    this.#do(kind, Number(number));
    this.#compare();
  }

  #do(kind: string, about: number): void {
    const pair = this.#pair;
    if (kind === 'opens') pair.open();
    if (kind === 'wraps') this.#wrap(about);
    if (kind === 'sends-wrap') this.#send(about);
    if (kind === 'gets-opening' || kind === 'gets-old-opening') this.#accept(about);
    if (kind === 'gets-wrap') this.#read(about);
    if (kind === 'gets-other-wrap') this.#readOther(Math.floor(about / 8), about % 8);
    if (kind === 'day') this.#passDay();
    if (kind === 'period') this.#passPeriod();
    if (kind === 'forgets') this.#forget();
    if (kind === 'sender-crashes') pair.restart();
    if (kind === 'sender-copied') pair.sender.clear();
    if (kind === 'changes-prekey') pair.newPrekey();
    if (kind === 'erases-prekey') pair.erasePrekey();
    if (kind === 'recipient-copied') this.#copyRecipient();
  }

  #wrap(room: number): void {
    const pair = this.#pair;
    if (!pair.sender.isUsable(pair.to)) pair.open();
    const found = pair.wrap(this.#keyOf(room));
    const place = toHex(found.wrap.subarray(0, placeBytes));
    if (this.#places.has(place)) this.broken.add('two-secrets');
    this.#places.add(place);
    if (this.#old.has(toBase64url(found.wrap.subarray(0, 8)))) this.broken.add('reads-on');
    this.#pending.set(room, found);
  }

  /** The number of a room's next key, as in the model: epochs begin at 1. */
  #keyOf(room: number): number {
    const made = this.#made[room] ?? 0;
    return 1 + (made === 0 ? room : made + 1);
  }

  #send(room: number): void {
    const found = this.#pending.get(room);
    if (found === undefined) return;
    this.#log.set(found.epochNumber, found);
    this.#made[room] = (this.#made[room] ?? 0) + 1;
  }

  #accept(link: number): void {
    const opening = this.#pair.openings[link - 1];
    if (opening !== undefined) this.#pair.accept(opening);
  }

  #read(key: number): void {
    const found = this.#log.get(key + 1);
    if (found === undefined) return;
    if (this.#pair.take(found)) this.#secrets.add(found.epochNumber);
    else if (this.#hasForgotten) this.broken.add('needless-loss');
  }

  #forget(): void {
    this.#pair.recipient.forgetSkipped();
    this.#hasForgotten = true;
  }

  #readOther(key: number, other: number): void {
    const found = this.#log.get(other + 1);
    if (found === undefined) return;
    const taken = this.#pair.recipient.unwrap({ ...found, epochNumber: key + 1 });
    if (typeof taken !== 'string') this.broken.add('wrong-secret');
    if (taken === 'used') this.#pair.recipient.drop(found);
  }

  #passDay(): void {
    this.#pair.clock.sleep(limits.linkAge);
    for (const { id } of this.#pair.openings) this.#old.add(toBase64url(id));
  }

  /** The two hours of the recipient, and the rest of the two weeks. */
  #passPeriod(): void {
    const { recipient, recipientClock } = this.#pair;
    const isRead = [...this.#log.keys()].every((key) => this.#secrets.has(key));
    const isOld = recipient.toJSON().some(({ oldSince }) => oldSince !== undefined);
    recipientClock.sleep(isOld ? longerKeptMs : keptMs);
    recipient.eraseOld(isRead ? 'none' : 'all');
    const before = recipientClock.now() - keptMs - longerKeptMs;
    if (recipient.toJSON().some(({ link, seenAt }) => link !== null && seenAt <= before)) {
      this.broken.add('stays-skipped');
    }
  }

  #copyRecipient(): void {
    this.#pair.forgetRecipient();
    this.#pair.newPrekey();
    this.#steps.clear();
    this.#secrets.clear();
  }

  #compare(): void {
    for (const { id, link } of this.#pair.recipient.toJSON()) {
      const before = this.#steps.get(id);
      const now = (link as { readonly next: number } | null)?.next ?? null;
      if (before !== undefined && now !== null && (before === null || now < before)) this.broken.add('set-back');
      this.#steps.set(id, now);
    }
    // A name that is forgotten must not come back.
    for (const id of this.#steps.keys()) {
      if (!this.#pair.recipient.toJSON().some((each) => each.id === id)) this.#steps.set(id, null);
    }
  }
}

test.each(trails)('the ends of links break nothing on the trail of $name', ({ trail }) => {
  const followed = new Trail();
  for (const event of trail) followed.follow(event);
  expect([...followed.broken]).toEqual([]);
});
