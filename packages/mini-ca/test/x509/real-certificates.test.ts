/** Certificates in the forms that public CAs and other programs have issued: they are read, and only the odd part is unusable. */
import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { elementAt } from '../../src/der/canonical-der.ts';
import { derTag, derValue, sequence } from '../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../src/der/object-identifier.ts';
import { encodePem } from '../../src/der/pem.ts';
import { createKeyPair, inspect, readCertificate, verifyCertificate } from '../../src/index.ts';
import { signingWith } from '../../src/x509/signature-algorithm.ts';
import { encodeSigned } from '../../src/x509/signed-structure.ts';
import { outcomeOf } from '../support/forge.ts';
import { generalName, keyOf, makeCa, makeLeaf, now, oid, plain } from '../verify/hostile-chains/certificate-builder.ts';
import { leaf, middle, optionsOf, root, three } from '../verify/hostile-chains/row.ts';

const debianStore = '/etc/ssl/certs/ca-certificates.crt';

function outcomes(certificates: readonly string[]): string[] {
  return certificates.map((pem) => outcomeOf(() => readCertificate(pem)));
}

describe('trust stores', () => {
  test('every root of Node can be read, and the store as a whole can be used', () => {
    expect(outcomes(rootCertificates).filter((outcome) => outcome !== 'accepted')).toEqual([]);
    const { leftOut } = verifyCertificate(leaf.pem, {
      ...optionsOf(three({})),
      anchors: [...rootCertificates, root.pem],
    });
    expect(leftOut).toEqual([]);
  });

  test.skipIf(!existsSync(debianStore))(`every root of ${debianStore} can be read (skipped where it is absent)`, () => {
    const blocks = readFileSync(debianStore, 'utf8').match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
    expect(blocks.length).toBeGreaterThan(0);
    expect(outcomes(blocks).filter((outcome) => outcome !== 'accepted')).toEqual([]);
  });
});

describe('names', () => {
  const attribute = (id: string, tag: number, text: Uint8Array) =>
    derValue(derTag.set, sequence(encodeObjectIdentifier(id), derValue(tag, text)));
  const [commonName, organization] = ['2.5.4.3', '2.5.4.10'];

  test.each([
    ['UTF8String', 0x0c, Buffer.from('Münze')],
    ['TeletexString', 0x14, Buffer.from('Münze', 'latin1')],
    ['GeneralString', 0x1b, Buffer.from('Münze', 'latin1')],
    ['BMPString', 0x1e, Buffer.from('Münze', 'utf16le').swap16()],
    [
      'UniversalString',
      0x1c,
      Buffer.from('Münze', 'utf16le')
        .swap16()
        .toString('hex')
        .replace(/(.{4})/g, '0000$1'),
    ],
  ] as const)('reads a common name as %s', (_, tag, text) => {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'hex') : text;
    const made = makeLeaf({ issuer: middle, name: sequence(attribute(commonName, tag, bytes)) });
    expect(readCertificate(made.pem).subject.commonName).toBe('Münze');
    expect(verifyCertificate(made.pem, optionsOf(three({ leaf: made }))).certificate.subject.commonName).toBe('Münze');
  });

  test.each([
    ['NumericString', 0x12],
    ['PrintableString', 0x13],
    ['VisibleString', 0x1a],
  ])('reads an organization as %s', (_, tag) => {
    const made = makeLeaf({ issuer: middle, name: sequence(attribute(organization, tag, Buffer.from('2030'))) });
    expect(readCertificate(made.pem).subject.organization).toBe('2030');
  });

  test.each([
    ['two common names', commonName, 'commonName'],
    ['two organizations', organization, 'organization'],
  ] as const)('%s: neither is used, and all else is', (_, id, kind) => {
    const name = sequence(...['a', 'b'].map((text) => attribute(id, derTag.utf8String, Buffer.from(text))));
    const made = makeLeaf({ issuer: middle, name });
    const { certificate } = verifyCertificate(made.pem, optionsOf(three({ leaf: made, name: 'chat.example' })));
    expect(certificate.subject).toEqual({});
    expect(certificate.unusableNames).toEqual([`more than one ${kind} in a distinguished name`]);
    expect(inspect(made.pem)).toContain('more than one');
  });

  test('134 alternative names are read, and each can be asked for', () => {
    const hosts = Array.from({ length: 134 }, (_, i) => `h${i}.example`);
    const made = makeLeaf({ issuer: middle, names: hosts.map(generalName.dns) });
    expect(readCertificate(made.pem).names.dns).toEqual(hosts);
    const { path } = verifyCertificate(made.pem, optionsOf(three({ leaf: made, name: 'h133.example' })));
    expect(path).toHaveLength(3);
  });

  test('a name that is not valid is within no subtree of its form', () => {
    const value = (text: string) => sequence(derValue(0xa0, sequence(generalName.dns(text))));
    const ca = makeCa({
      name: 'Only example',
      issuer: root,
      extensions: { [oid.nameConstraints]: plain(value('example')) },
    });
    const verdictOn = (...names: Uint8Array[]) => {
      const made = makeLeaf({ issuer: ca, names });
      return outcomeOf(() => verifyCertificate(made.pem, optionsOf(three({ leaf: made, intermediates: [ca] }))));
    };
    expect(verdictOn(generalName.dns('chat.example'))).toBe('accepted');
    expect(verdictOn(generalName.dns('chat.example'), generalName.dns('192.0.2.1'))).toBe('name-not-permitted');
    expect(verdictOn(generalName.dns('chat.example'), generalName.ip(1, 2, 3))).toBe('accepted');
  });
});

describe('algorithms', () => {
  const rsa = keyOf('RSA root', () => createKeyPair('rsa', 2048));
  const withoutNull = sequence(encodeObjectIdentifier('1.2.840.113549.1.1.11'));

  /** Signs a certificate again under this AlgorithmIdentifier, inside and outside the signed part. */
  function resigned(der: Uint8Array, algorithm: Uint8Array): string {
    const tbs = elementAt(der, 0);
    const fields = Array.from({ length: 8 }, (_, i) => elementAt(tbs, i));
    fields[2] = algorithm;
    const { sign } = signingWith(rsa.privateKey);
    return encodePem('CERTIFICATE', encodeSigned(sequence(...fields), { algorithm, sign }));
  }

  test('an RSA signature whose algorithm has no parameters is verified (RFC 4055 section 5)', () => {
    const ca = makeCa({ name: 'RSA root', keys: rsa });
    const made = resigned(makeLeaf({ issuer: ca }).der, withoutNull);
    expect(inspect(made)).toContain('RSA with SHA-256');
    const verify = (pem: string) => verifyCertificate(pem, { anchors: [ca.pem], at: now, purpose: 'serverAuth' });
    expect(verify(made).path).toHaveLength(2);
    const broken = Buffer.from(readCertificate(made).der);
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    expect(outcomeOf(() => verify(encodePem('CERTIFICATE', broken)))).toBe('bad-signature');
  });

  test('inspect describes a certificate whose signature algorithm is no identifier', () => {
    const ca = makeCa({ name: 'RSA root', keys: rsa });
    expect(inspect(resigned(makeLeaf({ issuer: ca }).der, sequence(derValue(derTag.null))))).toContain('unreadable');
  });
});
