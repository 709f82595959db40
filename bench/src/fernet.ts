/** Fernet: @chat/fernet, Python's cryptography, the npm package `fernet`, and plain implementations. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Fernet } from '@chat/fernet';
import { cbc } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import npm from 'fernet';
import { type Contender, compare, type Plan } from './measure/measure.ts';
import type { Python } from './measure/python.ts';
import { type Row, report } from './report/report.ts';

const sizes = [32, 256, 1024, 16 * 1024, 1024 * 1024];
const sizeText = (size: number) =>
  size >= 1 << 20 ? `${size >> 20} MiB` : size >= 1024 ? `${size >> 10} KiB` : `${size} B`;

interface Implementation {
  readonly name: string;
  readonly encrypt: (data: Data) => string;
  readonly decrypt: (token: string) => unknown;
}

/** The same plaintext as text and as bytes, created before the measurement. */
interface Data {
  readonly bytes: Uint8Array;
  readonly text: string;
}

function makeData(size: number): Data {
  return { bytes: randomBytes(size), text: randomBytes(size).toString('base64').slice(0, size) };
}

const header = () => {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80;
  bytes.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
  return bytes;
};

/** A plain implementation on node:crypto, which keeps nothing between calls. */
function plainNode(key: Buffer): Implementation {
  const [signing, encryption] = [key.subarray(0, 16), key.subarray(16)];
  const mac = (bytes: Buffer) => createHmac('sha256', signing).update(bytes).digest();
  return {
    name: 'plain node:crypto',
    encrypt({ bytes: data }) {
      const iv = randomBytes(16);
      const cipher = createCipheriv('aes-128-cbc', encryption, iv);
      const body = Buffer.concat([header(), iv, cipher.update(data), cipher.final()]);
      return Buffer.concat([body, mac(body)]).toString('base64url');
    },
    decrypt(token) {
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(0, -32);
      if (!mac(body).equals(bytes.subarray(-32))) throw new Error('not a token');
      const decipher = createDecipheriv('aes-128-cbc', encryption, body.subarray(9, 25));
      return Buffer.concat([decipher.update(body.subarray(25)), decipher.final()]);
    },
  };
}

/** The same on noble, for browsers. */
function plainNoble(key: Uint8Array): Implementation {
  const [signing, encryption] = [key.subarray(0, 16), key.subarray(16)];
  return {
    name: 'plain noble',
    encrypt({ bytes: data }) {
      const iv = randomBytes(16);
      const body = Buffer.concat([header(), iv, cbc(encryption, iv).encrypt(data)]);
      return Buffer.concat([body, hmac(sha256, signing, body)]).toString('base64url');
    },
    decrypt(token) {
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(0, -32);
      if (!bytes.subarray(-32).equals(hmac(sha256, signing, body))) throw new Error('not a token');
      return cbc(encryption, body.subarray(9, 25)).decrypt(body.subarray(25));
    },
  };
}

/** Accepts text only. */
function npmFernet(key: string): Implementation {
  const secret = new npm.Secret(key);
  return {
    name: 'npm fernet',
    encrypt: ({ text }) => new npm.Token({ secret }).encode(text),
    decrypt: (token) => new npm.Token({ secret, token, ttl: 0 }).decode(),
  };
}

function ours(key: string): Implementation {
  const fernet = new Fernet(key);
  return {
    name: '@chat/fernet',
    encrypt: ({ bytes }) => fernet.encrypt(bytes),
    decrypt: (token) => fernet.decrypt(token),
  };
}

/** Measures Fernet's implementations. */
export async function benchFernet(plan: Plan, python: Python | null): Promise<void> {
  const key = Fernet.generateKey();
  const bytes = Buffer.from(key, 'base64url');
  const implementations = [ours(key), plainNode(bytes), plainNoble(bytes), npmFernet(key)];
  const rows: Row[] = [];
  for (const task of ['encrypt', 'decrypt'] as const) {
    for (const size of sizes) {
      const data = makeData(size);
      const contenders: Contender[] = implementations.map((implementation) => {
        const token = implementation.encrypt(data);
        const operation = task === 'encrypt' ? () => implementation.encrypt(data) : () => implementation.decrypt(token);
        return { name: implementation.name, operation };
      });
      if (python !== null) {
        const name = `Python cryptography ${python.version}`;
        contenders.splice(1, 0, { name, measure: (ms) => python.measure(task, size, ms) });
      }
      rows.push({ task: `${task} ${sizeText(size)}`, results: await compare(contenders, plan) });
    }
  }
  await report('@chat/fernet', '@chat/fernet', rows);
}
