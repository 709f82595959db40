/**
 * One table of what can be wrong with a key file, and what each library says about it: the right password is never called wrong, and
 * each cause has its own code.
 */
import { createCipheriv, createPrivateKey, createPublicKey, pbkdf2Sync, scryptSync } from 'node:crypto';
import { createKeyPair, privateKeyFromPem } from '@chat/mini-ca';
import { unlockSigner } from '@chat/signatures';
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const octets = (bytes: Uint8Array) => der(0x04, bytes);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const number = (value: number) => {
  const hex = value.toString(16);
  return der(0x02, Buffer.from(hex.length % 2 === 0 ? `00${hex}`.replace(/^00(?=[0-7])/, '') : `0${hex}`, 'hex'));
};
const pem = (bytes: Uint8Array) => {
  const body =
    bytes.toString() === ''
      ? ''
      : (
          Buffer.from(bytes)
            .toString('base64')
            .match(/.{1,64}/g) ?? []
        ).join('\n');
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
};

const password = 'correct';
const salt = Buffer.alloc(16, 1);
const iv = Buffer.alloc(16, 2);
const pair = createKeyPair('ec', 'P-384');
const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
const aes256 = '60864801650304012a';
const scryptOid = '2b06010401da47040b';
const pbkdf2Oid = '2a864886f70d01050c';
const sha256Oid = '2a864886f70d0209';

interface Parts {
  readonly plaintext?: Uint8Array;
  readonly N?: number;
  readonly scheme?: string;
  readonly cipher?: string;
  readonly derivation?: string;
  /** Replaces PBKDF2's function and makes PBKDF2 the derivation. */
  readonly prf?: string;
  readonly padded?: boolean;
}

/** Returns an encrypted key file with these parts, otherwise as the libraries write it. */
function file({ plaintext = pkcs8, N = 2 ** 10, padded = true, ...parts }: Parts): Buffer {
  const isPbkdf2 = parts.prf !== undefined;
  const key = isPbkdf2
    ? pbkdf2Sync(password, salt, 1000, 32, 'sha256')
    : scryptSync(password, salt, 32, { N, r: 8, p: 1, maxmem: 2 ** 29 });
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(padded);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const prf = sequence(oid(parts.prf ?? sha256Oid), der(0x05));
  const cost = isPbkdf2 ? [number(1000), prf] : [number(N), number(8), number(1)];
  const derivation = parts.derivation ?? (isPbkdf2 ? pbkdf2Oid : scryptOid);
  const kdf = sequence(oid(derivation), sequence(octets(salt), ...cost));
  const scheme = sequence(kdf, sequence(oid(parts.cipher ?? aes256), octets(iv)));
  return sequence(sequence(oid(parts.scheme ?? '2a864886f70d01050d'), scheme), octets(ciphertext));
}

/** A PKCS#8 key whose public half is that of another key. */
function mixedHalves(): Buffer {
  const point = (key: typeof pair) => key.publicKey.export({ format: 'der', type: 'spki' }).subarray(-97);
  const mixed = Buffer.from(pkcs8);
  point(createKeyPair('ec', 'P-384')).copy(mixed, mixed.indexOf(point(pair)));
  return mixed;
}

function changedInside(): Buffer {
  const changed = Buffer.from(pkcs8);
  // The tag of the scalar.
  changed[changed.indexOf(Buffer.from('0430', 'hex'))] = 5;
  return changed;
}

const opens = 'opens';
const causes: [cause: string, bytes: () => Uint8Array, given: string, signatures: string, miniCa: string][] = [
  ['nothing', () => file({}), password, opens, opens],
  ['another password', () => file({}), 'wrong', 'wrong-password', 'wrong-password'],
  ['scrypt with 32 MiB, which OpenSSL refuses', () => file({ N: 2 ** 15 }), password, opens, opens],
  ['PBKDF2', () => file({ prf: sha256Oid }), password, opens, opens],
  ['scrypt with 256 MiB', () => file({ N: 2 ** 18 }), password, 'invalid-private-key', 'unsupported-algorithm'],
  ['an unknown scheme', () => file({ scheme: '2a0304' }), password, 'unsupported-key', 'unsupported-algorithm'],
  ['an unknown derivation', () => file({ derivation: '2a0304' }), password, 'unsupported-key', 'unsupported-algorithm'],
  ['an unknown cipher', () => file({ cipher: '2a0304' }), password, 'unsupported-key', 'unsupported-algorithm'],
  [
    'an unknown function of PBKDF2',
    () => file({ prf: '2a0304' }),
    password,
    'unsupported-key',
    'unsupported-algorithm',
  ],
  [
    'a byte after the file',
    () => Buffer.concat([file({}), Buffer.alloc(1)]),
    password,
    'invalid-private-key',
    'trailing-bytes',
  ],
  ['a file that is cut', () => file({}).subarray(0, -16), password, 'invalid-private-key', 'malformed'],
  [
    'a byte after the key inside',
    () => file({ plaintext: Buffer.concat([pkcs8, Buffer.alloc(1)]) }),
    password,
    'invalid-private-key',
    'trailing-bytes',
  ],
  [
    'a key that is cut inside',
    () => file({ plaintext: pkcs8.subarray(0, -9) }),
    password,
    'invalid-private-key',
    'malformed',
  ],
  [
    'no padding',
    () => file({ plaintext: Buffer.concat([pkcs8, Buffer.alloc(16 - (pkcs8.length % 16))]), padded: false }),
    password,
    'invalid-private-key',
    'malformed',
  ],
  ['a change inside', () => file({ plaintext: changedInside() }), password, 'invalid-private-key', 'malformed'],
  ['halves of two keys', () => file({ plaintext: mixedHalves() }), password, 'invalid-private-key', 'key-mismatch'],
];

test.each(causes)('%s', (_cause, bytes, given, signatures, miniCa) => {
  const text = pem(bytes());
  const outcome = (read: () => unknown) => {
    try {
      read();
      return opens;
    } catch {
      return thrownCode(read);
    }
  };
  expect({
    signatures: outcome(() => unlockSigner(text, given)),
    miniCa: outcome(() => privateKeyFromPem(text, given)),
  }).toEqual({ signatures, miniCa });
});

test('Node takes a key whose halves are of two keys, so that the libraries must look', () => {
  const mixed = createPrivateKey({ key: mixedHalves(), format: 'der', type: 'pkcs8' });
  expect(createPublicKey(mixed).equals(pair.publicKey)).toBe(false);
});
