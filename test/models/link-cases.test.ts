/** The tables of `models/cases.json` that concern links: client and server decide as they say. */
import { limits, type SignedPrekey, toBase64url, utf8 } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { keptMs, longerKeptMs } from '../../packages/client/src/keys/links/link-life.ts';
import { takeAnswer } from '../../packages/client/src/keys/wrap-intake.ts';
import { FakeServer } from '../../packages/client/test/support/fake-server.ts';
import { authority, IsolatedClient } from '../../packages/client/test/support/isolated-client.ts';
import { ManualClock } from '../../packages/client/test/support/manual-clock.ts';
import { createMemoryStore } from '../../packages/server-core/src/contract/index.ts';
import { isUnread, Links } from '../../packages/server-core/src/domain/keys/links.ts';
import { Prekeys } from '../../packages/server-core/src/domain/prekeys.ts';
import type { Prekey } from '../../packages/server-core/src/ports/prekey-store.ts';
import { newXWingKey, signedPrekey } from '../../packages/server-core/test/support/prekeys.ts';
import { casesOf, resultOf } from '../support/models/cases.ts';
import { LinkPair, otherWrap, roomId } from '../support/models/link-pair.ts';

let pair: LinkPair;
beforeEach(() => {
  pair = new LinkPair();
});

/** Puts the link of the pair into this state at the recipient. */
function bring(link: string | undefined): void {
  if (link === 'absent') return;
  pair.accept();
  if (link === 'erased') pair.recipient.drop(otherWrap(pair));
}

test('what the recipient does with an opening', () => {
  for (const given of casesOf('opening')) {
    pair = new LinkPair();
    pair.open();
    bring(given['link']);
    if (given['half'] === 'erased') pair.erasePrekey();
    const before = pair.recipientSteps();
    const isTaken = pair.accept();
    const isNew = before === null && pair.recipientSteps() !== null;
    const takes = isTaken ? (isNew ? 'accepted' : 'known') : 'lost';
    expect({ ...given, takes }).toEqual({ ...given, ...resultOf('opening', given) });
  }
});

test('what the recipient does with a wrap', async () => {
  for (const given of casesOf('wrap')) {
    pair = new LinkPair();
    pair.open();
    bring('held');
    const [skipped, used, next, later] = [1, 2, 3, 4].map((epochNumber) => pair.wrap(epochNumber));
    if (used !== undefined) pair.take(used);
    if (given['link'] !== 'held') pair.recipient.drop(otherWrap(pair));
    if (given['link'] === 'absent') pair.forgetRecipient();
    const found = { skipped, used, next, later }[given['step'] ?? ''];
    if (found === undefined) throw new Error('no such step');
    const unwrapped = pair.recipient.unwrap(found);
    const opens = typeof unwrapped === 'string' ? unwrapped : 'yes';
    let reports = 'nothing';
    const reportLost = async () => {
      reports = 'lost';
    };
    const mail = { fetch: async () => {}, reportLost };
    const asked = { incoming: pair.recipient, mail, crypto: pair.crypto, request: () => Promise.reject(new Error()) };
    // The epoch is unknown, so that a secret leads no further.
    await takeAnswer(asked as never, { room: roomId, epochs: {} } as never, found);
    expect({ ...given, opens, reports }).toEqual({ ...given, ...resultOf('wrap', given) });
  }
});

test('over which link the sender wraps a key', () => {
  for (const given of casesOf('sender')) {
    pair = new LinkPair();
    if (given['kept'] === 'held') pair.open();
    pair.clock.sleep(given['age'] === 'old' ? limits.linkAge : limits.linkAge - 1);
    const uses = pair.sender.isUsable(pair.to) ? 'own-link' : 'another';
    expect({ ...given, uses }).toEqual({ ...given, ...resultOf('sender', given) });
  }
});

test('to which prekeys the sender opens a link', async () => {
  const server = new FakeServer();
  const bob = new IsolatedClient('bob', new ManualClock(), server);
  const recordOf = (madeAt: number): SignedPrekey => {
    const prekey = toBase64url(new Uint8Array(1_216).fill(madeAt));
    const signed = signedPrekey({ user: 'bob', signer: bob.signer }, { serverId: authority.serverId, madeAt, prekey });
    return { user: 'bob', key: bob.identity.key, ...signed };
  };
  const find = async (alice: IsolatedClient, madeAt: number) => {
    server.prekeys.set('bob', recordOf(madeAt));
    return (await alice.directory.find(roomId, [bob.identity])).prekeys.size > 0;
  };
  for (const given of casesOf('prekey')) {
    const alice = new IsolatedClient('alice', new ManualClock(), server);
    await find(alice, 7);
    const times: Readonly<Record<string, number>> = { earlier: 6, same: 7, later: 8 };
    const usable = (await find(alice, times[given['shown'] ?? ''] ?? 0)) ? 'yes' : 'no';
    expect({ ...given, usable }).toEqual({ ...given, ...resultOf('prekey', given) });
  }
});

test('which openings the server stores', async () => {
  for (const given of casesOf('put')) {
    let now = 1_000;
    const listed: Prekey[] = [];
    const store = {
      findPrekeys: async () => listed.map((prekey) => ({ ...prekey, user: 'bob', key: '' })),
      putPrekey: async (_: string, prekey: Prekey) => listed.splice(0, 1, prekey).length >= 0,
    };
    const prekeys = new Prekeys({
      store,
      serverId: authority.serverId,
      clock: () => now,
      limits: { prekeysPerHour: 9 },
    });
    const owner = { user: 'bob', fingerprint: pair.to, key: '', verifier: { verify: () => true } };
    const ids: string[] = [];
    for (const madeAt of [1, 2]) {
      const prekey = newXWingKey();
      ids.push(pair.prekeyIdOf(prekey));
      await prekeys.put(owner as never, { suite: 'X-Wing', prekey, madeAt, signature: '' });
    }
    if (given['listed'] === 'earlier') now += 120_000;
    const id = given['listed'] === 'present' ? ids[1] : ids[0];
    const accepted = (await prekeys.acceptedIds(['bob'])).get('bob');
    const stored = accepted?.has(id ?? '') ? 'yes' : 'no';
    expect({ ...given, stored }).toEqual({ ...given, ...resultOf('put', given) });
  }
});

test('whether the server knows the link of a wrap', async () => {
  for (const given of casesOf('put_wrap')) {
    const store = createMemoryStore();
    const key = { from: pair.from, to: pair.to, id: new Uint8Array(8).fill(1) };
    const link = { ...key, prekey: new Uint8Array(8), opening: utf8('opening') };
    if (given['row'] !== 'none') await store.putLinks([link], { now: 1, waiting: 9 });
    if (given['row'] === 'read') await store.confirmLinks([key]);
    if (given['row'] === 'lost') await store.loseLinks([key]);
    const links = new Links({ store, limits: { linksPerDay: 1, linkBurst: 1 } } as never);
    const isKnown =
      isUnread(await links.live(pair.from, { first: pair.to, last: pair.to }), pair.to, new Uint8Array(60).fill(1)) !==
      null;
    expect({ ...given, known: isKnown ? 'yes' : 'no' }).toEqual({ ...given, ...resultOf('put_wrap', given) });
  }
});

test('how long the recipient keeps a link', () => {
  for (const given of casesOf('review')) {
    pair = new LinkPair();
    pair.open();
    pair.accept();
    const needed = given['waits'] === 'yes' ? 'all' : 'none';
    pair.recipientClock.sleep(given['served'] === 'fresh' ? keptMs - 1 : keptMs);
    // The client was connected then, and found the link old.
    if (given['served'] === 'overdue') {
      pair.recipient.eraseOld('all');
      pair.recipientClock.sleep(longerKeptMs);
    }
    pair.recipient.eraseOld(needed);
    const stays = pair.recipientSteps() === null ? 'no' : 'yes';
    expect({ ...given, stays }).toEqual({ ...given, ...resultOf('review', given) });
  }
});
