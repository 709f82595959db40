import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { optional, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { integer, octetString, sequence } from '../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../src/der/object-identifier.ts';
import { createCertRequest, createKeyPair, type KeyType, privateKeyFromPem, privateKeyToPem } from '../../src/index.ts';
import { signingWith } from '../../src/x509/signature-algorithm.ts';
import { outcomeOf, pem } from '../support/forge.ts';
import { openssl } from '../support/peer.ts';

const ec = createKeyPair('ec');

describe('createKeyPair', () => {
  test.each([
    ['ec', undefined, { namedCurve: 'prime256v1' }],
    ['ec', 'P-384', { namedCurve: 'secp384r1' }],
    ['ec', 'P-521', { namedCurve: 'secp521r1' }],
    ['rsa', undefined, { modulusLength: 3072, publicExponent: 65537n }],
    ['rsa', 2048, { modulusLength: 2048 }],
    ['dsa', undefined, { modulusLength: 2048, divisorLength: 256 }],
    ['ed25519', undefined, {}],
  ] as const)('creates a key of type %s %s', (type, size, details) => {
    const { privateKey, publicKey } = createKeyPair(type, size);
    expect(publicKey.asymmetricKeyType).toBe(type);
    expect(publicKey.asymmetricKeyDetails).toMatchObject(details);
    expect(createPublicKey(privateKey).equals(publicKey)).toBe(true);
  });

  test.each([
    ['rsa', 1024],
    ['rsa', 2049],
    ['rsa', 16384],
    ['rsa', 'P-256'],
    ['dsa', 1024],
    ['ec', 256],
    ['ec', 'P-192'],
    ['ec', 'toString'],
    ['ed25519', 256],
    ['x25519', undefined],
    ['constructor', undefined],
  ])('refuses %s %s', (type, size) => {
    expect(thrownCode(() => createKeyPair(type as KeyType, size as number | undefined))).toBe('bad-argument');
  });
});

/** Returns the key as `node:crypto` reads it; null if it refuses it. */
function keyIn(der: Buffer): KeyObject | null {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}

describe('private keys as PEM', () => {
  test('a key with one altered byte is read or refused with a code', () => {
    const der = ec.privateKey.export({ type: 'pkcs8', format: 'der' });
    const codes = new Set<string>();
    for (const place of der.keys()) {
      for (const value of [0x00, 0x66, 0xff]) {
        const altered = Buffer.from(der).fill(value, place, place + 1);
        codes.add(outcomeOf(() => privateKeyFromPem(pem('PRIVATE KEY', altered))));
        const key = keyIn(altered);
        if (key !== null) codes.add(outcomeOf(() => signingWith(key).sign(altered)));
      }
    }
    expect(codes).toContain('malformed');
  });

  test.each(['ec', 'ed25519'] as const)('keep an %s key with and without a password', (type) => {
    const { privateKey } = createKeyPair(type);
    expect(privateKeyFromPem(privateKeyToPem(privateKey)).equals(privateKey)).toBe(true);
    expect(privateKeyFromPem(privateKeyToPem(privateKey, 'correct'), 'correct').equals(privateKey)).toBe(true);
  });

  test('require the right password, and none for a key that is not encrypted', () => {
    const [clear, locked] = [privateKeyToPem(ec.privateKey), privateKeyToPem(ec.privateKey, 'correct')];
    expect(thrownCode(() => privateKeyFromPem(locked, 'wrong'))).toBe('wrong-password');
    expect(thrownCode(() => privateKeyFromPem(locked))).toBe('wrong-password');
    expect(thrownCode(() => privateKeyFromPem(clear, 'correct'))).toBe('bad-argument');
    expect(thrownCode(() => privateKeyToPem(ec.privateKey, ''))).toBe('bad-argument');
  });

  test('read a key derivation that needs more memory than OpenSSL takes, and name another scheme', () => {
    const cost = [2 ** 15, 8, 1].map((number) => integer(BigInt(number)));
    const kdf = sequence(
      encodeObjectIdentifier('1.3.6.1.4.1.11591.4.11'),
      sequence(octetString(Buffer.alloc(16)), ...cost),
    );
    const cipher = sequence(encodeObjectIdentifier('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16)));
    const scheme = (oid: string) => sequence(encodeObjectIdentifier(oid), sequence(kdf, cipher));
    const codes = ['1.2.840.113549.1.5.13', '1.2.3.4'].map((oid) => {
      const file = pem('ENCRYPTED PRIVATE KEY', sequence(scheme(oid), octetString(Buffer.alloc(192))));
      return thrownCode(() => privateKeyFromPem(file, 'secret'));
    });
    expect(codes).toEqual(['wrong-password', 'unsupported-algorithm']);
  });

  test('refuse other forms, and weak or unsupported keys', () => {
    const sec1 = ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    expect(thrownCode(() => privateKeyFromPem(sec1))).toBe('unsupported-algorithm');
    expect(thrownCode(() => privateKeyFromPem(pem('PRIVATE KEY', Buffer.from('nonsense'))))).toBe('malformed');
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    expect(thrownCode(() => privateKeyToPem(weak))).toBe('weak-key');
    const smallExponent = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    expect(thrownCode(() => createCertRequest(smallExponent, {}))).toBe('weak-key');
    const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    expect(thrownCode(() => createCertRequest(other, {}))).toBe('unsupported-algorithm');
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    expect(thrownCode(() => createCertRequest(pss, {}))).toBe('unsupported-algorithm');
  });
});

optional('openssl', ['openssl', 'version'])('openssl', () => {
  test.each(['ec', 'rsa', 'ed25519'] as const)(
    'opens an encrypted %s key',
    openssl.test((type) => {
      const { privateKey, publicKey } = createKeyPair(type);
      const args = ['pkey', '-passin', 'pass:correct', '-pubout'];
      const opened = openssl.ask(args, { input: privateKeyToPem(privateKey, 'correct') });
      expect(createPublicKey(opened.stdout).equals(publicKey)).toBe(true);
    }),
  );

  test(
    'encrypts a key that we open',
    openssl.test(() => {
      const args = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:correct'];
      const locked = openssl.ask(args, { input: privateKeyToPem(ec.privateKey) });
      expect(privateKeyFromPem(locked.stdout, 'correct').equals(ec.privateKey)).toBe(true);
    }),
  );
});
