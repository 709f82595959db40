/** The bytes written here, held against those that the schema classes write, and read by them. */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as asn1 from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import {
  createCA,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  type Names,
  type Profile,
  profiles,
  readCertificate,
} from '../../src/index.ts';
import { derOf } from '../support/forge.ts';

const hourMs = 3_600_000;
const now = new Date('2030-06-01T12:00:00Z');
const late = new Date('2049-12-31T23:00:00Z');
const everything: Names = {
  commonName: 'Ålice 李',
  organization: 'Example',
  dns: ['chat.example', 'b.example'],
  ip: ['192.0.2.1', '2001:db8::1'],
  uri: ['chat://chat.example/alice'],
  email: ['alice@chat.example'],
};
const wide: Profile = {
  ...profiles.server,
  purposes: ['serverAuth', 'clientAuth'],
  names: [...profiles.server.names, 'uri', 'email'],
};

function extension(extnID: string, critical: boolean, value: object): asn1.Extension {
  return new asn1.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** The signed part of a certificate for these names, made with nothing but the schema classes. */
function madeBySchema(certificate: string, ca: string, profile: Profile, names: Names): Buffer {
  const issued = AsnConvert.parse(derOf(certificate), asn1.Certificate).tbsCertificate;
  const issuer = AsnConvert.parse(derOf(ca), asn1.Certificate).tbsCertificate;
  const { notBefore, notAfter, publicKey } = readCertificate(certificate);
  const keyIdIn = (tbs: asn1.TBSCertificate) => {
    const value = tbs.extensions?.find(({ extnID }) => extnID === asn1.id_ce_subjectKeyIdentifier)?.extnValue;
    return AsnConvert.parse(value?.buffer ?? new ArrayBuffer(0), asn1.SubjectKeyIdentifier);
  };
  const rdns = (
    [
      ['organization', '2.5.4.10'],
      ['commonName', '2.5.4.3'],
    ] as const
  ).flatMap(([kind, type]) => {
    const value = new asn1.AttributeValue({ utf8String: names[kind] ?? '' });
    return names[kind] === undefined
      ? []
      : [new asn1.RelativeDistinguishedName([new asn1.AttributeTypeAndValue({ type, value })])];
  });
  const general = [
    ...(names.dns ?? []).map((dNSName) => new asn1.GeneralName({ dNSName })),
    ...(names.ip ?? []).map((iPAddress) => new asn1.GeneralName({ iPAddress })),
    ...(names.uri ?? []).map((uniformResourceIdentifier) => new asn1.GeneralName({ uniformResourceIdentifier })),
    ...(names.email ?? []).map((rfc822Name) => new asn1.GeneralName({ rfc822Name })),
  ];
  const isRsa = publicKey.asymmetricKeyType === 'rsa';
  const flags = asn1.KeyUsageFlags.digitalSignature | (isRsa ? asn1.KeyUsageFlags.keyEncipherment : 0);
  const isCA = profile.pathLength !== undefined;
  const tbs = new asn1.TBSCertificate({
    version: asn1.Version.v3,
    serialNumber: new Uint8Array(Buffer.from('00ff01', 'hex')).buffer,
    signature: issued.signature,
    issuer: issuer.subject,
    validity: new asn1.Validity({ notBefore, notAfter }),
    subject: new asn1.Name(rdns),
    subjectPublicKeyInfo: AsnConvert.parse(
      publicKey.export({ type: 'spki', format: 'der' }),
      asn1.SubjectPublicKeyInfo,
    ),
    extensions: new asn1.Extensions([
      extension(
        asn1.id_ce_basicConstraints,
        true,
        new asn1.BasicConstraints(isCA ? { cA: true, pathLenConstraint: 0 } : { cA: false }),
      ),
      extension(
        asn1.id_ce_keyUsage,
        true,
        new asn1.KeyUsage(isCA ? asn1.KeyUsageFlags.keyCertSign | asn1.KeyUsageFlags.cRLSign : flags),
      ),
      ...(isCA
        ? []
        : [
            extension(
              asn1.id_ce_extKeyUsage,
              false,
              new asn1.ExtendedKeyUsage([asn1.id_kp_serverAuth, asn1.id_kp_clientAuth]),
            ),
          ]),
      extension(asn1.id_ce_subjectKeyIdentifier, false, keyIdIn(issued)),
      extension(
        asn1.id_ce_authorityKeyIdentifier,
        false,
        new asn1.AuthorityKeyIdentifier({ keyIdentifier: new asn1.KeyIdentifier(keyIdIn(issuer).buffer) }),
      ),
      ...(general.length > 0
        ? [extension(asn1.id_ce_subjectAltName, rdns.length === 0, new asn1.SubjectAlternativeName(general))]
        : []),
    ]),
  });
  return Buffer.from(AsnConvert.serialize(tbs));
}

describe('certificateFor writes the same bytes as the classes of @peculiar/asn1', () => {
  const withPath = { pathLength: 1, size: 'P-256' } as const;
  test.each<[string, Date, Profile, 'ec' | 'rsa' | 'ed25519', Names]>([
    ['every kind of name', now, wide, 'ec', everything],
    ['alternative names only', now, wide, 'ec', { dns: ['chat.example'] }],
    ['a subject only', now, { ...wide, needsOneOf: ['commonName'] }, 'ec', { commonName: 'alice' }],
    ['RSA', now, wide, 'rsa', everything],
    ['Ed25519', now, wide, 'ed25519', everything],
    ['dates on both sides of 2050', late, wide, 'ec', everything],
    [
      'names that take more than 255 bytes',
      now,
      wide,
      'ec',
      { dns: Array.from({ length: 100 }, (_, i) => `host-${i}.example`) },
    ],
    ['a CA', now, profiles.intermediate, 'ec', { commonName: 'Issuing CA', organization: 'Example' }],
  ])('%s', (_, at, profile, type, names) => {
    const ca = createCA({ ...withPath, commonName: 'Test CA', now: at });
    const request = createCertRequest(createKeyPair(type), {});
    const serial = Buffer.from('ff01', 'hex');
    const certificate = issueCertificate({ request, ca, profile, names, lifetimeMs: 2 * hourMs, now: at, serial });

    const der = derOf(certificate);
    const read = AsnConvert.parse(der, asn1.Certificate);
    expect(Buffer.from(AsnConvert.serialize(read)).equals(der)).toBe(true);
    const signed = Buffer.from(AsnConvert.serialize(read.tbsCertificate));
    expect(madeBySchema(certificate, ca.certificate, profile, names).toString('hex')).toBe(signed.toString('hex'));
  });
});
