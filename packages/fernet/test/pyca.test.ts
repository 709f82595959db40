/** Interoperability with python3-cryptography: each side opens the other's tokens, and neither opens damaged ones. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPython, onlyInFullRun, optional } from '@chat/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { base64url, flipBit, forge, fromBase64url, keyText, testKey, withMac } from './support/forge.ts';
import { type Library, libraries } from './support/libraries.ts';

const python = findPython();

interface Message {
  readonly bytes: Uint8Array;
  readonly now: number;
}

interface Case {
  readonly token: string;
  readonly ttl: number | null;
  readonly now: number;
}

interface Answer {
  readonly made: readonly string[];
  readonly opened: readonly (string | null)[];
  readonly stamped: readonly (number | null)[];
}

interface Result {
  readonly judged: readonly Case[];
  readonly answer: Answer | undefined;
}

/** Returns the same messages at every run, so that a failure is reproducible. */
function messages(count: number): readonly Message[] {
  const message = fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), now: fc.nat(0xffffffff) });
  return fc.sample(message, { numRuns: count, seed: 1 });
}

/** One kind of damage for each token, to its bytes. Invalid base64url is not compared, because pyca accepts some of it. */
const damages: readonly ((bytes: Buffer, i: number) => Buffer)[] = [
  (bytes, i) => flipBit(bytes, (i * 7919) % (bytes.length * 8)),
  (bytes, i) => bytes.subarray(0, (i * 31) % bytes.length),
  (bytes, i) => Buffer.concat([bytes, Buffer.alloc(1 + (i % 33))]),
  (bytes, i) => bytes.subarray(1 + (i % 40)),
  (_, i) => forge({ version: i }),
  (_, i) => forge({ padded: Buffer.alloc(16 * (1 + (i % 3)), i) }),
  (_, i) => withMac(Buffer.alloc(25 + (i % 50), 0x80)),
  (_, i) => forge({ timestamp: 2n ** 64n - BigInt(1 + i) }),
];

/** Returns four tokens for each message: a valid one, two at the limits of their age, and a damaged one. */
function cases({ Fernet }: Library, given: readonly Message[]): readonly Case[] {
  const fernet = new Fernet(testKey);
  return given.flatMap(({ bytes, now }, i) => {
    const token = fernet.encryptAtTime(bytes, now);
    const damage = damages[i % damages.length] ?? Buffer.from;
    return [
      { token, ttl: null, now },
      { token, ttl: i % 100, now: Math.max(0, now + (i % 3) + (i % 100) - 1) },
      { token, ttl: i % 100, now: Math.max(0, now - 59 - (i % 3)) },
      { token: base64url(damage(fromBase64url(token), i)), ttl: null, now },
    ];
  });
}

/** Runs Python once for both backends: it makes a token of every message, and judges four tokens of each backend. */
function ask(given: readonly Message[]): ReadonlyMap<Library, Result> {
  const jobs = libraries.map((library) => ({ library, judged: cases(library, given) }));
  const encrypt = given.map(({ bytes, now }) => ({ bytes: Buffer.from(bytes).toString('base64'), now }));
  const input = jobs.map(({ judged }) => ({ key: keyText(testKey), encrypt, decrypt: judged }));
  const script = fileURLToPath(new URL('support/pyca.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  const answers: readonly Answer[] = JSON.parse(stdout);
  return new Map(jobs.map(({ library, judged }, i) => [library, { judged, answer: answers[i] }]));
}

function orNull<T>({ InvalidToken }: Library, call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof InvalidToken) return null;
    throw error;
  }
}

/** Tests both directions with this many messages. */
function agreement(count: number): void {
  let given: readonly Message[] = [];
  let results: ReadonlyMap<Library, Result> = new Map();
  beforeAll(() => {
    given = messages(count);
    results = ask(given);
  });

  test.each(libraries)('$name opens tokens of pyca', (library) => {
    const fernet = new library.Fernet(keyText(testKey));
    const made = results.get(library)?.answer?.made ?? [];
    expect(made).toHaveLength(count);
    given.forEach(({ bytes, now }, n) => {
      const token = made[n] ?? '';
      expect(Buffer.compare(fernet.decryptAtTime(token, { ttl: 0, now }), bytes)).toBe(0);
      expect(Buffer.compare(fernet.raw.decryptAtTime(fromBase64url(token), { ttl: 0, now }), bytes)).toBe(0);
      expect(fernet.extractTimestamp(token)).toBe(now);
    });
  });

  test.each(libraries)('$name and pyca agree on every token, valid or damaged', (library) => {
    const { judged = [], answer } = results.get(library) ?? {};
    const fernet = new library.Fernet(testKey);
    const ours = judged.map(({ token, ttl, now }) => {
      const data = orNull(library, () =>
        ttl === null ? fernet.decrypt(token) : fernet.decryptAtTime(token, { ttl, now }),
      );
      return data && Buffer.from(data).toString('base64');
    });
    expect(ours).toEqual(answer?.opened);
    const [valid, refused] = [ours.filter((data) => data !== null), ours.filter((data) => data === null)];
    expect(valid.length).toBeGreaterThan(1.5 * count);
    expect(refused.length).toBeGreaterThan(count);
    // pyca returns a timestamp for all bytes with a valid MAC. This library requires the layout of a token too.
    judged.forEach(({ token }, n) => {
      const seconds = orNull(library, () => fernet.extractTimestamp(token));
      if (seconds !== null || ours[n] !== null) expect(seconds).toBe(answer?.stamped[n]);
    });
  });
}

optional('python3-cryptography', [python, '-c', 'import cryptography'])('pyca/cryptography', () => agreement(200));

onlyInFullRun('agreement with pyca/cryptography on 10,000 messages')('pyca/cryptography, at length', () =>
  agreement(10_000),
);
