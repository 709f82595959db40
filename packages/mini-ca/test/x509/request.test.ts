import { generateKeyPairSync, sign } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { CertificationRequest } from '@peculiar/asn1-csr';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  BasicConstraints,
  id_ce_basicConstraints,
  id_ce_subjectAltName,
} from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import {
  checkRequest,
  createCertRequest,
  createKeyPair,
  createRequest,
  type Digest,
  type Names,
} from '../../src/index.ts';
import { derOf, extension, forgeRequest, outcomeOf, pem } from '../support/forge.ts';

const ec = createKeyPair('ec');
const full: Names = {
  commonName: 'Ålice 李',
  organization: 'Example',
  dns: ['chat.example', '*.chat.example', 'localhost'],
  ip: ['192.0.2.1', '2001:db8::1'],
  uri: ['chat://chat.example/alice'],
  email: ['alice@chat.example'],
};
const asRequest = (der: Uint8Array) => pem('CERTIFICATE REQUEST', der);

describe('a request', () => {
  test.each([
    ['ec', 'P-256', 'sha256'],
    ['ec', 'P-384', 'sha384'],
    ['ec', 'P-521', 'sha512'],
    ['rsa', 2048, 'sha256'],
    ['rsa', 2048, 'sha512'],
    ['dsa', 2048, 'sha256'],
    ['ed25519', undefined, 'sha256'],
  ] as const)('is read as it was created, for %s %s %s', (type, size, digest: Digest) => {
    const keys = createKeyPair(type, size);
    const checked = checkRequest(createCertRequest(keys, full, digest));
    expect(checked.publicKey.equals(keys.publicKey)).toBe(true);
    expect(checked).toMatchObject({ keyType: type, names: full, extensions: [id_ce_subjectAltName] });
  });

  test('can have no names', () => {
    expect(checkRequest(createCertRequest(ec, {}))).toMatchObject({ names: {}, extensions: [] });
  });

  test('has addresses in canonical form', () => {
    const ip = ['2001:0DB8:0:0:0:0:0:1', '::ffff:192.0.2.1', '::'];
    const { names } = checkRequest(createCertRequest(ec, { ip }));
    expect(names.ip).toEqual(['2001:db8::1', '::ffff:c000:201', '::']);
  });
});

test.each([
  ['chat.example', { commonName: 'chat.example', dns: ['chat.example'] }],
  ['::1', { commonName: '::1', ip: ['::1'] }],
  ['Alice Liddell', { commonName: 'Alice Liddell' }],
])('createRequest(%j) asks for the right kinds of name', (origin, names) => {
  const { request, privateKey } = createRequest(origin);
  expect(checkRequest(request).names).toEqual(names);
  expect(privateKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
});

test.each<[string, unknown]>([
  ['empty common name', { commonName: '' }],
  ['common name of 65 characters', { commonName: 'x'.repeat(65) }],
  ['NUL in a common name', { commonName: 'chat.example\0.evil.example' }],
  ['bidi override', { commonName: 'alice\u202egnp' }],
  ['half a surrogate pair', { commonName: '\ud800' }],
  ['space in a host name', { dns: ['chat example'] }],
  ['NUL in a host name', { dns: ['chat.example\0.evil.example'] }],
  ['inner wildcard', { dns: ['chat.*.example'] }],
  ['bare wildcard', { dns: ['*'] }],
  ['address as a host name', { dns: ['192.0.2.1'] }],
  ['trailing dot', { dns: ['chat.example.'] }],
  ['label of 64 characters', { dns: [`${'a'.repeat(64)}.example`] }],
  ['non-ASCII host name', { dns: ['ålice.example'] }],
  ['a string for a list', { dns: 'abc' }],
  ['address with a zone', { ip: ['fe80::1%eth0'] }],
  ['half an address', { ip: ['192.0.2'] }],
  ['address with a mask', { ip: ['192.0.2.0/24'] }],
  ['relative URI', { uri: ['/alice'] }],
  ['URI with a line break', { uri: ['chat://x\ny'] }],
  ['no mail address', { email: ['alice'] }],
  ['too many names', { dns: Array.from({ length: 101 }, (_, i) => `h${i}.example`) }],
])('createCertRequest refuses the name %s', (_, names) => {
  expect(thrownCode(() => createCertRequest(ec, names as Names))).toBe('bad-name');
});

test('createCertRequest refuses keys that are not a pair', () => {
  const keys = { privateKey: ec.privateKey, publicKey: createKeyPair('ec').publicKey };
  expect(thrownCode(() => createCertRequest(keys, full))).toBe('key-mismatch');
});

describe('checkRequest', () => {
  const good = createCertRequest(ec, full);

  test('refuses a request that another key has signed', () => {
    const other = createKeyPair('ec').privateKey;
    expect(outcomeOf(() => checkRequest(forgeRequest(ec, full, [], ec.privateKey)))).toBe('accepted');
    expect(thrownCode(() => checkRequest(forgeRequest(ec, full, [], other)))).toBe('no-possession');
  });

  test.each([
    ['trailing bytes', 'trailing-bytes', asRequest(Buffer.concat([derOf(good), Buffer.of(0)]))],
    ['a second block', 'malformed', good + good],
    ['another label', 'malformed', good.replaceAll('CERTIFICATE REQUEST', 'X509 CERTIFICATE REQUEST')],
    ['a certificate’s label', 'malformed', good.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
    ['junk in the base64', 'malformed', good.replace('\nM', '\n!M')],
    ['not base64', 'malformed', pem('CERTIFICATE REQUEST', Buffer.alloc(0))],
    ['over the size', 'too-large', asRequest(Buffer.alloc(60_000))],
    ['not a request', 'malformed', asRequest(ec.publicKey.export({ type: 'spki', format: 'der' }))],
    [
      'names of a bad form',
      'malformed',
      forgeRequest(ec, {}, [extension(id_ce_subjectAltName, false, Buffer.of(0x30, 0))]),
    ],
    [
      'one extension twice',
      'duplicate-extension',
      forgeRequest(ec, {}, [
        extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false })),
        extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true })),
      ]),
    ],
    [
      'a default written out',
      'not-canonical',
      forgeRequest(ec, {}, [extension(id_ce_basicConstraints, true, Buffer.of(0x30, 3, 1, 1, 0))]),
    ],
  ])('refuses %s with %s', (_, code, request) => {
    expect(thrownCode(() => checkRequest(request))).toBe(code);
  });

  function resigned(
    keys: { privateKey: ReturnType<typeof createKeyPair>['privateKey'] },
    request: string,
    digest: string,
    oid: string,
  ) {
    const structure = AsnConvert.parse(derOf(request), CertificationRequest);
    const signed = Buffer.from(AsnConvert.serialize(structure.certificationRequestInfo));
    structure.signatureAlgorithm = new AlgorithmIdentifier({ algorithm: oid });
    structure.signature = new Uint8Array(sign(digest, signed, keys.privateKey)).buffer;
    return asRequest(new Uint8Array(AsnConvert.serialize(structure)));
  }

  test.each([
    ['text around the block', (pem: string) => `Bag Attributes\n${pem}the end`],
    ['carriage returns alone', (pem: string) => pem.replaceAll('\n', '\r')],
    ['white space at line ends', (pem: string) => pem.replaceAll('\n', ' \t\n')],
  ])('reads PEM with %s (RFC 7468)', (_, change) => {
    const request = createCertRequest(ec, { commonName: 'alice' });
    expect(checkRequest(change(request)).names).toEqual({ commonName: 'alice' });
  });

  test('refuses SHA-1, unknown algorithms, and algorithms of another type of key', () => {
    expect(thrownCode(() => checkRequest(resigned(ec, good, 'sha1', '1.2.840.10045.4.1')))).toBe('weak-digest');
    expect(thrownCode(() => checkRequest(resigned(ec, good, 'sha256', '1.2.3.4')))).toBe('unsupported-algorithm');
    expect(thrownCode(() => checkRequest(resigned(ec, good, 'sha256', '2.16.840.1.101.3.4.3.2')))).toBe(
      'no-possession',
    );
    // RSA without parameters is a form of RSA (RFC 4055 section 5), but this key is not of RSA.
    expect(thrownCode(() => checkRequest(resigned(ec, good, 'sha256', '1.2.840.113549.1.1.11')))).toBe('no-possession');
  });

  test('refuses weak and unsupported keys', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(thrownCode(() => checkRequest(forgeRequest(weak, {}, [])))).toBe('weak-key');
    const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    expect(thrownCode(() => checkRequest(forgeRequest(other, {}, [])))).toBe('unsupported-algorithm');
  });

  test('refuses a request with any flipped bit', () => {
    const der = derOf(createCertRequest(ec, { commonName: 'alice', dns: ['a.example'] }));
    const codes = new Set<string>();
    for (let bit = 0; bit < der.length * 8; bit++) {
      const flipped = Buffer.from(der);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(outcomeOf(() => checkRequest(asRequest(flipped))));
    }
    expect(codes).not.toContain('accepted');
    expect(codes).toContain('no-possession');
  });
});

test('cuts long names in messages', () => {
  const commonName = '\u0001'.repeat(10_000);
  expect(thrownCode(() => createCertRequest(ec, { commonName }))).toBe('bad-name');
  expect(() => createCertRequest(ec, { commonName })).toThrow(/^.{1,600}$/);
  expect(thrownCode(() => createCertRequest(ec, { commonName: 1n as unknown as string }))).toBe('bad-name');
});
