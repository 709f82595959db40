import { X509Certificate } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  Extensions,
  GeneralName,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  type TBSCertificate,
  Time,
} from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import { certificateFingerprint, createCA, createRequest, issueCertificate, readCertificate } from '../../src/index.ts';
import { parseCertificate } from '../../src/x509/certificate.ts';
import { derOf, extension, forgeCertificate, outcomeOf, pem } from '../support/forge.ts';

const now = new Date('2030-06-01T12:00:00Z');
const ca = createCA({ size: 'P-256', now });
const { request } = createRequest('chat.example');
const names = { commonName: 'chat', dns: ['chat.example'] };
const leaf = issueCertificate({ request, ca, profile: 'server', names, lifetimeMs: 3_600_000, now });

function forge(change: (tbs: TBSCertificate) => void): string {
  return forgeCertificate(leaf, ca.privateKey, change);
}

test('readCertificate agrees with node:crypto', () => {
  const [ours, theirs] = [readCertificate(leaf), new X509Certificate(leaf)];
  expect(ours.fingerprint).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(ours.serial).toBe(theirs.serialNumber.toLowerCase());
  expect(ours.notAfter).toEqual(new Date(theirs.validTo));
  expect(ours.publicKey.equals(theirs.publicKey)).toBe(true);
  expect(theirs.subjectAltName).toBe('DNS:chat.example');
  expect(theirs.checkHost('chat.example')).toBe('chat.example');
});

test('readCertificate takes PEM and DER', () => {
  const read = readCertificate(leaf);
  expect(readCertificate(derOf(leaf))).toEqual(read);
  expect(read.pem).toBe(leaf);
  expect(readCertificate(leaf.replaceAll('\n', '\r\n'))).toEqual(read);
  expect(certificateFingerprint(leaf)).toBe(certificateFingerprint(read.der));
  expect(certificateFingerprint(leaf)).toBe(read.fingerprint);
});

describe('readCertificate', () => {
  const subject = (tbs: TBSCertificate, value: AttributeValue) =>
    tbs.subject.push(new RelativeDistinguishedName([new AttributeTypeAndValue({ type: '2.5.4.3', value })]));
  const unsorted = (tbs: TBSCertificate) => {
    const unit = (utf8String: string) =>
      new AttributeTypeAndValue({ type: '2.5.4.11', value: new AttributeValue({ utf8String }) });
    tbs.subject.push(new RelativeDistinguishedName([unit('b'), unit('a')]));
  };
  const add = (id: string, critical: boolean, value: object | Uint8Array) => (tbs: TBSCertificate) => {
    tbs.extensions = new Extensions([extension(id, critical, value)]);
  };

  test.each<[string, string, string | Uint8Array]>([
    ['trailing bytes', 'trailing-bytes', Buffer.concat([derOf(leaf), Buffer.of(0)])],
    ['two blocks', 'malformed', leaf + leaf],
    ['another label', 'malformed', leaf.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
    ['too large as DER', 'too-large', Buffer.alloc(48_001)],
    ['too large as PEM', 'too-large', 'x'.repeat(65_537)],
    ['empty', 'malformed', ''],
    ['an unsorted set in a name', 'not-canonical', forge(unsorted)],
    [
      'a version written out that is the default',
      'malformed',
      forge((tbs) => {
        tbs.version = 0;
      }),
    ],
    [
      'one extension twice',
      'duplicate-extension',
      forge((tbs) => void tbs.extensions?.push(...tbs.extensions.slice(0, 1))),
    ],
    [
      'trailing bytes in an extension',
      'trailing-bytes',
      forge(add(id_ce_basicConstraints, true, Buffer.from('300000', 'hex'))),
    ],
    [
      'two signature algorithms',
      'malformed',
      (() => {
        const structure = AsnConvert.parse(derOf(leaf), Certificate);
        structure.signatureAlgorithm = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.4' });
        return pem('CERTIFICATE', new Uint8Array(AsnConvert.serialize(structure)));
      })(),
    ],
  ])('refuses %s with %s', (_, code, certificate) => {
    expect(thrownCode(() => readCertificate(certificate))).toBe(code);
  });

  // A request with the same form is refused with the code in the row.
  test.each<[string, string, string]>([
    ['two common names', 'malformed', forge((tbs) => void subject(tbs, new AttributeValue({ utf8String: 'other' })))],
    [
      'serial 0',
      'malformed',
      forge((tbs) => {
        tbs.serialNumber = new Uint8Array([0]).buffer;
      }),
    ],
    [
      'negative serial',
      'malformed',
      forge((tbs) => {
        tbs.serialNumber = new Uint8Array([0x80]).buffer;
      }),
    ],
    [
      'long serial',
      'malformed',
      forge((tbs) => {
        tbs.serialNumber = new Uint8Array(21).fill(1).buffer;
      }),
    ],
    [
      'GeneralizedTime before 2050',
      'not-canonical',
      forge((tbs) => {
        tbs.validity.notAfter = new Time({ generalTime: now });
      }),
    ],
    ['path length of a leaf', 'malformed', forge(add(id_ce_basicConstraints, true, Buffer.from('3003020100', 'hex')))],
    [
      'a default written out',
      'not-canonical',
      forge(add(id_ce_basicConstraints, true, Buffer.from('3003010100', 'hex'))),
    ],
    [
      'key usage with trailing zeros',
      'not-canonical',
      forge(add(id_ce_keyUsage, true, Buffer.from('03020080', 'hex'))),
    ],
    ['empty key usage', 'malformed', forge(add(id_ce_keyUsage, true, Buffer.from('030100', 'hex')))],
    ['no alternative name', 'malformed', forge(add(id_ce_subjectAltName, false, new SubjectAlternativeName()))],
    [
      'address of five bytes',
      'malformed',
      forge(add(id_ce_subjectAltName, false, Buffer.from('300787050102030405', 'hex'))),
    ],
  ])('reads %s, which is a deviation with the code %s', (_, code, certificate) => {
    expect(outcomeOf(() => readCertificate(certificate))).toBe('accepted');
    const { deviations, info } = parseCertificate(certificate);
    const isName = info.unusableNames.length > 0;
    expect(isName ? ['malformed'] : deviations.map((each) => each.code)).toEqual([code]);
  });

  test('accepts a certificate that the forge has not changed', () => {
    expect(outcomeOf(() => readCertificate(forge(() => {})))).toBe('accepted');
    expect(outcomeOf(() => readCertificate(forge(add(id_ce_basicConstraints, true, new BasicConstraints()))))).toBe(
      'accepted',
    );
  });

  test('omits names of other kinds and names that are not valid', () => {
    const san = (name: Partial<GeneralName>) =>
      forge(add(id_ce_subjectAltName, false, new SubjectAlternativeName([new GeneralName(name)])));
    expect(readCertificate(san({ registeredID: '1.2.3' })).names).toEqual({});
    for (const name of [{ dNSName: 'chat.example\0.evil' }, { iPAddress: '192.0.2.0/24' }]) {
      const read = readCertificate(san(name));
      expect(read.names).toEqual({});
      expect(read.unusableNames).toHaveLength(1);
    }
  });

  test('reads a compressed point as a deviation', () => {
    const compressed = forge((tbs) => {
      const point = new Uint8Array(tbs.subjectPublicKeyInfo.subjectPublicKey);
      const parity = (point[64] ?? 0) & 1;
      tbs.subjectPublicKeyInfo.subjectPublicKey = Uint8Array.of(2 + parity, ...point.subarray(1, 33)).buffer;
    });
    expect(new X509Certificate(compressed).publicKey.equals(readCertificate(leaf).publicKey)).toBe(true);
    expect(parseCertificate(compressed).deviations.map(({ code }) => code)).toEqual(['not-canonical']);
    expect(readCertificate(compressed).publicKey.equals(readCertificate(leaf).publicKey)).toBe(true);
  });

  test('refuses a point that is not on the curve', () => {
    const off = forge((tbs) => {
      new Uint8Array(tbs.subjectPublicKeyInfo.subjectPublicKey).fill(7, 1);
    });
    expect(thrownCode(() => readCertificate(off))).toBe('malformed');
  });
});
