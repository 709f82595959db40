import { generateKeyPairSync } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_kp_clientAuth,
  id_kp_codeSigning,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509';
import { describe, expect, test } from 'vitest';
import {
  createCA,
  createCertificate,
  createCertRequest,
  createKeyPair,
  createRequest,
  type IssueOptions,
  issueCertificate,
  readCertificate,
  renewalWindow,
  signCertificates,
} from '../../src/index.ts';
import { signCertificatesAt } from '../../src/issue/simple.ts';
import { parseCertificate } from '../../src/x509/certificate.ts';
import { encodeAlternativeNames } from '../../src/x509/names/alternative-names.ts';
import { derOf, extension, forgeRequest, outcomeOf } from '../support/forge.ts';

const hourMs = 3_600_000;
const now = new Date('2030-06-01T12:00:00Z');
const ca = createCA({ commonName: 'Test CA', now, years: 1 });
const { request } = createRequest('someone.example');

function issue(options: Partial<IssueOptions> = {}): string {
  const names = { dns: ['chat.example'] };
  const base: IssueOptions = { request, ca, profile: 'server', names, lifetimeMs: 24 * hourMs, now };
  return issueCertificate({ ...base, ...options });
}

describe('issueCertificate', () => {
  test('issues a server certificate', () => {
    const names = { commonName: 'chat', organization: 'Example', dns: ['chat.example'], ip: ['::1'] };
    const certificate = readCertificate(issue({ names, serial: 0xabcn }));
    expect(certificate).toMatchObject({
      serial: '0abc',
      subject: { commonName: 'chat', organization: 'Example' },
      issuer: { commonName: 'Test CA' },
      names: { dns: ['chat.example'], ip: ['::1'] },
      notBefore: new Date(now.getTime() - 5 * 60_000),
      notAfter: new Date(now.getTime() + 24 * hourMs),
      isCA: false,
      purposes: ['serverAuth'],
    });
    expect(readCertificate(certificate.der)).toEqual(certificate);
  });

  test('issues a client certificate with its own purpose', () => {
    const certificate = readCertificate(issue({ profile: 'client', names: { commonName: 'alice' } }));
    expect(certificate).toMatchObject({ purposes: ['clientAuth'], subject: { commonName: 'alice' }, names: {} });
  });

  test.each([
    ['ec', 'server', KeyUsageFlags.digitalSignature],
    ['rsa', 'server', KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment],
    ['rsa', 'client', KeyUsageFlags.digitalSignature],
    ['ed25519', 'client', KeyUsageFlags.digitalSignature],
  ] as const)('writes the key usage of an %s %s', (type, profile, keyUsage) => {
    const own = createCertRequest(createKeyPair(type), {});
    expect(parseCertificate(issue({ request: own, profile })).extensions.keyUsage).toBe(keyUsage);
  });

  test('makes the names critical if and only if the subject is empty', () => {
    const critical = (pem: string) => {
      const { extensions = [] } = AsnConvert.parse(derOf(pem), Certificate).tbsCertificate;
      return extensions.filter((each) => each.critical).map(({ extnID }) => extnID);
    };
    const always = [id_ce_basicConstraints, id_ce_keyUsage];
    expect(critical(issue())).toEqual([...always, id_ce_subjectAltName]);
    expect(critical(issue({ names: { commonName: 'x', dns: ['chat.example'] } }))).toEqual(always);
  });

  test('draws serial numbers of 16 random bytes', () => {
    const serials = Array.from({ length: 20 }, () => readCertificate(issue()).serial);
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^[0-9a-f]{26,32}$/);
  });

  test('cuts the validity to that of the CA', () => {
    const root = readCertificate(ca.certificate);
    const certificate = readCertificate(issue({ lifetimeMs: 398 * 24 * hourMs, backdateMs: hourMs }));
    expect(certificate.notAfter).toEqual(root.notAfter);
    expect(certificate.notBefore).toEqual(root.notBefore);
    expect(thrownCode(() => issue({ now: new Date('2029-06-01') }))).toBe('issuer-not-valid');
    expect(thrownCode(() => issue({ now: new Date('2031-06-02') }))).toBe('issuer-not-valid');
  });

  test('writes dates from 2050 on as GeneralizedTime', () => {
    const late = new Date('2049-12-31T00:00:00Z');
    const certificate = readCertificate(issue({ ca: createCA({ now: late }), now: late, lifetimeMs: 48 * hourMs }));
    expect(certificate.notAfter).toEqual(new Date('2050-01-02T00:00:00Z'));
  });

  test.each<[string, () => Partial<IssueOptions>, string]>([
    ['a server without a host', () => ({ names: { commonName: 'chat.example' } }), 'bad-name'],
    ['no names', () => ({ profile: 'client', names: {} }), 'bad-name'],
    ['a bad name', () => ({ names: { dns: ['a b'] } }), 'bad-name'],
    ['an unknown profile', () => ({ profile: 'constructor' as 'server' }), 'bad-argument'],
    ['no lifetime', () => ({ lifetimeMs: 0 }), 'bad-argument'],
    ['too long a lifetime', () => ({ lifetimeMs: 399 * 24 * hourMs }), 'lifetime-not-allowed'],
    ['a lifetime that is no number', () => ({ lifetimeMs: Number.NaN }), 'bad-argument'],
    ['a date that is none', () => ({ now: new Date(Number.NaN) }), 'issuer-not-valid'],
    ['serial 0', () => ({ serial: 0n }), 'bad-argument'],
    ['a negative serial', () => ({ serial: -1n }), 'bad-argument'],
    ['a serial of 21 bytes', () => ({ serial: 2n ** 159n }), 'bad-argument'],
    ['an empty serial', () => ({ serial: new Uint8Array() }), 'bad-argument'],
    ['a DSA key', () => ({ request: createCertRequest(createKeyPair('dsa'), {}) }), 'key-not-allowed'],
    ['another CA’s key', () => ({ ca: { ...ca, privateKey: createCA().privateKey } }), 'key-mismatch'],
    [
      'a leaf as CA',
      () => {
        const keys = createKeyPair('ec');
        return { ca: { certificate: issue({ request: createCertRequest(keys, {}) }), privateKey: keys.privateKey } };
      },
      'not-a-ca',
    ],
    [
      'a public key as CA key',
      () => ({ ca: { ...ca, privateKey: readCertificate(ca.certificate).publicKey } }),
      'key-mismatch',
    ],
  ])('refuses %s', (_, options, code) => {
    expect(thrownCode(() => issue(options()))).toBe(code);
  });

  test('accepts the largest serial number', () => {
    expect(readCertificate(issue({ serial: 2n ** 159n - 1n })).serial).toBe((2n ** 159n - 1n).toString(16));
    expect(readCertificate(issue({ serial: Buffer.from('00ff01', 'hex') })).serial).toBe('ff01');
  });
});

describe('issueCertificate takes nothing but the key from a request with', () => {
  const keys = createKeyPair('ec');
  const names = { commonName: 'alice' };
  const plain = forgeRequest(keys, {}, []);
  const requested: [string, string][] = [
    [
      'CA:TRUE',
      forgeRequest(keys, names, [extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true }))]),
    ],
    [
      'keyCertSign',
      forgeRequest(keys, names, [extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign))]),
    ],
    [
      'more purposes',
      forgeRequest(keys, names, [
        extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_clientAuth, id_kp_codeSigning])),
      ]),
    ],
    ['another subject', forgeRequest(keys, { commonName: 'root', organization: 'Evil' }, [])],
    [
      'other names',
      forgeRequest(keys, {}, [
        extension(id_ce_subjectAltName, true, encodeAlternativeNames({ dns: ['evil.example'] })),
      ]),
    ],
    ['an unknown critical extension', forgeRequest(keys, names, [extension('1.2.3.4', true, Buffer.of(5, 0))])],
    [
      'name constraints',
      forgeRequest(keys, names, [
        extension(id_ce_nameConstraints, true, Buffer.from('300aa00830068204612e6562', 'hex')),
      ]),
    ],
  ];
  const signedPart = (wish: string) => Buffer.from(parseCertificate(issue({ request: wish, serial: 1n })).signed);

  test.each(requested)('%s', (_, wish) => {
    expect(wish).not.toBe(plain);
    expect(signedPart(wish).equals(signedPart(plain))).toBe(true);
  });

  test.each(requested.filter(([wish]) => !/names|subject/.test(wish)))(
    'createCertificate takes only the names: %s',
    (_, wish) => {
      const { notBefore, notAfter } = readCertificate(ca.certificate);
      const sign = (each: string) =>
        parseCertificate(createCertificate(each, ca.certificate, ca.privateKey, 1n, notBefore, notAfter)).signed;
      expect(Buffer.from(sign(wish)).equals(sign(forgeRequest(keys, names, [])))).toBe(true);
    },
  );
});

describe('the short calls', () => {
  test('signCertificates issues for 24 hours and both purposes, and never a CA', () => {
    const certificate = readCertificate(signCertificatesAt(request, ca.certificate, ca.privateKey, now));
    expect(certificate).toMatchObject({
      names: { dns: ['someone.example'] },
      notAfter: new Date(now.getTime() + 24 * hourMs),
      purposes: ['serverAuth', 'clientAuth'],
      isCA: false,
    });
    const today = createCA();
    const hours =
      readCertificate(signCertificates(request, today.certificate, today.privateKey)).notAfter.getTime() - Date.now();
    expect(Math.abs(hours / hourMs - 24)).toBeLessThan(0.1);
  });

  test.each(['rsa', 'dsa', 'ec', 'ed25519'] as const)(
    'createCertificate with a %s key, by a CA of the same',
    (type) => {
      const root = createCA({ keyType: type, now });
      const keys = createKeyPair(type);
      const to = new Date(now.getTime() + hourMs);
      const own = createCertRequest(keys, { commonName: type });
      const certificate = createCertificate(own, root.certificate, root.privateKey, Buffer.of(0x80), now, to);
      expect(readCertificate(certificate)).toMatchObject({ serial: '80', notBefore: now, notAfter: to });
      expect(readCertificate(certificate).publicKey.equals(keys.publicKey)).toBe(true);
    },
  );

  test('createCertificate refuses dates outside the validity of the issuer, and invalid dates', () => {
    const sign = (from: string, to: string) =>
      outcomeOf(() => createCertificate(request, ca.certificate, ca.privateKey, 1n, new Date(from), new Date(to)));
    expect(sign('2030-07-01', '2030-07-02')).toBe('accepted');
    expect(sign('2030-05-01', '2030-07-02')).toBe('issuer-not-valid');
    expect(sign('2030-07-01', '2032-07-02')).toBe('issuer-not-valid');
    expect(sign('2030-07-02', '2030-07-01')).toBe('bad-argument');
    expect(sign('never', '2030-07-01')).toBe('bad-argument');
  });
});

test('createCA creates a self-signed root', () => {
  const { info, extensions } = parseCertificate(ca.certificate);
  expect(info).toMatchObject({
    subject: { commonName: 'Test CA' },
    issuer: { commonName: 'Test CA' },
    isCA: true,
    purposes: [],
  });
  expect(info.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
  expect(info.notAfter).toEqual(new Date('2031-06-01T12:00:00Z'));
  expect(extensions).toMatchObject({ pathLength: 0, keyUsage: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign });
  expect(thrownCode(() => createCA({ years: 0 }))).toBe('bad-argument');
  expect(thrownCode(() => createCA({ commonName: '' }))).toBe('bad-name');
});

test('all calls refuse a weak CA key', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  expect(thrownCode(() => issue({ ca: { ...ca, privateKey: weak.privateKey } }))).toBe('weak-key');
});

test('renewalWindow is at two thirds of the lifetime, plus or minus 5 %', () => {
  const pem = issue({ lifetimeMs: 100 * hourMs, backdateMs: 0 });
  const hours = (date: Date) => (date.getTime() - now.getTime()) / hourMs;
  const { opens, closes, at } = renewalWindow(pem, () => 0.5);
  expect([opens, closes, at].map((date) => hours(date).toFixed(2))).toEqual(['61.67', '71.67', '66.67']);
  expect(renewalWindow(pem, () => 0).at).toEqual(opens);
  expect(renewalWindow(pem, () => 1).at).toEqual(closes);
  expect(renewalWindow(readCertificate(pem), () => 0.5)).toEqual(renewalWindow(pem, () => 0.5));
  const drawn = Array.from({ length: 100 }, () => renewalWindow(pem).at.getTime());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(opens.getTime());
  expect(Math.max(...drawn)).toBeLessThanOrEqual(closes.getTime());
  expect(new Set(drawn).size).toBeGreaterThan(50);
});
