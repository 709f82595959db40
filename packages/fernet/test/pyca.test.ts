/** Both directions against python3-cryptography, in one process: its tokens open here, ours there, and damaged ones nowhere. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onlyInFullRun, optional } from '@chat/testkit';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { base64url, flipBit, forge, fromBase64url, KEY, keyText, withMac } from './forge.ts';
import { type Library, libraries } from './libraries.ts';

const PYTHON = '/usr/bin/python3';

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

/** The same messages at every run: a difference that shows once shows again. */
function messages(count: number): readonly Message[] {
  const message = fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), now: fc.nat(0xffffffff) });
  return fc.sample(message, { numRuns: count, seed: 1 });
}

/** One way of damage per token, in its bytes: odd spellings in base64 are not compared, as pyca reads some of them. */
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

/** Four tokens of each message: one as it is, two at the edges of their time, a damaged one. */
function cases({ Fernet }: Library, given: readonly Message[]): readonly Case[] {
  const fernet = new Fernet(KEY);
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

/** Runs once for both backends: every message there and back, four times as many tokens of each backend judged. */
function ask(given: readonly Message[]): ReadonlyMap<Library, Result> {
  const jobs = libraries.map((library) => ({ library, judged: cases(library, given) }));
  const encrypt = given.map(({ bytes, now }) => ({ bytes: Buffer.from(bytes).toString('base64'), now }));
  const input = jobs.map(({ judged }) => ({ key: keyText(KEY), encrypt, decrypt: judged }));
  const script = fileURLToPath(new URL('pyca.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(PYTHON, [script], {
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

/** Both directions, over so many messages. */
function agreement(count: number): void {
  let given: readonly Message[] = [];
  let results: ReadonlyMap<Library, Result> = new Map();
  beforeAll(() => {
    given = messages(count);
    results = ask(given);
  });

  test.each(libraries)('$name opens what pyca makes', (library) => {
    const fernet = new library.Fernet(keyText(KEY));
    const made = results.get(library)?.answer?.made ?? [];
    expect(made).toHaveLength(count);
    given.forEach(({ bytes, now }, n) => {
      const token = made[n] ?? '';
      expect(Buffer.compare(fernet.decryptAtTime(token, { ttl: 0, now }), bytes)).toBe(0);
      expect(Buffer.compare(fernet.raw.decryptAtTime(fromBase64url(token), { ttl: 0, now }), bytes)).toBe(0);
      expect(fernet.extractTimestamp(token)).toBe(now);
    });
  });

  test.each(libraries)('$name and pyca agree on every token, whole or damaged', (library) => {
    const { judged = [], answer } = results.get(library) ?? {};
    const fernet = new library.Fernet(KEY);
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
    // pyca reads a timestamp from anything with a right MAC; here it must have the shape of a token too.
    judged.forEach(({ token }, n) => {
      const seconds = orNull(library, () => fernet.extractTimestamp(token));
      if (seconds !== null || ours[n] !== null) expect(seconds).toBe(answer?.stamped[n]);
    });
  });
}

optional('python3-cryptography', [PYTHON, '-c', 'import cryptography'])('pyca/cryptography', () => agreement(200));

onlyInFullRun('agreement with pyca/cryptography on 10,000 messages')('pyca/cryptography, at length', () =>
  agreement(10_000),
);
