/** Challenges: once, in time, for their purpose, on their channel; and what can be said about the rest. */
import { describe, expect, test } from 'vitest';
import type { ChallengeCheck, ChallengeRecord, ChallengeStore } from '../../src/index.ts';
import { engines, native, pairings } from '../support/engine.ts';
import { bytes, codeOf, rejectionOf } from '../support/inputs.ts';

const now = 1_700_000_000_000;
const lifetimeMs = 30_000;
const channel = new Uint8Array(32).fill(5);
const terms = { purpose: 'login', channel };
const username = 'alice';
const signer = native.generateSigner();
const verifier = native.importVerifier(signer.publicKey);

/** A challenge issued in a store of its own, and a sound answer to it. */
async function prepare(change: Partial<ChallengeCheck> = {}, store = native.createMemoryChallengeStore(10)) {
  const challenge = await native.issueChallenge(store, { ...terms, now, lifetimeMs });
  const answer = native.answerChallenge(signer, challenge, { ...terms, username });
  const check: ChallengeCheck = { ...terms, challenge, answer, username, verifier, now: now + 1000, ...change };
  return { store, check, verify: () => native.verifyChallenge(store, check) };
}

describe.each(pairings)('%s', (_name, server, client) => {
  test('a challenge answered in time says who it was', async () => {
    const store = server.createMemoryChallengeStore(1);
    const key = client.generateSigner();
    const challenge = await server.issueChallenge(store, { ...terms, now, lifetimeMs });
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const answer = client.answerChallenge(key, challenge, { ...terms, username });
    const check = { ...terms, challenge, answer, username, verifier: server.importVerifier(key.publicKey), now };
    expect(await server.verifyChallenge(store, check)).toEqual({ username, fingerprint: key.fingerprint });
    expect(await rejectionOf(() => server.verifyChallenge(store, check))).toBe('unknown-challenge');
  });
});

describe('time', () => {
  test.each([
    [0, 'nothing'],
    [lifetimeMs - 1, 'nothing'],
    [lifetimeMs, 'expired-challenge'],
    [lifetimeMs * 1000, 'expired-challenge'],
  ])('%i ms later: %s', async (later, expected) => {
    const { verify } = await prepare({ now: now + later });
    expect(await rejectionOf(verify)).toBe(expected);
  });
});

describe('an answer that is not one', () => {
  const stranger = native.generateSigner();
  const shorter = channel.subarray(1);

  test.each<[string, string, Partial<ChallengeCheck>]>([
    ['another purpose', 'wrong-purpose', { purpose: 'delete' }],
    ['another channel', 'wrong-channel', { channel: shorter }],
    ['no channel', 'wrong-channel', { channel: undefined }],
    ['another name', 'wrong-answer', { username: 'alicf' }],
    ['another key', 'wrong-answer', { verifier: native.importVerifier(stranger.publicKey) }],
    ['no such user', 'wrong-answer', { verifier: undefined }],
    ['no signature', 'wrong-answer', { answer: Uint8Array.of() }],
    ['a signature that is no bytes', 'wrong-answer', { answer: null as unknown as Uint8Array }],
    ['a verifier that returns something', 'wrong-answer', { verifier: { ...verifier, verify: () => 1 as never } }],
  ])('%s: %s, and the challenge is used up', async (_what, expected, change) => {
    const { store, check, verify } = await prepare(change);
    expect(await rejectionOf(verify)).toBe(expected);
    expect(await rejectionOf(() => native.verifyChallenge(store, { ...check, ...terms, username, verifier }))).toBe(
      'unknown-challenge',
    );
  });

  test.each([
    ['another purpose', { purpose: 'delete' }],
    ['another channel', { channel: shorter }],
    ['no channel', { channel: undefined }],
    ['another name', { username: 'bob' }],
  ])('signed for %s', async (_what, change) => {
    const { store, check } = await prepare();
    const answer = native.answerChallenge(signer, check.challenge, { ...terms, username, ...change });
    expect(await rejectionOf(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test('name and channel do not run into each other', async () => {
    const { store, check } = await prepare();
    const answer = native.answerChallenge(signer, check.challenge, {
      purpose: 'login',
      username: 'alic',
      channel: Uint8Array.of(0x65, ...channel),
    });
    expect(await rejectionOf(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test('the answer to another challenge', async () => {
    const [first, second] = [await prepare(), await prepare()];
    const check = { ...first.check, answer: second.check.answer };
    expect(await rejectionOf(() => native.verifyChallenge(first.store, check))).toBe('wrong-answer');
  });

  test('the bare signature of signMessage is another thing', async () => {
    const { store, check } = await prepare();
    const domain = { protocol: '@chat/signatures', purpose: 'challenge', context: '' };
    const answer = signer.sign(domain, bytes(check.challenge));
    expect(await rejectionOf(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, 'A'.repeat(43), 7, null, undefined, {}])(
    'to the challenge %j, which was never issued',
    async (challenge) => {
      const { verify } = await prepare({ challenge: challenge as string });
      expect(await rejectionOf(verify)).toBe('unknown-challenge');
    },
  );
});

describe('single use', () => {
  /** A database: every call takes a turn of the event loop, and only `take` is one step. */
  function slowStore(): ChallengeStore {
    const records = new Map<string, ChallengeRecord>();
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    return {
      add: async (challenge, record) => {
        await turn();
        records.set(challenge, structuredClone(record));
      },
      take: async (challenge) => {
        await turn();
        const record = records.get(challenge);
        records.delete(challenge);
        await turn();
        return record;
      },
    };
  }

  test.each([
    ['in memory', native.createMemoryChallengeStore(10)],
    ['in a database', slowStore()],
  ])('%s: of twenty sound answers at once, one counts', async (_where, store) => {
    const { verify } = await prepare({}, store);
    const codes = await Promise.all(Array.from({ length: 20 }, () => rejectionOf(verify)));
    expect(codes.toSorted()).toEqual(['nothing', ...Array.from({ length: 19 }, () => 'unknown-challenge')]);
  });

  test('of a wrong and a sound answer at once, at most one is looked at', async () => {
    const { store, check } = await prepare({}, slowStore());
    const wrong = { ...check, username: 'mallory' };
    const codes = await Promise.all([wrong, check].map((one) => rejectionOf(() => native.verifyChallenge(store, one))));
    expect(codes).toEqual(['wrong-answer', 'unknown-challenge']);
  });

  test('what a store throws is passed on, and nobody is let in', async () => {
    const { check } = await prepare();
    const broken: ChallengeStore = {
      add: () => Promise.reject(new Error('disk full')),
      take: () => Promise.reject(new Error('no connection')),
    };
    await expect(native.issueChallenge(broken, { ...terms, now, lifetimeMs })).rejects.toThrow('disk full');
    await expect(native.verifyChallenge(broken, check)).rejects.toThrow('no connection');
  });
});

describe('a mistake of the caller', () => {
  test.each([
    [{ now: Number.NaN }],
    [{ purpose: '' }],
    [{ purpose: '\ud800' }],
    [{ channel: new Uint8Array() }],
    [{ channel: 'channel' as unknown as Uint8Array }],
    [{ username: '\udc00' }],
    [{ username: undefined as unknown as string }],
  ] as [Partial<ChallengeCheck>][])('%j: the challenge is kept', async (change) => {
    const { store, check, verify } = await prepare(change);
    expect(await rejectionOf(verify)).toBe('invalid-argument');
    const mended = { ...check, ...terms, username, now };
    expect(await rejectionOf(() => native.verifyChallenge(store, mended))).toBe('nothing');
  });

  test.each([
    { lifetimeMs: 0 },
    { lifetimeMs: -1 },
    { lifetimeMs: Number.NaN },
    { lifetimeMs: Number.POSITIVE_INFINITY },
    { now: '0' as unknown as number },
    { purpose: '' },
    { channel: new Uint8Array() },
    { random: () => new Uint8Array(16) },
    { random: () => 'random' as unknown as Uint8Array },
  ])('when issuing: %j', async (change) => {
    const store = native.createMemoryChallengeStore(1);
    const issue = () => native.issueChallenge(store, { ...terms, now, lifetimeMs, ...change });
    expect(await rejectionOf(issue)).toBe('invalid-argument');
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a store for %d', (capacity) => {
    expect(codeOf(() => native.createMemoryChallengeStore(capacity))).toBe('invalid-argument');
  });

  test('a client is told of text that is no challenge', () => {
    for (const text of ['short', 'AAAA', 'A'.repeat(42), 'A'.repeat(44)]) {
      expect(codeOf(() => native.answerChallenge(signer, text, { ...terms, username }))).toBe('unknown-challenge');
    }
  });
});

describe('the store in memory', () => {
  const record = (expiresAt: number): ChallengeRecord => ({ purpose: 'p', channel: '', expiresAt });

  test('forgets the oldest when it is full', () => {
    const store = native.createMemoryChallengeStore(3);
    for (const name of ['a', 'b', 'c', 'd']) store.add(name, record(100), 0);
    expect(['a', 'b', 'c', 'd'].map((name) => store.take(name) !== undefined)).toEqual([false, true, true, true]);
  });

  test('drops what has expired before it drops what has not', () => {
    const store = native.createMemoryChallengeStore(3);
    store.add('expired', record(10), 0);
    store.add('too', record(10), 0);
    store.add('open', record(100), 0);
    store.add('new', record(100), 10);
    expect(['expired', 'too', 'open', 'new'].map((name) => store.take(name) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('holds no more than its capacity, whatever is issued', async () => {
    const store = native.createMemoryChallengeStore(5);
    const issue = () => native.issueChallenge(store, { ...terms, now, lifetimeMs });
    const issued = await Promise.all(Array.from({ length: 50 }, issue));
    expect(new Set(issued).size).toBe(50);
    expect(issued.filter((challenge) => store.take(challenge) !== undefined)).toEqual(issued.slice(-5));
  });
});

test('a challenge is its randomness, and a record holds no channel', async () => {
  for (const [, engine] of engines) {
    let kept: [string, ChallengeRecord] | undefined;
    const store: ChallengeStore = {
      add(challenge, record) {
        kept = [challenge, record];
        return undefined;
      },
      take: () => undefined,
    };
    const random = (length: number) => new Uint8Array(length).fill(0xff);
    const challenge = await engine.issueChallenge(store, { ...terms, now, lifetimeMs, random });
    expect(challenge).toBe(`${'_'.repeat(42)}8`);
    const hash = Buffer.from(engine.backend.sha256(channel)).toString('hex');
    expect(kept).toEqual([challenge, { purpose: 'login', channel: hash, expiresAt: now + lifetimeMs }]);
  }
});

test('the answer is the documented signature', async () => {
  const { check } = await prepare();
  const field = (content: Uint8Array) => [0, 0, 0, content.length, ...content];
  const data = [Buffer.from(check.challenge, 'base64url'), bytes(username), channel].flatMap(field);
  const domain = { protocol: '@chat/signatures', purpose: 'challenge-answer', context: 'login' };
  expect(verifier.verify(domain, Uint8Array.from(data), check.answer)).toBe(true);
});
