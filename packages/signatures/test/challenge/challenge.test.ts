/** Challenges are answered once, in time, for their purpose, on their channel; every other answer is refused with its code. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import type { ChallengeCheck, ChallengeRecord, ChallengeStore } from '../../src/index.ts';
import { engines, native, pairings } from '../support/engine.ts';
import { bytes, outcomeOfPromise } from '../support/inputs.ts';

const now = 1_700_000_000_000;
const lifetimeMs = 30_000;
const channel = new Uint8Array(32).fill(5);
const terms = { purpose: 'login', channel };
const username = 'alice';
const signer = native.generateSigner();
const verifier = native.importVerifier(signer.publicKey);

/** Issues a challenge in a store of its own, and prepares a sound answer to it. */
async function prepare(change: Partial<ChallengeCheck> = {}, store = native.createMemoryChallengeStore(10)) {
  const challenge = await native.issueChallenge(store, { ...terms, now, lifetimeMs });
  const answer = native.answerChallenge(signer, challenge, { ...terms, username });
  const check: ChallengeCheck = { ...terms, challenge, answer, username, verifier, now: now + 1000, ...change };
  return { store, check, verify: () => native.verifyChallenge(store, check) };
}

describe.each(pairings)('%s', (_name, server, client) => {
  test('a challenge that is answered in time proves the identity', async () => {
    const store = server.createMemoryChallengeStore(1);
    const key = client.generateSigner();
    const challenge = await server.issueChallenge(store, { ...terms, now, lifetimeMs });
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const answer = client.answerChallenge(key, challenge, { ...terms, username });
    const check = { ...terms, challenge, answer, username, verifier: server.importVerifier(key.publicKey), now };
    expect(await server.verifyChallenge(store, check)).toEqual({ username, fingerprint: key.fingerprint });
    expect(await outcomeOfPromise(() => server.verifyChallenge(store, check))).toBe('unknown-challenge');
  });
});

test('a misspelt option is refused, because it would be ignored: an answer bound to no connection', async () => {
  const { check, store } = await prepare();
  const misspelt = { purpose: 'login', chanel: channel, username };
  expect(thrownCode(() => native.answerChallenge(signer, check.challenge, misspelt))).toBe('invalid-argument');
  const issue = { ...terms, now, lifetimeMs, lifetime: 1 };
  expect(await outcomeOfPromise(() => native.issueChallenge(store, issue))).toBe('invalid-argument');
  const again = { ...check, usrname: username };
  expect(await outcomeOfPromise(() => native.verifyChallenge(store, again))).toBe('invalid-argument');
  const microseconds = { ...check, now: now * 1e6 };
  expect(await outcomeOfPromise(() => native.verifyChallenge(store, microseconds))).toBe('invalid-argument');
});

describe('an answer after', () => {
  test.each([
    [0, 'none'],
    [lifetimeMs - 1, 'none'],
    [lifetimeMs, 'expired-challenge'],
    [lifetimeMs * 1000, 'expired-challenge'],
  ])('%i ms: %s', async (later, expected) => {
    const { verify } = await prepare({ now: now + later });
    expect(await outcomeOfPromise(verify)).toBe(expected);
  });
});

describe('a wrong answer', () => {
  const stranger = native.generateSigner();
  const shorter = channel.subarray(1);

  test.each<[string, string, Partial<ChallengeCheck>]>([
    ['another purpose', 'wrong-purpose', { purpose: 'delete' }],
    ['another channel', 'wrong-channel', { channel: shorter }],
    ['no channel', 'wrong-channel', { channel: undefined }],
    ['another name', 'wrong-answer', { username: 'alicf' }],
    ['another key', 'wrong-answer', { verifier: native.importVerifier(stranger.publicKey) }],
    ['an unknown user', 'wrong-answer', { verifier: undefined }],
    ['an empty signature', 'wrong-answer', { answer: Uint8Array.of() }],
    ['a signature that is not bytes', 'wrong-answer', { answer: null as unknown as Uint8Array }],
    [
      'a verifier that returns another value than true',
      'wrong-answer',
      { verifier: { ...verifier, verify: () => 1 as never } },
    ],
  ])('with %s gives %s, and the challenge is used up', async (_what, expected, change) => {
    const { store, check, verify } = await prepare(change);
    expect(await outcomeOfPromise(verify)).toBe(expected);
    expect(
      await outcomeOfPromise(() => native.verifyChallenge(store, { ...check, ...terms, username, verifier })),
    ).toBe('unknown-challenge');
  });

  test.each([
    ['another purpose', { purpose: 'delete' }],
    ['another channel', { channel: shorter }],
    ['no channel', { channel: undefined }],
    ['another name', { username: 'bob' }],
  ])('that was signed for %s is refused', async (_what, change) => {
    const { store, check } = await prepare();
    const answer = native.answerChallenge(signer, check.challenge, { ...terms, username, ...change });
    expect(await outcomeOfPromise(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test('cannot exchange bytes between name and channel', async () => {
    const { store, check } = await prepare();
    const answer = native.answerChallenge(signer, check.challenge, {
      purpose: 'login',
      username: 'alic',
      channel: Uint8Array.of(0x65, ...channel),
    });
    expect(await outcomeOfPromise(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test('to another challenge is refused', async () => {
    const [first, second] = [await prepare(), await prepare()];
    const check = { ...first.check, answer: second.check.answer };
    expect(await outcomeOfPromise(() => native.verifyChallenge(first.store, check))).toBe('wrong-answer');
  });

  test('that is a bare signature of signMessage is refused', async () => {
    const { store, check } = await prepare();
    const domain = { protocol: '@chat/signatures', purpose: 'challenge', context: '' };
    const answer = signer.sign(domain, bytes(check.challenge));
    expect(await outcomeOfPromise(() => native.verifyChallenge(store, { ...check, answer }))).toBe('wrong-answer');
  });

  test.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, 'A'.repeat(43), 7, null, undefined, {}])(
    'to the challenge %j, which was never issued, is refused',
    async (challenge) => {
      const { verify } = await prepare({ challenge: challenge as string });
      expect(await outcomeOfPromise(verify)).toBe('unknown-challenge');
    },
  );
});

describe('single use', () => {
  /** A store like a database: every call takes a turn of the event loop, and only `take` is one step. */
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
  ])('%s: one of twenty simultaneous sound answers is accepted', async (_where, store) => {
    const { verify } = await prepare({}, store);
    const codes = await Promise.all(Array.from({ length: 20 }, () => outcomeOfPromise(verify)));
    expect(codes.toSorted()).toEqual(['none', ...Array.from({ length: 19 }, () => 'unknown-challenge')]);
  });

  test('of a simultaneous wrong and sound answer, at most one is verified', async () => {
    const { store, check } = await prepare({}, slowStore());
    const wrong = { ...check, username: 'mallory' };
    const codes = await Promise.all(
      [wrong, check].map((one) => outcomeOfPromise(() => native.verifyChallenge(store, one))),
    );
    expect(codes).toEqual(['wrong-answer', 'unknown-challenge']);
  });

  test.each([null, undefined])(
    'a store that returns %s for a record that it does not have is understood',
    async (none) => {
      const { check } = await prepare();
      const empty: ChallengeStore = { add: async () => {}, take: async () => none };
      expect(await outcomeOfPromise(() => native.verifyChallenge(empty, check))).toBe('unknown-challenge');
    },
  );

  test('the error of a store is passed on, and no user is accepted', async () => {
    const { check } = await prepare();
    const broken: ChallengeStore = {
      add: () => Promise.reject(new Error('disk full')),
      take: () => Promise.reject(new Error('no connection')),
    };
    await expect(native.issueChallenge(broken, { ...terms, now, lifetimeMs })).rejects.toThrow('disk full');
    await expect(native.verifyChallenge(broken, check)).rejects.toThrow('no connection');
  });
});

describe('invalid-argument is thrown', () => {
  test.each([
    [{ now: Number.NaN }],
    [{ purpose: '' }],
    [{ purpose: '\ud800' }],
    [{ channel: new Uint8Array() }],
    [{ channel: 'channel' as unknown as Uint8Array }],
    [{ username: '\udc00' }],
    [{ username: undefined as unknown as string }],
  ] as [Partial<ChallengeCheck>][])('for %j, and the challenge is not used up', async (change) => {
    const { store, check, verify } = await prepare(change);
    expect(await outcomeOfPromise(verify)).toBe('invalid-argument');
    const corrected = { ...check, ...terms, username, now };
    expect(await outcomeOfPromise(() => native.verifyChallenge(store, corrected))).toBe('none');
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
  ])('by issueChallenge for %j', async (change) => {
    const store = native.createMemoryChallengeStore(1);
    const issue = () => native.issueChallenge(store, { ...terms, now, lifetimeMs, ...change });
    expect(await outcomeOfPromise(issue)).toBe('invalid-argument');
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('for a store of %d', (capacity) => {
    expect(thrownCode(() => native.createMemoryChallengeStore(capacity))).toBe('invalid-argument');
  });

  test('but not for text that is not a challenge, which gives unknown-challenge', () => {
    for (const text of ['short', 'AAAA', 'A'.repeat(42), 'A'.repeat(44)]) {
      expect(thrownCode(() => native.answerChallenge(signer, text, { ...terms, username }))).toBe('unknown-challenge');
    }
  });
});

describe('the store in memory', () => {
  const record = (expiresAt: number): ChallengeRecord => ({ purpose: 'p', channel: '', expiresAt });

  test('drops the oldest when it is full', () => {
    const store = native.createMemoryChallengeStore(3);
    for (const name of ['a', 'b', 'c', 'd']) store.add(name, record(100), 0);
    expect(['a', 'b', 'c', 'd'].map((name) => store.take(name) !== undefined)).toEqual([false, true, true, true]);
  });

  test('drops expired challenges before others', () => {
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

  test('holds no more than its capacity', async () => {
    const store = native.createMemoryChallengeStore(5);
    const issue = () => native.issueChallenge(store, { ...terms, now, lifetimeMs });
    const issued = await Promise.all(Array.from({ length: 50 }, issue));
    expect(new Set(issued).size).toBe(50);
    expect(issued.filter((challenge) => store.take(challenge) !== undefined)).toEqual(issued.slice(-5));
  });
});

test('a challenge is the encoding of its random bytes, and a record does not contain the channel', async () => {
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

test('an answer is the documented signature', async () => {
  const { check } = await prepare();
  const field = (content: Uint8Array) => [0, 0, 0, content.length, ...content];
  const data = [Buffer.from(check.challenge, 'base64url'), bytes(username), channel].flatMap(field);
  const domain = { protocol: '@chat/signatures', purpose: 'challenge-answer', context: 'login' };
  expect(verifier.verify(domain, Uint8Array.from(data), check.answer)).toBe(true);
});
