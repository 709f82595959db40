import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  inspect,
  issueCertificate,
  MemoryLedger,
  profiles,
  readCertificate,
} from '../../src/index.ts';
import { visible } from '../../src/visible-text.ts';
import { encodeName } from '../../src/x509/names/distinguished-name.ts';
import { extension, forgeCertificate, forgeRequest, pem } from '../support/forge.ts';

const hourMs = 3_600_000;
const now = new Date('2030-06-01T12:00:00Z');
const ca = createCA({ commonName: 'Example CA', size: 'P-384', now });
const keys = createKeyPair('ec');
const request = createCertRequest(keys, { commonName: 'alice', dns: ['chat.example'] });
const certificate = issueCertificate({
  request,
  ca,
  profile: 'server',
  names: { commonName: 'chat', organization: 'Example', dns: ['chat.example'], ip: ['::1'] },
  lifetimeMs: 24 * hourMs,
  now,
  serial: 0xabcn,
});

/** Replaces hashes and serial numbers, which differ in each run. */
function inspected(text: string, at = now): string {
  return inspect(text, { now: at })
    .replace(/[0-9a-f]{64}/g, '<hash>')
    .replace(/\b[0-9a-f]{30,32}\b/g, '<serial>');
}

test('describes a certificate', () => {
  expect(inspected(certificate)).toBe(`Certificate
  subject    chat (Example)
  names      dns chat.example
             ip ::1
  issuer     Example CA
  valid      from 2030-06-01 11:55:00 UTC
             until 2030-06-02 12:00:00 UTC
             24 hours left of 24 hours
  CA         no
  purposes   TLS server
  key usage  digitalSignature
  key        EC P-256
             SHA-256 <hash>
  signature  ECDSA with SHA-384
  serial     0abc
  SHA-256    <hash>
`);
});

test('describes a CA certificate', () => {
  expect(inspected(ca.certificate, new Date('2041-06-01T12:00:00Z'))).toBe(`Certificate
  subject    Example CA
  issuer     Example CA (self-issued)
  valid      from 2030-06-01 11:55:00 UTC
             until 2040-06-01 12:00:00 UTC
             EXPIRED 365 days ago
  CA         yes, with no CA below it
  key usage  keyCertSign, cRLSign
  key        EC P-384
             SHA-256 <hash>
  signature  ECDSA with SHA-384
  serial     <serial>
  SHA-256    <hash>
`);
});

test('describes a request', () => {
  expect(inspected(request)).toBe(`Certificate request (signature verified)
  subject    alice
  names      dns chat.example
  CA         no
  key        EC P-256
             SHA-256 <hash>
`);
});

test('describes a revocation list', async () => {
  const authority = new CertificateAuthority({
    ...ca,
    ledger: new MemoryLedger(),
    clock: () => now,
    authorise: () => ({ profile: 'server', names: { dns: ['chat.example'] } }),
  });
  const serials: string[] = [];
  for (let i = 0; i < 102; i++) {
    const { serial } = await authority.issue(createCertRequest(keys, {}));
    await authority.revoke(serial, i === 0 ? 'keyCompromise' : 'unspecified');
    serials.push(serial);
  }
  const text = inspect(await authority.createCrl(), { now: new Date(now.getTime() + hourMs) });
  const lines = text.split('\n');
  expect(lines.slice(0, 9)).toEqual([
    'Certificate revocation list',
    '  issuer     Example CA',
    '  number     1',
    '  valid      from 2030-06-01 12:00:00 UTC',
    '             until 2030-06-02 12:00:00 UTC',
    '             23 hours left of 24 hours',
    '  revoked    102',
    `             ${serials[0]}  2030-06-01 12:00:00 UTC  keyCompromise`,
    `             ${serials[1]}  2030-06-01 12:00:00 UTC  no reason given`,
  ]);
  expect(lines[107]).toBe('             and 2 more');
});

test.each([
  ['2030-06-01T11:54:59Z', 'NOT YET VALID: begins in 1 second'],
  ['2030-06-01T11:55:00Z', '24 hours left of 24 hours'],
  ['2030-06-02T11:58:30Z', '90 seconds left of 24 hours'],
  ['2030-06-02T12:00:00.900Z', '0 seconds left of 24 hours'],
  ['2030-06-02T12:00:01Z', 'EXPIRED 1 second ago'],
  ['2033-06-02T12:00:00Z', 'EXPIRED 3 years ago'],
])('says at %s: %s', (at, said) => {
  expect(inspect(certificate, { now: new Date(at) })).toContain(`\n             ${said}\n`);
});

test('describes keys of every type', () => {
  const keyOf = (text: string) => /key {8}(.*)/.exec(text)?.[1];
  const shown = (['rsa', 'dsa', 'ed25519'] as const).map((type) =>
    keyOf(inspect(createCertRequest(createKeyPair(type), {}))),
  );
  expect(shown).toEqual(['RSA 3072 bits', 'DSA 2048 bits', 'Ed25519']);
});

test('describes name constraints and unknown critical extensions', () => {
  const limits = Buffer.from('300aa00830068204612e6562', 'hex');
  const forged = forgeCertificate(ca.certificate, ca.privateKey, (tbs) => {
    tbs.extensions?.push(extension('2.5.29.30', true, limits), extension('1.2.3.4', true, Buffer.of(5, 0)));
  });
  expect(inspect(forged, { now })).toContain('\n  limits     only dns a.eb\n  warning    critical extension 1.2.3.4,');
});

describe('text for a terminal', () => {
  /** Invisible characters that `checkNames` accepts, because they do not reorder text. */
  const commonName = 'al\u200bice\u061c \u{e0041}';

  test('shows invisible characters as their codes', () => {
    expect(inspect(forgeRequest(keys, { commonName }, []))).toContain('subject    al\\u{200b}ice\\u{61c} \\u{e0041}\n');
  });

  test.each([
    '\u001b]52;c;YQ==\u0007',
    'a\rb',
    'a\u009b31mb',
    '\u202e',
    '\u2066',
    '\n',
    '\u2028',
    '\0',
    '\ufeff',
    '\ud800',
  ])('escapes %j, which names cannot have, also in messages', (text) => {
    expect(visible(`a${text}b`)).toMatch(/^[ -~]*\\u\{[0-9a-f]+\}[ -~]*$/);
    const issue = () =>
      issueCertificate({ request, ca, profile: profiles.client, names: { commonName: text }, lifetimeMs: hourMs, now });
    expect(issue).toThrow(/^[ -~]*$/);
  });

  test('keeps letters and symbols', () => {
    for (const text of ['Ålice 李', 'Ελένη', 'a\u0301', '🦊', 'שלום']) expect(visible(text)).toBe(text);
  });
});

test.each<[string, string]>([
  ['nothing', ''],
  ['a private key', pem('PRIVATE KEY', Buffer.of(1))],
  ['a label of Object', pem('CONSTRUCTOR', Buffer.of(1))],
  ['two certificates', certificate + certificate],
  ['a name', pem('CERTIFICATE', encodeName({ commonName: 'x' }))],
])('refuses %s', (_, text) => {
  expect(thrownCode(() => inspect(text))).toBe('malformed');
});

test('uses the time of the system by default', () => {
  expect(readCertificate(createCA().certificate).isCA).toBe(true);
  expect(inspect(createCA().certificate)).toMatch(/\n {13}\d+ years left of 10 years\n/);
});
