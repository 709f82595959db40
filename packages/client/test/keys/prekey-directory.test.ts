/** Other users' prekeys: which of those that the server hands out the client accepts. */

import { setImmediate } from 'node:timers/promises';
import { limits, ProtocolError, type SignedPrekey } from '@chat/protocol';
import { createRoomCrypto, makeKeyRenewal, type RoomCrypto, type Signer } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { FoundPrekeys } from '../../src/context.ts';
import { FakeServer } from '../support/fake-server.ts';
import { authority, IsolatedClient } from '../support/isolated-client.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { lookUp, Person } from '../support/prekey-owner.ts';

let clock: ManualClock;
let server: FakeServer;
let checks: number;
/** The largest number of signature checks between two turns of the event loop. */
let longest: number;
/** The largest number of checks that other threads have made at once. */
let atOnce: number;
let alice: IsolatedClient;
let bob: Person;

/** Cryptography that counts its checks. Without threads it makes all of them where they are needed. */
const counting = ({ hasThreads = false } = {}): RoomCrypto => {
  const crypto = createRoomCrypto();
  let inTurn = 0;
  const { after } = clock;
  clock.after = (ms, action) => {
    inTurn = 0;
    return after(ms, action);
  };
  let running = 0;
  const verifyAsync: RoomCrypto['verifyAsync'] = async (signed) => {
    checks += 1;
    running += 1;
    atOnce = Math.max(atOnce, running);
    const isValid = await crypto.verifyAsync?.(signed);
    running -= 1;
    return isValid === true;
  };
  return {
    ...crypto,
    verifyAsync: hasThreads ? verifyAsync : undefined,
    verify(...signed) {
      checks += 1;
      inTurn += 1;
      longest = Math.max(longest, inTurn);
      return crypto.verify(...signed);
    },
  };
};

const roomId = 'a'.repeat(64);

beforeEach(() => {
  checks = 0;
  longest = 0;
  atOnce = 0;
  clock = new ManualClock();
  server = new FakeServer();
  alice = new IsolatedClient('alice', clock, server, undefined, counting());
  bob = new Person('bob');
});

const find = (record: SignedPrekey | null, who = alice) => lookUp({ server, who, owner: bob, roomId }, record);

test('accepts a prekey that its owner has signed', async () => {
  expect(await find(bob.record(7))).toEqual({ taken: 7, wrong: [] });
});

test('reports nothing for a user without a prekey', async () => {
  expect(await find(null)).toEqual({ taken: null, wrong: [] });
});

test('accepts a later prekey', async () => {
  await find(bob.record(7));
  expect(await find(bob.record(8))).toEqual({ taken: 8, wrong: [] });
});

const refused = { taken: null, wrong: ['wrong-prekey bob'] };
const early = { taken: null, wrong: ['early-prekey bob'] };

test.each<[string, () => SignedPrekey]>([
  ['of another identity with the same user name', () => new Person('bob').record(9)],
  ['that is shown under another key', () => ({ ...bob.record(9), key: new Person('bob').identity.key })],
  ['that another user has signed', () => ({ ...new Person('bob').record(9), key: bob.identity.key })],
  ['that was signed for another server', () => bob.record(9, { serverId: '0'.repeat(64) })],
  ['of another suite', () => ({ ...bob.record(9), suite: 'P-384' as 'X-Wing' })],
  ['of another length', () => bob.record(9, { bytes: 97 })],
  ['that was signed without its suite', () => bob.withoutSuite(9)],
  ['with a changed date', () => ({ ...bob.record(9), madeAt: 10 })],
  ['that is older than one seen before', () => bob.record(6)],
  ['that differs from one with the same date', () => bob.record(7, { seed: 200 })],
])('refuses a prekey %s', async (_, record) => {
  expect(await find(bob.record(7))).toEqual({ taken: 7, wrong: [] });
  expect(await find(record())).toEqual(refused);
  expect(await find(bob.record(7))).toEqual({ taken: 7, wrong: [] });
});

/** A renewal of a user's key. By default the key before has signed it. */
function renewed(person: Person, { after = new Person(person.user), by = person.signer, number = 1 } = {}) {
  const { publicKey, fingerprint } = person.signer;
  const before: Signer = { publicKey, fingerprint, sign: (domain, data) => by.sign(domain, data) };
  const about = { serverId: authority.serverId, number, madeAt: 5 };
  const renewal = makeKeyRenewal({ user: person.user, before, after: after.signer }, about);
  return { after, chain: { first: person.identity.key, renewals: [renewal] } };
}

test('takes no notice of a prekey under a renewed key that the log has not shown yet', async () => {
  const { after, chain } = renewed(bob);
  server.renewals.set('bob', chain);
  expect(await find(after.record(9))).toEqual({ taken: null, wrong: [] });
  const next = renewed(after, { number: 2 });
  server.renewals.set('bob', { first: chain.first, renewals: [...chain.renewals, ...next.chain.renewals] });
  // Of two renewals, the log shows the first one.
  expect(await find(after.record(9))).toEqual({ taken: null, wrong: [] });
  expect(await find(bob.record(7))).toEqual({ taken: 7, wrong: [] });
});

test('refuses a prekey under a key to which no renewal leads', async () => {
  const { after, chain } = renewed(bob);
  expect(await find(after.record(9))).toEqual(refused);
  server.renewals.set('bob', renewed(bob, { after, by: generateSigner() }).chain);
  expect(await find(after.record(9))).toEqual(refused);
  server.renewals.set('bob', { ...chain, first: new Person('bob').identity.key });
  expect(await find(after.record(9))).toEqual(refused);
  server.renewals.set('bob', chain);
  expect(await find(new Person('bob').record(9))).toEqual(refused);
});

test('rejects when the server does not say whether a key was renewed', async () => {
  server.answers['get-key-renewals'] = () => {
    throw new ProtocolError('internal', 'The server failed.');
  };
  expect(await rejectedCode(find(renewed(bob).after.record(9)))).toBe('internal');
});

test('refuses a prekey that is dated more than a day ahead, and takes the next one that is not', async () => {
  const latest = clock.now() + limits.prekeyAhead;
  const end = bob.record(Number.MAX_SAFE_INTEGER, { seed: 200 });
  expect(await find(end)).toEqual(early);
  expect(await find({ ...end, signature: bob.record(1).signature })).toEqual(refused);
  expect(await find(bob.record(latest + 1, { seed: 201 }))).toEqual(early);
  expect(await find(bob.record(7))).toEqual({ taken: 7, wrong: [] });
  expect(await find(bob.record(latest, { seed: 202 }))).toEqual({ taken: 202, wrong: [] });
  expect(await find(end)).toEqual(early);
  server.prekeys.set('bob', end);
  expect(await rejectedCode(alice.directory.identityOf('bob'))).toBe('wrong-prekey');
});

test('takes no notice of a prekey from the far future that an earlier version has accepted', async () => {
  const end = bob.record(Number.MAX_SAFE_INTEGER, { seed: 200 });
  const seenPrekeys = { [bob.signer.fingerprint]: { id: '0'.repeat(32), madeAt: end.madeAt } };
  const restarted = new IsolatedClient('alice', clock, server, { ...alice.vault, seenPrekeys });
  expect(await find(end, restarted)).toEqual(early);
  expect(await find(bob.record(7), restarted)).toEqual({ taken: 7, wrong: [] });
  expect(await find(bob.record(6), restarted)).toEqual(refused);
});

test('remembers the prekeys that it has seen over restarts', async () => {
  await find(bob.record(7));
  const restarted = new IsolatedClient('alice', clock, server, alice.vault);
  expect(await find(bob.record(6), restarted)).toEqual(refused);
});

test('verifies each prekey once', async () => {
  await find(bob.record(7));
  await find(bob.record(7));
  expect(checks).toBe(1);
  await find(bob.record(8));
  expect(checks).toBe(2);
});

/** Looks up 100 prekeys. Returns the sizes of the requests. */
async function findMany(): Promise<number[]> {
  const people = Array.from({ length: 100 }, (_, index) => new Person(`p${index}`));
  for (const person of people) server.prekeys.set(person.user, person.record(7));
  let found: FoundPrekeys | null = null;
  const finding = alice.directory.find(
    roomId,
    people.map(({ identity }) => identity),
  );
  void finding.then((prekeys) => {
    found = prekeys;
  });
  while (found === null) {
    await clock.advance(0);
    await setImmediate();
  }
  expect([...(await finding).prekeys.keys()]).toEqual(people.map(({ signer }) => signer.fingerprint));
  return server.of('get-prekeys').map(({ users }) => users.length);
}

const pages = [limits.prekeysPerRequest, limits.prekeysPerRequest, 100 - 2 * limits.prekeysPerRequest];

test('requests many prekeys in pages, and yields between the signature checks', async () => {
  expect(await findMany()).toEqual(pages);
  expect([checks, longest]).toEqual([100, 9]);
});

test('lets other threads check the signatures of a page together, while it asks for the next one', async () => {
  alice = new IsolatedClient('alice', clock, server, undefined, counting({ hasThreads: true }));
  expect(await findMany()).toEqual(pages);
  expect([checks, longest]).toEqual([100, 0]);
  expect(atOnce).toBeGreaterThan(1);
  expect(atOnce).toBeLessThanOrEqual(limits.prekeysPerRequest);
});

test('refuses a prekey if a later one was seen while its signature was checked', async () => {
  const crypto = createRoomCrypto();
  const ends: (() => void)[] = [];
  const verifyAsync: RoomCrypto['verifyAsync'] = async (signed) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    return crypto.verify(signed.publicKey, signed.domain, signed.data, signed.signature);
  };
  alice = new IsolatedClient('alice', clock, server, undefined, { ...crypto, verifyAsync });
  const older = find(bob.record(7));
  while (ends.length < 1) await setImmediate();
  const later = find(bob.record(8));
  while (ends.length < 2) await setImmediate();
  ends[1]?.();
  expect(await later).toEqual({ taken: 8, wrong: [] });
  ends[0]?.();
  expect(await older).toEqual(refused);
});

test('returns the identity that has signed the prekey of a user name', async () => {
  expect(await alice.directory.identityOf('bob')).toBeNull();
  server.prekeys.set('bob', bob.record(7));
  expect(await alice.directory.identityOf('bob')).toEqual(bob.identity);
  // An earlier prekey than one that was seen proves it, too, and does not change which ones links are opened to.
  await find(bob.record(8));
  server.prekeys.set('bob', bob.record(7));
  expect(await alice.directory.identityOf('bob')).toEqual(bob.identity);
  expect(await find(bob.record(7))).toEqual(refused);
  server.prekeys.set('bob', { ...bob.record(8), madeAt: 9 });
  expect(await rejectedCode(alice.directory.identityOf('bob'))).toBe('wrong-prekey');
});
