/** Requests that want more than they are due: each refused with its own code, nothing signed, nothing recorded. */
import { generateKeyPairSync } from 'node:crypto';
import {
  BasicConstraints,
  ExtendedKeyUsage,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_clientAuth,
  id_kp_codeSigning,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509';
import { beforeEach, expect, test } from 'vitest';
import {
  CertificateAuthority,
  createCA,
  createCertRequest,
  createKeyPair,
  type Grant,
  MemoryLedger,
  type Names,
  profiles,
} from '../../src/index.ts';
import { encodeAlternativeNames } from '../../src/x509/names/alternative-names.ts';
import { recordsOf } from '../ledger/records.ts';
import { derOf, eventualOutcomeOf, extension, forgeRequest, forgeRequestWithLists, pem } from '../support/forge.ts';

const root = createCA({ size: 'P-256' });
const keys = createKeyPair('ec');
const client: Grant = {
  profile: 'client',
  names: { commonName: 'alice', uri: ['chat://example/alice'], email: ['alice@chat.example'] },
};
const server: Grant = { profile: 'server', names: { dns: ['chat.example'], ip: ['192.0.2.1'] } };
const narrow = { ...profiles.client, keys: ['P-256', 'P-384', 'rsa'] as const, minModulusBits: 3072 };

let ledger = new MemoryLedger();
beforeEach(() => {
  ledger = new MemoryLedger();
});

function issue(request: string | Uint8Array, grant: Grant): Promise<string> {
  const ca = new CertificateAuthority({ ...root, ledger, authorise: () => grant, profiles: { narrow } });
  return eventualOutcomeOf(ca.issue(request));
}

const asRequest = (der: Uint8Array) => pem('CERTIFICATE REQUEST', der);
const plain = createCertRequest(keys, { commonName: 'alice' });
const names = (wanted: Names) => extension(id_ce_subjectAltName, false, encodeAlternativeNames(wanted));
/** A name as the library itself would not write it. */
const rawName = (tag: number, text: string) => {
  const bytes = Buffer.from(text);
  const value = Buffer.concat([Buffer.of(0x30, bytes.length + 2, tag, bytes.length), bytes]);
  return extension(id_ce_subjectAltName, false, value);
};
const caTrue = extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true }));
const caFalse = extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false }));
const usage = (flags: number) => extension(id_ce_keyUsage, true, new KeyUsage(flags));
const purposes = (...ids: string[]) => extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage(ids));

/** Changes one byte of the signed part, and does not sign it again. */
function changed(find: Buffer, replacement: Buffer): string {
  const der = derOf(plain);
  replacement.copy(der, der.indexOf(find));
  return asRequest(der);
}

/** One byte more in the outermost length, in a form that BER allows. */
function longForm(request: string): string {
  const der = derOf(request);
  const header = der.subarray(0, 3);
  expect([...header.subarray(0, 2)]).toEqual([0x30, 0x81]);
  return asRequest(Buffer.concat([Buffer.of(0x30, 0x82, 0, header[2] ?? 0), der.subarray(3)]));
}

test('a request that asks for no more than is granted gets a certificate', async () => {
  const requested = [names({ uri: ['chat://example/alice'] }), caFalse, purposes(id_kp_clientAuth)];
  const usages = usage(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement);
  expect(await issue(plain, client)).toBe('accepted');
  expect(await issue(forgeRequest(keys, { commonName: 'alice' }, [...requested, usages]), client)).toBe('accepted');
  expect(await issue(createCertRequest(keys, {}), client)).toBe('accepted');
  expect(await issue(createCertRequest(keys, { commonName: 'chat.example', dns: ['CHAT.example'] }), server)).toBe(
    'accepted',
  );
  expect(await issue(forgeRequest(keys, {}, [extension('1.2.3.4', false, Buffer.of(5, 0))]), client)).toBe('accepted');
});

test.each<[string, () => string | Uint8Array, Grant, string]>([
  [
    'proof of possession by another key',
    () => forgeRequest(keys, { commonName: 'alice' }, [], createKeyPair('ec').privateKey),
    client,
    'no-possession',
  ],
  ['a name put in after signing', () => changed(Buffer.from('alice'), Buffer.from('admin')), client, 'no-possession'],
  [
    'another user’s name in the subject',
    () => createCertRequest(keys, { commonName: 'bob' }),
    client,
    'name-not-granted',
  ],
  ['an organisation', () => createCertRequest(keys, { organization: 'Bank' }), client, 'name-not-granted'],
  [
    'another user’s name among the alternative names',
    () => createCertRequest(keys, { commonName: 'alice', uri: ['chat://example/bob'] }),
    client,
    'name-not-granted',
  ],
  [
    'another user’s mail address',
    () => createCertRequest(keys, { email: ['bob@chat.example'] }),
    client,
    'name-not-granted',
  ],
  [
    'another host besides one’s own',
    () => createCertRequest(keys, { dns: ['chat.example', 'bank.example'] }),
    server,
    'name-not-granted',
  ],
  ['another address', () => createCertRequest(keys, { ip: ['192.0.2.2'] }), server, 'name-not-granted'],
  ['CA:TRUE', () => forgeRequest(keys, {}, [caTrue]), client, 'ca-not-allowed'],
  ['keyCertSign', () => forgeRequest(keys, {}, [usage(KeyUsageFlags.keyCertSign)]), client, 'ca-not-allowed'],
  ['cRLSign', () => forgeRequest(keys, {}, [usage(KeyUsageFlags.cRLSign)]), client, 'ca-not-allowed'],
  [
    'an extra purpose',
    () => forgeRequest(keys, {}, [purposes(id_kp_clientAuth, id_kp_codeSigning)]),
    client,
    'purpose-not-allowed',
  ],
  [
    'a server’s purpose for a client',
    () => forgeRequest(keys, {}, [purposes(id_kp_serverAuth)]),
    client,
    'purpose-not-allowed',
  ],
  ['a wildcard', () => createCertRequest(keys, { dns: ['*.chat.example'] }), server, 'wildcard-not-allowed'],
  [
    'an address smuggled in',
    () => createCertRequest(keys, { commonName: 'alice', ip: ['192.0.2.1'] }),
    client,
    'name-kind-not-allowed',
  ],
  [
    'a URI smuggled in',
    () => createCertRequest(keys, { dns: ['chat.example'], uri: ['https://chat.example'] }),
    server,
    'name-kind-not-allowed',
  ],
  ['an address written as a host name', () => forgeRequest(keys, {}, [rawName(0x82, '192.0.2.1')]), server, 'bad-name'],
  [
    'an unknown critical extension',
    () => forgeRequest(keys, {}, [extension('1.2.3.4', true, Buffer.of(5, 0))]),
    client,
    'extension-not-allowed',
  ],
  [
    'name constraints',
    () => forgeRequest(keys, {}, [extension('2.5.29.30', true, Buffer.from('300aa00830068204612e6562', 'hex'))]),
    client,
    'extension-not-allowed',
  ],
  [
    'RSA below 2048 bits',
    () => forgeRequest(generateKeyPairSync('rsa', { modulusLength: 1024 }), {}, []),
    client,
    'weak-key',
  ],
  [
    'a curve that is not supported',
    () => forgeRequest(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), {}, []),
    client,
    'unsupported-algorithm',
  ],
  [
    'a curve that the profile does not take',
    () => createCertRequest(createKeyPair('ec', 'P-521'), {}),
    { ...client, profile: 'narrow' },
    'key-not-allowed',
  ],
  [
    'RSA below what the profile asks for',
    () => createCertRequest(createKeyPair('rsa', 2048), {}),
    { ...client, profile: 'narrow' },
    'key-not-allowed',
  ],
  ['a DSA key', () => createCertRequest(createKeyPair('dsa'), {}), client, 'key-not-allowed'],
  ['one extension twice', () => forgeRequest(keys, {}, [caFalse, caTrue]), client, 'duplicate-extension'],
  [
    'two lists of extensions',
    () => forgeRequestWithLists(keys, {}, [[caFalse], [caTrue]]),
    client,
    'duplicate-extension',
  ],
  ['a length that is not minimal', () => longForm(plain), client, 'not-canonical'],
  [
    'an indefinite length',
    () => asRequest(Buffer.concat([Buffer.of(0x30, 0x80), derOf(plain).subarray(3), Buffer.of(0, 0)])),
    client,
    'not-canonical',
  ],
  [
    'a default written out',
    () => forgeRequest(keys, {}, [extension(id_ce_basicConstraints, true, Buffer.of(0x30, 3, 1, 1, 0))]),
    client,
    'not-canonical',
  ],
  ['trailing bytes', () => asRequest(Buffer.concat([derOf(plain), Buffer.of(0)])), client, 'trailing-bytes'],
  ['half a request', () => asRequest(derOf(plain).subarray(0, 100)), client, 'malformed'],
  ['a second request behind the first', () => plain + plain, client, 'malformed'],
  ['1 MB of PEM', () => asRequest(Buffer.alloc(1 << 20)), client, 'too-large'],
  ['1 MB of DER', () => Buffer.alloc(1 << 20, 0x30), client, 'too-large'],
  [
    'a NUL in a host name',
    () => forgeRequest(keys, {}, [rawName(0x82, 'chat.example\0.bank.example')]),
    server,
    'bad-name',
  ],
  ['a NUL in the subject', () => forgeRequest(keys, { commonName: 'alice\0bob' }, []), client, 'bad-name'],
  ['a mark that turns text around', () => forgeRequest(keys, { commonName: 'alice\u202e' }, []), client, 'bad-name'],
  [
    'a Cyrillic letter that looks Latin',
    () => createCertRequest(keys, { commonName: '\u0430lice' }),
    client,
    'look-alike-name',
  ],
  ['a Greek one', () => createCertRequest(keys, { commonName: 'alice of \u0391lpha' }), client, 'look-alike-name'],
  ['full-width letters', () => createCertRequest(keys, { commonName: '\uff41lice' }), client, 'look-alike-name'],
  [
    'a character that shows nothing',
    () => createCertRequest(keys, { commonName: 'al\u200bice' }),
    client,
    'look-alike-name',
  ],
  [
    'a name in another script throughout',
    () => createCertRequest(keys, { commonName: '\u0430\u0441\u0435' }),
    client,
    'name-not-granted',
  ],
  [
    'a host name that is not ASCII',
    () => forgeRequest(keys, {}, [rawName(0x82, 'ch\u0430t.example')]),
    server,
    'bad-name',
  ],
])('%s', async (_, request, grant, code) => {
  expect(await issue(request(), grant)).toBe(code);
  expect(await recordsOf(ledger)).toEqual([]);
});

test.each([
  'Ålice Müller',
  'José',
  'Ευγενία',
  'Аня',
  '李小龍',
  'ことね カナ',
  'အောင်ဆန်း',
  '김철수',
  'R2-D2 (droid)',
  'Zoë 🦊',
])('a granted name may be requested as %s', async (commonName) => {
  expect(await issue(createCertRequest(keys, { commonName }), { profile: 'client', names: { commonName } })).toBe(
    'accepted',
  );
});
