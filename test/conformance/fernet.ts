/** @chat/fernet: the specification's vectors, and tokens and streams that copies exchange. */
import {
  decryptStream,
  deriveKey,
  encryptFromParts,
  encryptStream,
  Fernet,
  FernetError,
  InvalidToken,
  MultiFernet,
} from '@chat/fernet';
import generate from '../../packages/fernet/test/vectors/generate.json' with { type: 'json' };
import invalid from '../../packages/fernet/test/vectors/invalid.json' with { type: 'json' };
import streams from '../../packages/fernet/test/vectors/stream.json' with { type: 'json' };
import verify from '../../packages/fernet/test/vectors/verify.json' with { type: 'json' };
import type { Conformance } from './conformance.ts';
import { expectError, expectSame, fromHex, toHex } from './expect.ts';

interface Made {
  readonly key: string;
  readonly token: string;
  readonly raw: string;
  readonly stream: string;
}

const sampleText = 'Grüße 👋';
const streamedBytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

const seconds = (date: string) => Date.parse(date) / 1000;

/** Sends bytes through a web stream in chunks of `size` bytes. */
function through(stream: TransformStream<Uint8Array, Uint8Array>, data: Uint8Array, size = 7777): Promise<Uint8Array> {
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < data.length; at += size) controller.enqueue(data.slice(at, at + size));
      controller.close();
    },
  });
  return collected(pieces.pipeThrough(stream));
}

async function collected(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const vectors: Record<string, () => unknown> = {};
for (const { secret, src, now, iv, token } of generate) {
  vectors[`vector: generates ${src}`] = () =>
    expectSame(encryptFromParts(secret, src, seconds(now), Uint8Array.from(iv)), token);
}
for (const { secret, token, ttl_sec: ttl, now, src } of verify) {
  vectors[`vector: verifies ${src}`] = () =>
    expectSame(new TextDecoder().decode(new Fernet(secret).decryptAtTime(token, { ttl, now: seconds(now) })), src);
}
for (const { secret, token, ttl_sec: ttl, now, desc } of invalid) {
  vectors[`vector: refuses ${desc}`] = () =>
    expectError(InvalidToken, 'invalid-token', () =>
      new Fernet(secret).decryptAtTime(token, { ttl, now: seconds(now) }),
    );
}
for (const { secret, src, stream } of streams) {
  vectors[`vector: reads the stream of ${src}`] = async () =>
    expectSame(new TextDecoder().decode(await through(decryptStream(secret), fromHex(stream), 10)), src);
}

export const fernet: Conformance<Made> = {
  checks: {
    ...vectors,

    'a stream of several chunks': async () => {
      const cipher = new Fernet(Fernet.generateKey());
      const stream = await through(encryptStream(cipher), streamedBytes);
      expectSame(await through(decryptStream(cipher), stream, 50_000), streamedBytes);
      await expectError(InvalidToken, 'invalid-token', () => through(decryptStream(cipher), stream.slice(0, -65_000)));
    },

    'a key from a password': async () => {
      const key = await deriveKey('password', new Uint8Array(16).fill(1));
      expectSame(key, 'AE0Xp7uqrX16cynljOerjCX_csA8JOUx8guJ892ZWh0=');
    },

    'refuses keys that are none': () => expectError(FernetError, 'invalid-key', () => new Fernet('short')),
  },

  async make() {
    const key = Fernet.generateKey();
    const cipher = new Fernet(key);
    return {
      key,
      token: cipher.encrypt(sampleText),
      raw: toHex(cipher.raw.encrypt(sampleText)),
      stream: toHex(await through(encryptStream(cipher), streamedBytes)),
    };
  },

  async read({ key, token, raw, stream }) {
    const cipher = new MultiFernet([new Fernet(Fernet.generateKey()), new Fernet(key)]);
    expectSame(cipher.decryptText(token), sampleText);
    expectSame(cipher.raw.decryptText(fromHex(raw)), sampleText);
    expectSame(await through(decryptStream(cipher), fromHex(stream)), streamedBytes);
  },
};
