/** Keys under a password: unlocking them, the errors, and damaged or hostile files. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { onlyInFullRun, thrownCode } from '@chat/testkit';
import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { element, number, objectIdentifier, octetString, sequence, tag } from '../../src/encoding/der.ts';
import { decodePem, encodePem } from '../../src/encoding/pem.ts';
import { ecPublicKeyOid, encodePkcs8 } from '../../src/encoding/pkcs8.ts';
import { aes128CbcOid, aes192CbcOid, aes256CbcOid, pbes2Oid } from '../../src/keys/encrypted-key.ts';
import { hmacWithSha256Oid, type KeyDerivation, pbkdf2Oid, scryptOid } from '../../src/keys/key-derivation.ts';
import { newPair, p384 } from '../support/curves.ts';
import { engines, native, pairings, portable } from '../support/engine.ts';
import { bitFlips, bytes, cheap, iv, truncations } from '../support/inputs.ts';

const password = 'päss wörd';
const pair = newPair(p384);
const made = { native: native.createSerializedKeys(password), portable: portable.createSerializedKeys(password) };
const cheapPem = native.lockKeyPairWith(pair, password, { derivation: cheap, iv });
const label = 'ENCRYPTED PRIVATE KEY';
const documented = ['wrong-password', 'invalid-private-key', 'unsupported-key'];

/** Returns a PEM of the file format. Each of its parts can be replaced. */
function file({
  scheme = pbes2Oid as string,
  kdf = sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters()),
  cipher = sequence(objectIdentifier(aes256CbcOid), octetString(iv)),
  ciphertext = new Uint8Array(192),
}: Partial<Record<'kdf' | 'cipher' | 'ciphertext', Uint8Array>> & { scheme?: string } = {}): string {
  const algorithm = sequence(objectIdentifier(scheme), sequence(kdf, cipher));
  return encodePem(label, sequence(algorithm, octetString(ciphertext)));
}

function pbkdf2Parameters(iterations = number(1), ...more: Uint8Array[]): Uint8Array {
  return sequence(octetString(cheap.salt), iterations, ...more);
}

function scryptKdf(N: Uint8Array, r: number, p: number, ...more: Uint8Array[]): Uint8Array {
  return sequence(objectIdentifier(scryptOid), sequence(octetString(cheap.salt), N, number(r), number(p), ...more));
}

/** Encrypts bytes that are not a P-384 key soundly under the password. */
function lockBytes(plaintext: Uint8Array): string {
  const key = native.backend.pbkdf2(bytes(password), { hash: 'sha1', salt: cheap.salt, iterations: 1, length: 32 });
  return file({ ciphertext: native.backend.encryptCbc(key, iv, plaintext) });
}

test('the two engines under test differ', () => {
  expect(native.backend.publicPoint.toString()).toContain('createECDH');
  expect(portable.backend.publicPoint.toString()).not.toContain('createECDH');
});

describe.each(pairings)('%s', (_name, maker, checker) => {
  test('a key made by one opens in the other', () => {
    const { privatePem, publicPem } = maker === native ? made.native : made.portable;
    expect(checker.unlockSigner(privatePem, password).fingerprint).toBe(checker.fingerprint(publicPem));
  });

  test('a wrong password is reported as such', () => {
    const pem = maker.lockKeyPairWith(pair, password, { derivation: cheap, iv });
    expect(thrownCode(() => checker.unlockSigner(pem, 'pass word'))).toBe('wrong-password');
  });

  test.each<[string, KeyDerivation]>([
    ['PBKDF2 with SHA-256', cheap],
    ['PBKDF2 with SHA-1', { name: 'pbkdf2', hash: 'sha1', iterations: 1, salt: cheap.salt }],
    ['PBKDF2 with SHA-384', { name: 'pbkdf2', hash: 'sha384', iterations: 2, salt: new Uint8Array(16) }],
    ['PBKDF2 with SHA-512', { name: 'pbkdf2', hash: 'sha512', iterations: 3, salt: new Uint8Array(0) }],
    ['scrypt at its minimum', { name: 'scrypt', N: 2, r: 1, p: 1, salt: cheap.salt }],
    ['scrypt with r and p', { name: 'scrypt', N: 64, r: 8, p: 64, salt: cheap.salt }],
  ])('both write the same file with %s, and open it', (_name, derivation) => {
    const pem = maker.lockKeyPairWith(pair, password, { derivation: derivation, iv });
    expect(checker.lockKeyPairWith(pair, password, { derivation: derivation, iv })).toBe(pem);
    expect(checker.unlockKeyPair(pem, password, p384.parameters)).toEqual(pair);
  });
});

describe.each(engines)('%s', (_name, engine) => {
  test('refuses to store a key without a password', () => {
    expect(thrownCode(() => engine.createSerializedKeys(''))).toBe('empty-password');
    expect(thrownCode(() => engine.changePassword(cheapPem, password, ''))).toBe('empty-password');
    expect(thrownCode(() => engine.encryptPrivateKey(encodePem('PRIVATE KEY', encodePkcs8(pair)), ''))).toBe(
      'empty-password',
    );
    expect(thrownCode(() => engine.unlockSigner(cheapPem, ''))).toBe('wrong-password');
    expect(thrownCode(() => engine.createSerializedKeys('half \ud83d'))).toBe('invalid-argument');
    expect(thrownCode(() => engine.createSerializedKeys(undefined as unknown as string))).toBe('invalid-argument');
  });

  test('reports wrong passwords that give valid padding by chance', () => {
    const ciphertext = (decodePem(label, cheapPem) ?? new Uint8Array()).subarray(-192);
    let validPadding = 0;
    for (let attempt = 0; validPadding < 3; attempt++) {
      const guess = engine.backend.pbkdf2(bytes(`guess ${attempt}`), {
        hash: 'sha256',
        salt: cheap.salt,
        iterations: 1,
        length: 32,
      });
      if (engine.backend.decryptCbc(guess, iv, ciphertext) === null) continue;
      validPadding++;
      expect(thrownCode(() => engine.unlockSigner(cheapPem, `guess ${attempt}`))).toBe('wrong-password');
    }
  });

  test('refuses a public half of another key', () => {
    const { point } = newPair(p384);
    const pem = lockBytes(encodePkcs8({ ...pair, point }));
    expect(thrownCode(() => engine.unlockSigner(pem, password))).toBe('invalid-private-key');
  });

  test.each(['00'.repeat(48), 'ff'.repeat(48), '01'.repeat(47), '01'.repeat(49)])(
    'says that the scalar %s is damaged, not that the password is wrong',
    (hex) => {
      const pem = lockBytes(encodePkcs8({ ...pair, scalar: hexToBytes(hex) }));
      expect(thrownCode(() => engine.unlockSigner(pem, password))).toBe('invalid-private-key');
      expect(thrownCode(() => engine.unlockSigner(pem, 'wrong'))).toBe('wrong-password');
    },
  );

  test('says that a key with a byte after it, and one with a damaged end, are damaged', () => {
    const longer = lockBytes(Uint8Array.of(...encodePkcs8(pair), 0));
    expect(thrownCode(() => engine.unlockSigner(longer, password))).toBe('invalid-private-key');
    const der = decodePem(label, cheapPem) ?? iv;
    const damaged = encodePem(label, Uint8Array.of(...der.subarray(0, -1), (der.at(-1) ?? 0) ^ 1));
    expect(thrownCode(() => engine.unlockSigner(damaged, password))).toBe('invalid-private-key');
    expect(thrownCode(() => engine.unlockSigner(damaged, 'wrong'))).toBe('wrong-password');
  });

  test.each([
    ['white space at line ends', (pem: string) => pem.replaceAll('\n', ' \t\n')],
    ['carriage returns alone', (pem: string) => pem.replaceAll('\n', '\r')],
    ['text around the block', (pem: string) => `Bag Attributes\n${pem}the end`],
  ])('reads PEM with %s (RFC 7468)', (_, change) => {
    expect(engine.unlockSigner(change(cheapPem), password).fingerprint).toBe(
      engine.unlockSigner(cheapPem, password).fingerprint,
    );
  });

  test.each(['EC', 'RSA', 'OPENSSH'])('says that a key of the form "%s PRIVATE KEY" is in another form', (form) => {
    const pem = `-----BEGIN ${form} PRIVATE KEY-----\nMAA=\n-----END ${form} PRIVATE KEY-----\n`;
    expect(thrownCode(() => engine.unlockSigner(pem, password))).toBe('unsupported-key');
    expect(thrownCode(() => engine.importPlainPrivateKey(pem))).toBe('unsupported-key');
  });
});

describe('unsupported-key is thrown for', () => {
  const pkcs8Of = ({ privateKey }: { privateKey: KeyObject }): Uint8Array =>
    privateKey.export({ format: 'der', type: 'pkcs8' });
  const withoutPublic = sequence(number(1), octetString(pair.scalar));
  const ec = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(p384.parameters.oid));

  test.each([
    ['P-256', pkcs8Of(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['secp256k1', pkcs8Of(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
    ['explicit P-384', pkcs8Of(generateKeyPairSync('ec', { namedCurve: 'P-384', paramEncoding: 'explicit' }))],
    ['Ed25519', pkcs8Of(generateKeyPairSync('ed25519'))],
    ['RSA', pkcs8Of(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
    ['P-384 without its public key', sequence(number(0), ec, octetString(withoutPublic))],
    ['PKCS #8 version 2', sequence(number(1), ec, octetString(withoutPublic), element(0x81, Uint8Array.of(0)))],
  ])('%s', (_name, pkcs8) => {
    expect(thrownCode(() => native.unlockSigner(lockBytes(pkcs8), password))).toBe('unsupported-key');
  });

  test.each([
    ['PBES1', file({ scheme: '2a864886f70d010503' })],
    ['DES-EDE3-CBC', file({ cipher: sequence(objectIdentifier('2a864886f70d0307'), octetString(iv.subarray(8))) })],
    ['AES-256-GCM', file({ cipher: sequence(objectIdentifier('60864801650304012e'), octetString(iv)) })],
    ['Argon2', file({ kdf: sequence(objectIdentifier('2b06010401da470b'), sequence()) })],
    ['HMAC-MD5', file({ kdf: prf(sequence(objectIdentifier('2b0601050508010a'), element(tag.null))) })],
  ])('%s', (_name, pem) => {
    expect(thrownCode(() => native.unlockSigner(pem, password))).toBe('unsupported-key');
  });

  test.each([aes128CbcOid, aes192CbcOid, aes256CbcOid])('no supported cipher, such as AES-CBC %s', (cipher) => {
    const keyBytes = { [aes128CbcOid]: 16, [aes192CbcOid]: 24 }[cipher] ?? 32;
    const key = native.backend.pbkdf2(bytes(password), {
      hash: 'sha1',
      salt: cheap.salt,
      iterations: 1,
      length: keyBytes,
    });
    const ciphertext = native.backend.encryptCbc(key, iv, encodePkcs8(pair));
    const kdf = sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(number(1), number(keyBytes)));
    const pem = file({ cipher: sequence(objectIdentifier(cipher), octetString(iv)), ciphertext, kdf });
    for (const [, engine] of engines) expect(engine.unlockKeyPair(pem, password, p384.parameters)).toEqual(pair);
  });
});

describe('hostile and damaged files: the reader', () => {
  const huge = element(tag.integer, new Uint8Array(40).fill(0x7f));

  test.each([
    ['2^31 rounds', sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(number(2 ** 31)))],
    ['10^7 + 1 rounds', sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(number(10_000_001)))],
    ['rounds of 40 bytes', sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(huge))],
    ['no rounds', sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(number(0)))],
    [
      'minus one round',
      sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(element(tag.integer, Uint8Array.of(0xff)))),
    ],
    ['256 MiB', scryptKdf(number(2 ** 18), 8, 1)],
    ['2 GiB by r', scryptKdf(number(2 ** 18), 64, 1)],
    ['small memory, long work', scryptKdf(number(2 ** 17), 8, 5)],
    ['N = 2^31', scryptKdf(number(2 ** 31), 1, 1)],
    ['N of 40 bytes', scryptKdf(huge, 8, 1)],
    ['N = 1', scryptKdf(number(1), 8, 1)],
    ['N = 0', scryptKdf(number(0), 8, 1)],
    ['N not a power of two', scryptKdf(number(1000), 8, 1)],
    ['r = 0', scryptKdf(number(1024), 0, 1)],
    ['p = 0', scryptKdf(number(1024), 8, 0)],
    ['r = 65', scryptKdf(number(2), 65, 1)],
    ['p = 65', scryptKdf(number(2), 1, 65)],
    ['a key of another length', scryptKdf(number(2), 1, 1, number(16))],
    ['one parameter too many', scryptKdf(number(2), 1, 1, number(32), number(32))],
    ['a prf whose NULL has content', prf(sequence(objectIdentifier(hmacWithSha256Oid), element(tag.null, iv)))],
  ])('refuses %s', (_name, kdf) => {
    for (const [, engine] of engines) {
      expect(thrownCode(() => engine.unlockSigner(file({ kdf }), password))).toBe('invalid-private-key');
    }
  });

  test.each([
    ['no ciphertext', file({ ciphertext: new Uint8Array() })],
    ['half a block', file({ ciphertext: new Uint8Array(184) })],
    ['an IV of 8 bytes', file({ cipher: sequence(objectIdentifier(aes256CbcOid), octetString(iv.subarray(8))) })],
    ['nothing', ''],
    ['not PEM', 'hello'],
    ['another label', encodePem('PUBLIC KEY', decodePem(label, cheapPem) ?? iv)],
    ['two keys', cheapPem + cheapPem],
    ['headers of the traditional format', cheapPem.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n')],
    ['a megabyte', `-----BEGIN ${label}-----\n${'A'.repeat(2 ** 20)}\n-----END ${label}-----\n`],
    ['bytes after the end', encodePem(label, Uint8Array.of(...(decodePem(label, cheapPem) ?? []), 0))],
    ['undefined', undefined as unknown as string],
  ])('refuses %s', (_name, pem) => {
    expect(thrownCode(() => native.unlockSigner(pem, password))).toBe('invalid-private-key');
  });

  test('accepts Windows line ends and white space around the block', () => {
    const pem = `\n${cheapPem.replaceAll('\n', '\r\n')}  \n`;
    expect(native.unlockKeyPair(pem, password, p384.parameters)).toEqual(pair);
  });

  test('refuses every truncation of the text and of the DER', () => {
    for (const cut of truncations(bytes(cheapPem.trim()))) {
      expect(thrownCode(() => native.unlockSigner(new TextDecoder().decode(cut), password))).toBe(
        'invalid-private-key',
      );
    }
    for (const cut of truncations(decodePem(label, cheapPem) ?? iv)) {
      expect(thrownCode(() => native.unlockSigner(encodePem(label, cut), password))).toBe('invalid-private-key');
    }
  });

  test('throws a documented error for every bit flip of the DER', () => {
    const codes = new Set<string>();
    for (const flipped of bitFlips(decodePem(label, cheapPem) ?? iv)) {
      codes.add(thrownCode(() => native.unlockSigner(encodePem(label, flipped), password)));
    }
    expect([...codes].sort()).toEqual(documented.toSorted());
  });
});

onlyInFullRun('every bit flip of a key file’s text')('hostile and damaged text: the reader', () => {
  test('throws a documented error for every bit flip of the text', () => {
    for (const flipped of bitFlips(bytes(cheapPem.trim()))) {
      expect(documented).toContain(
        thrownCode(() => native.unlockSigner(Buffer.from(flipped).toString('latin1'), password)),
      );
    }
  });
});

test('errors contain neither password nor key', () => {
  const { scalar } = pair;
  for (const pem of [cheapPem, lockBytes(encodePkcs8({ ...pair, scalar: scalar.toReversed() }))]) {
    const shown = thrownBy(() => native.unlockSigner(pem, 'hunter2'));
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain(Buffer.from(scalar).toString('hex'));
  }
});

test('Node reads the written files', () => {
  const { privatePem, publicPem } = made.portable;
  const key = createPrivateKey({ key: privatePem, passphrase: password });
  expect(key.asymmetricKeyDetails).toMatchObject({ namedCurve: 'secp384r1' });
  expect(native.fingerprint(publicPem)).toBe(native.unlockSigner(privatePem, password).fingerprint);
});

function prf(identifier: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(pbkdf2Oid), pbkdf2Parameters(number(1), identifier));
}

function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return `${error.message} ${error.stack} ${JSON.stringify(error)}`;
  }
  throw new Error('the call returned, but was expected to throw');
}
