import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  SubjectPublicKeyInfo,
  type TBSCertificate,
} from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import {
  createCA,
  createCertificate,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  readCertificate,
  verifyCertificate,
} from '../../src/index.ts';
import {
  ca,
  forgedAnchor,
  forgedLeaf,
  hourMs,
  leaf,
  now,
  request,
  subjectKeyIdOf,
  swap,
  verify,
} from '../support/chain.ts';
import { derOf, extension, forgeCertificate, pem } from '../support/forge.ts';

describe('verifyCertificate', () => {
  test('returns the path', () => {
    const { certificate, path } = verifyCertificate(leaf, {
      anchors: [ca.certificate],
      at: now,
      purpose: 'serverAuth',
    });
    expect(certificate).toEqual(readCertificate(leaf));
    expect(path.map(({ pem: text }) => text)).toEqual([leaf, ca.certificate]);
  });

  test('accepts a certificate that the forge has not changed', () => {
    expect(verify(forgedLeaf(() => {}))).toBe('accepted');
    expect(
      verify(
        leaf,
        forgedAnchor(() => {}),
      ),
    ).toBe('accepted');
  });

  test.each(['rsa', 'ed25519', 'ec'] as const)('accepts a path with only %s keys', (keyType) => {
    const root = createCA({ keyType, now });
    const own = createCertRequest(createKeyPair(keyType), {});
    const made = issueCertificate({
      request: own,
      ca: root,
      profile: 'client',
      names: { commonName: 'a' },
      lifetimeMs: hourMs,
      now,
    });
    expect(verify(made, { anchors: [root.certificate], purpose: 'clientAuth' })).toBe('accepted');
    expect(verify(made, { anchors: [root.certificate] })).toBe('wrong-purpose');
  });

  test('includes both ends of the validity, to the second', () => {
    const { notBefore, notAfter } = readCertificate(leaf);
    const at = (date: Date, ms: number) => verify(leaf, { at: new Date(date.getTime() + ms) });
    expect([at(notBefore, -1), at(notBefore, 0)]).toEqual(['not-yet-valid', 'accepted']);
    expect([at(notAfter, 0), at(notAfter, 999), at(notAfter, 1000)]).toEqual(['accepted', 'accepted', 'expired']);
    expect(verify(leaf, { at: new Date(Number.NaN) })).toBe('bad-argument');
  });

  test('accepts several anchors: a renewed CA of the same name', () => {
    const namesake = createCA({ commonName: 'Test CA', now });
    const other = createCA({ commonName: 'Other CA', now });
    expect(verify(leaf, { anchors: [other.certificate, namesake.certificate, ca.certificate] })).toBe('accepted');
    expect(verify(leaf, { anchors: [other.certificate, namesake.certificate] })).toBe('key-identifier-mismatch');
    expect(verify(leaf, { anchors: [other.certificate] })).toBe('unknown-issuer');
    expect(verify(leaf, { anchors: [] })).toBe('unknown-issuer');
  });

  test('refuses an anchor that has expired or is not valid yet', () => {
    expect(
      verify(
        leaf,
        forgedAnchor((tbs) => {
          tbs.validity.notAfter.utcTime = new Date('2030-01-01');
        }),
      ),
    ).toBe('expired');
    expect(
      verify(
        leaf,
        forgedAnchor((tbs) => {
          tbs.validity.notBefore.utcTime = new Date('2030-07-01');
        }),
      ),
    ).toBe('not-yet-valid');
  });

  const unknown = extension('1.2.3.4', true, Buffer.of(5, 0));
  const otherKey = new KeyIdentifier(new Uint8Array(20));
  const anchor = AsnConvert.parse(derOf(ca.certificate), Certificate).tbsCertificate;
  const anchorKey = new KeyIdentifier(subjectKeyIdOf(ca.certificate));
  const byNumber = (serial: ArrayBuffer, issuer: Name) => {
    const directory = new GeneralName({ directoryName: issuer });
    const value = { keyIdentifier: anchorKey, authorityCertIssuer: [directory], authorityCertSerialNumber: serial };
    return extension(id_ce_authorityKeyIdentifier, false, new AuthorityKeyIdentifier(value));
  };

  test.each<[string, (tbs: TBSCertificate) => void, string]>([
    ['unknown critical extension', swap('1.2.3.4', unknown), 'unknown-critical-extension'],
    ['unknown extension', swap('1.2.3.4', extension('1.2.3.4', false, Buffer.of(5, 0))), 'accepted'],
    [
      'name constraints',
      swap(id_ce_nameConstraints, extension(id_ce_nameConstraints, false, Buffer.of(0x30, 0))),
      'malformed',
    ],
    [
      'CA:TRUE',
      swap(id_ce_basicConstraints, extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true }))),
      'leaf-is-ca',
    ],
    [
      'keyCertSign',
      swap(id_ce_keyUsage, extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign | 1))),
      'leaf-is-ca',
    ],
    [
      'no digitalSignature',
      swap(id_ce_keyUsage, extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyEncipherment))),
      'wrong-purpose',
    ],
    ['no extended key usage', swap(id_ce_extKeyUsage), 'wrong-purpose'],
    [
      'another purpose',
      swap(id_ce_extKeyUsage, extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_clientAuth]))),
      'wrong-purpose',
    ],
    [
      'any purpose',
      swap(id_ce_extKeyUsage, extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage(['2.5.29.37.0']))),
      'wrong-purpose',
    ],
    ['no authority key', swap(id_ce_authorityKeyIdentifier), 'accepted'],
    [
      'another authority key',
      swap(
        id_ce_authorityKeyIdentifier,
        extension(id_ce_authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier: otherKey })),
      ),
      'key-identifier-mismatch',
    ],
    [
      'authority by number too',
      swap(id_ce_authorityKeyIdentifier, byNumber(anchor.serialNumber, anchor.issuer)),
      'accepted',
    ],
    [
      'another number',
      swap(id_ce_authorityKeyIdentifier, byNumber(new Uint8Array([5]).buffer, anchor.issuer)),
      'key-identifier-mismatch',
    ],
    [
      'another issuer by number',
      swap(id_ce_authorityKeyIdentifier, byNumber(anchor.serialNumber, new Name())),
      'key-identifier-mismatch',
    ],
    [
      'another issuer',
      (tbs) => {
        tbs.issuer = tbs.subject;
      },
      'unknown-issuer',
    ],
  ])('decides about a leaf: %s', (_, change, code) => {
    expect(verify(forgedLeaf(change))).toBe(code);
  });

  test.each<[string, (tbs: TBSCertificate) => void, string]>([
    ['unknown critical extension', swap('1.2.3.4', unknown), 'unknown-critical-extension'],
    [
      'name constraints',
      swap(id_ce_nameConstraints, extension(id_ce_nameConstraints, true, Buffer.of(0x30, 0))),
      'malformed',
    ],
    [
      'CA:FALSE',
      swap(id_ce_basicConstraints, extension(id_ce_basicConstraints, true, new BasicConstraints())),
      'not-a-ca',
    ],
    ['no basic constraints', swap(id_ce_basicConstraints), 'not-a-ca'],
    [
      'no keyCertSign',
      swap(id_ce_keyUsage, extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.cRLSign))),
      'not-a-ca',
    ],
    ['no key usage', swap(id_ce_keyUsage), 'accepted'],
    ['no key identifier', swap(id_ce_subjectKeyIdentifier), 'accepted'],
    [
      'only for clients',
      swap(id_ce_extKeyUsage, extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_clientAuth]))),
      'wrong-purpose',
    ],
  ])('decides about an anchor: %s', (_, change, code) => {
    expect(verify(leaf, forgedAnchor(change))).toBe(code);
  });

  test('refuses a leaf that another key has signed in the name of the anchor', () => {
    expect(verify(forgedLeaf(() => {}, createKeyPair('ec').privateKey))).toBe('bad-signature');
  });

  test('refuses a leaf below a leaf, and an anchor as its own leaf', () => {
    const middle = createKeyPair('ec');
    const asCa = { request: createCertRequest(middle, {}), ca, profile: 'server', lifetimeMs: hourMs, now } as const;
    const issued = issueCertificate({ ...asCa, names: { commonName: 'chat', dns: ['chat.example'] } });
    const under = forgeCertificate(leaf, middle.privateKey, (tbs) => {
      tbs.issuer = AsnConvert.parse(derOf(issued), Certificate).tbsCertificate.subject;
    });
    expect(verify(under)).toBe('unknown-issuer');
    expect(verify(under, { anchors: [ca.certificate, issued] })).toBe('key-identifier-mismatch');
    expect(verify(ca.certificate)).toBe('leaf-is-ca');
  });

  test('refuses SHA-1', () => {
    const structure = AsnConvert.parse(derOf(leaf), Certificate);
    const algorithm = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.1' });
    structure.tbsCertificate.signature = algorithm;
    structure.signatureAlgorithm = algorithm;
    const signed = Buffer.from(AsnConvert.serialize(structure.tbsCertificate));
    structure.signatureValue = new Uint8Array(sign('sha1', signed, ca.privateKey)).buffer;
    expect(verify(pem('CERTIFICATE', new Uint8Array(AsnConvert.serialize(structure))))).toBe('weak-digest');
  });

  test('refuses weak keys, and keys that are not for TLS', () => {
    const withKey = (key: KeyObject) => (tbs: TBSCertificate) => {
      tbs.subjectPublicKeyInfo = AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);
    };
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    expect(verify(forgedLeaf(withKey(weak)))).toBe('weak-key');
    expect(verify(leaf, forgedAnchor(withKey(weak)))).toBe('weak-key');

    const root = createCA({ keyType: 'dsa', now });
    const made = createCertificate(
      request,
      root.certificate,
      root.privateKey,
      1n,
      now,
      new Date(now.getTime() + hourMs),
    );
    expect(verify(made, { anchors: [root.certificate] })).toBe('unsupported-algorithm');
  });

  test('refuses a certificate with any flipped bit', () => {
    const der = derOf(leaf);
    const codes = new Set<string>();
    // A third of the bits, two or three of each byte.
    for (let bit = 0; bit < der.length * 8; bit += 3) {
      const flipped = Buffer.from(der);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(verify(flipped));
    }
    expect(codes).not.toContain('accepted');
    for (const code of ['malformed', 'bad-signature', 'unknown-issuer', 'key-identifier-mismatch'])
      expect(codes).toContain(code);
  });
});
