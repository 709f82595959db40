/** Both directions against python3-cryptography, in one process: its tokens open here, ours there, and damaged ones nowhere. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { optional } from '@chat/testkit';
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

/** The same messages at every run: a difference that shows once shows again. */
const messages: readonly Message[] = fc.sample(
  fc.record({ bytes: fc.uint8Array({ maxLength: 300 }), now: fc.nat(0xffffffff) }),
  { numRuns: 200, seed: 1 },
);

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

function cases({ Fernet }: Library): readonly Case[] {
  const fernet = new Fernet(KEY);
  return messages.flatMap(({ bytes, now }, i) => {
    const token = fernet.encryptAtTime(bytes, now);
    const damage = damages[i % damages.length] ?? Buffer.from;
    return [
      { token, ttl: null, now },
      { token, ttl: i % 100, now: now + (i % 3) + (i % 100) - 1 },
      { token, ttl: i % 100, now: Math.max(0, now - 59 - (i % 3)) },
      { token: base64url(damage(fromBase64url(token), i)), ttl: null, now },
    ];
  });
}

/** Runs once for both backends: 200 messages there and back, 800 tokens of each backend judged. */
function ask(jobs: readonly { library: Library; judged: readonly Case[] }[]): readonly Answer[] {
  const encrypt = messages.map(({ bytes, now }) => ({ bytes: Buffer.from(bytes).toString('base64'), now }));
  const input = jobs.map(({ judged }) => ({ key: keyText(KEY), encrypt, decrypt: judged }));
  const script = fileURLToPath(new URL('pyca.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(PYTHON, [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function orNull<T>({ InvalidToken }: Library, call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof InvalidToken) return null;
    throw error;
  }
}

optional('python3-cryptography', [PYTHON, '-c', 'import cryptography'])('pyca/cryptography', () => {
  const jobs = libraries.map((library) => ({ library, judged: cases(library) }));
  let answers: readonly Answer[] = [];
  beforeAll(() => {
    answers = ask(jobs);
  });

  test.each(libraries.map((library, i) => ({ ...library, i })))('$name opens what pyca makes', ({ i, Fernet }) => {
    const fernet = new Fernet(keyText(KEY));
    const made = answers[i]?.made ?? [];
    expect(made).toHaveLength(messages.length);
    messages.forEach(({ bytes, now }, n) => {
      const token = made[n] ?? '';
      expect(fernet.decryptAtTime(token, { ttl: 0, now })).toEqual(bytes);
      expect(fernet.extractTimestamp(token)).toBe(now);
    });
  });

  test.each(jobs.map((job, i) => ({ name: job.library.name, ...job, i })))(
    '$name and pyca agree on every token, whole or damaged',
    ({ i, library, judged }) => {
      const fernet = new library.Fernet(KEY);
      const ours = judged.map(({ token, ttl, now }) => {
        const data = orNull(library, () =>
          ttl === null ? fernet.decrypt(token) : fernet.decryptAtTime(token, { ttl, now }),
        );
        return data && Buffer.from(data).toString('base64');
      });
      expect(ours).toEqual(answers[i]?.opened);
      const [valid, refused] = [ours.filter((data) => data !== null), ours.filter((data) => data === null)];
      expect(valid.length).toBeGreaterThan(300);
      expect(refused.length).toBeGreaterThan(200);
      // pyca reads a timestamp from anything with a right MAC; here it must have the shape of a token too.
      judged.forEach(({ token }, n) => {
        const seconds = orNull(library, () => fernet.extractTimestamp(token));
        if (seconds !== null || ours[n] !== null) expect(seconds).toBe(answers[i]?.stamped[n]);
      });
    },
  );
});
