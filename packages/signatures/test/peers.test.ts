/** openssl and pyca/cryptography read what is written here, and the reverse: signatures and keys in all their forms. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optional } from '@chat/testkit';
import { afterAll, expect, test } from 'vitest';
import { encodePem } from '../src/encoding/pem.ts';
import { encodeSpki } from '../src/encoding/spki.ts';
import type { SerializedKeys } from '../src/index.ts';
import { type Engine, engines, native, portable } from './support/engine.ts';
import { bytes, cheap, codeOf, iv } from './support/inputs.ts';

const password = 'päss wörd';
const data = bytes('what is signed');
const folder = mkdtempSync(join(tmpdir(), 'signatures-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const ours = native.createSerializedKeys(password);
const pair = native.backend.generateKeyPair();
const cheapPem = native.lockKeyPairWith(pair, password, cheap, iv);
const cheapPublicPem = encodePem('PUBLIC KEY', encodeSpki(pair.point));
/** As the portable engine writes a new key, but for the cost. */
const scrypt = { name: 'scrypt', salt: new Uint8Array(16).fill(3), N: 2 ** 10, r: 8, p: 2 } as const;
const oursPortable = { privatePem: portable.lockKeyPairWith(pair, password, scrypt, iv), publicPem: cheapPublicPem };

optional('openssl', ['openssl', 'version'])('openssl', () => {
  const openssl = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stdout} ${stderr}`);
    return stdout.toString();
  };
  const passin = ['-passin', `pass:${password}`];
  const passout = ['-passout', `pass:${password}`];

  test.each([
    ['native', ours],
    ['portable', oursPortable],
  ])('opens a key of ours (%s), signs with it, and we verify', (_name, { privatePem, publicPem }) => {
    writeFileSync(path('ours.pem'), privatePem);
    writeFileSync(path('data'), data);
    expect(openssl('pkey', '-in', 'ours.pem', ...passin, '-pubout')).toBe(publicPem);
    openssl('dgst', '-sha256', '-sign', 'ours.pem', ...passin, '-out', 'data.sig', 'data');
    for (const [, engine] of engines) {
      expect(engine.verifySignature(publicPem, readFileSync(path('data.sig')), data)).toBe(true);
    }
  });

  test.each(engines)('verifies what we sign (%s), domain included', (_name, engine) => {
    const domain = { protocol: 'test/1', purpose: 'peer', context: 'ü' };
    const signer = engine.generateSigner();
    writeFileSync(path('signed'), engine.domainSeparated(domain, data));
    writeFileSync(path('signed.sig'), signer.sign(domain, data));
    writeFileSync(path('signer.der'), signer.publicKey);
    const verify = ['dgst', '-sha256', '-verify', 'signer.der', '-keyform', 'DER', '-signature', 'signed.sig'];
    expect(openssl(...verify, 'signed')).toBe('Verified OK\n');
    writeFileSync(path('signed'), data);
    expect(() => openssl(...verify, 'signed')).toThrow('Verification failure');
  });

  test.each([
    ['its own default', ['-v2', 'aes-256-cbc']],
    ['scrypt', ['-scrypt']],
    ['costly scrypt', ['-scrypt', '-scrypt_N', '8192', '-scrypt_r', '16', '-scrypt_p', '2']],
    ['PBKDF2 with SHA-512', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '10000']],
    ['PBKDF2 with SHA-1', ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA1']],
  ])('encrypts a key with %s, and we open it', (_name, options) => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'plain.pem');
    openssl('pkcs8', '-topk8', '-in', 'plain.pem', '-out', 'theirs.pem', ...options, ...passout);
    const publicPem = openssl('pkey', '-in', 'plain.pem', '-pubout');
    const pem = readFileSync(path('theirs.pem'), 'utf8');
    for (const [, engine] of engines) {
      expect(engine.unlockSigner(pem, password).fingerprint).toBe(engine.fingerprint(publicPem));
    }
    expect(codeOf(() => native.unlockSigner(pem, 'wrong'))).toBe('wrong-password');
  });

  test('genpkey -aes256, and the plain key through encryptPrivateKey', () => {
    const genpkey = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'made.pem'];
    openssl(...genpkey, '-aes256', '-pass', `pass:${password}`);
    native.unlockSigner(readFileSync(path('made.pem'), 'utf8'), password);
    openssl(...genpkey);
    const publicPem = openssl('pkey', '-in', 'made.pem', '-pubout');
    writeFileSync(path('ours.pem'), native.encryptPrivateKey(readFileSync(path('made.pem'), 'utf8'), password));
    expect(openssl('pkey', '-in', 'ours.pem', ...passin, '-pubout')).toBe(publicPem);
  });

  test('a plain key of ours in DER and PEM, a public one in both, and theirs', () => {
    for (const [, engine] of engines) {
      const fromUs = engine.importVerifier(cheapPublicPem);
      writeFileSync(path('plain.der'), engine.exportPlainPrivateKey(cheapPem, password, 'der'));
      writeFileSync(path('plain.pem'), engine.exportPlainPrivateKey(cheapPem, password, 'pem'));
      writeFileSync(path('public.der'), engine.exportPublicKey(fromUs, 'der'));
      expect(openssl('pkey', '-inform', 'DER', '-in', 'plain.der', '-pubout')).toBe(cheapPublicPem);
      expect(openssl('pkey', '-in', 'plain.pem', '-pubout')).toBe(cheapPublicPem);
      expect(openssl('pkey', '-inform', 'DER', '-pubin', '-in', 'public.der')).toBe(
        engine.exportPublicKey(fromUs, 'pem'),
      );
      openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'made.pem');
      openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'made.pem', '-outform', 'DER', '-out', 'made.der');
      openssl('pkey', '-in', 'made.pem', '-pubout', '-out', 'made.pub');
      const signer = engine.importPlainPrivateKey(readFileSync(path('made.der')));
      expect(signer.fingerprint).toBe(engine.fingerprint(readFileSync(path('made.pub'), 'utf8')));
    }
  });

  test('its default cost is below ours, 600,000 rounds are not', () => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'plain.pem');
    const encrypt = (...options: string[]) =>
      openssl('pkcs8', '-topk8', '-in', 'plain.pem', '-v2', 'aes-256-cbc', ...options, ...passout);
    expect(native.needsRehash(encrypt())).toBe(true);
    expect(native.needsRehash(encrypt('-iter', '600000'))).toBe(false);
  });

  test('says no to a wrong password', () => {
    writeFileSync(path('ours.pem'), cheapPem);
    expect(() => openssl('pkey', '-in', 'ours.pem', '-passin', 'pass:wrong')).toThrow('Could not read key');
  });
});

/** One process for everything: reads files made here, writes its own, prints what it saw. */
const script = `
import base64, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec, utils

def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text), 'big')

def text(value):
    return base64.urlsafe_b64encode(value.to_bytes(48, 'big')).decode()

def p1363(signature):
    return b''.join(part.to_bytes(48, 'big') for part in utils.decode_dss_signature(signature))

def jwk_of(key):
    point = key.public_key().public_numbers()
    return {
        'kty': 'EC', 'crv': 'P-384', 'x': text(point.x), 'y': text(point.y),
        'd': text(key.private_numbers().private_value),
    }

given = json.load(sys.stdin)
password, data, es256 = given['password'].encode(), given['data'].encode(), ec.ECDSA(hashes.SHA256())
seen = []
for keys in given['keys']:
    key = s.load_pem_private_key(keys['privatePem'].encode(), password)
    public = s.load_pem_public_key(keys['publicPem'].encode())
    public.verify(bytes.fromhex(keys['signature']), data, es256)
    try:
        public.verify(bytes.fromhex(keys['signature']), data + b'.', es256)
        forged = True
    except InvalidSignature:
        forged = False
    jwk, both = keys['jwk'], bytes.fromhex(keys['p1363'])
    point = ec.EllipticCurvePublicNumbers(number(jwk['x']), number(jwk['y']), ec.SECP384R1())
    rebuilt = ec.EllipticCurvePrivateNumbers(number(jwk['d']), point).private_key()
    der = utils.encode_dss_signature(int.from_bytes(both[:48], 'big'), int.from_bytes(both[48:], 'big'))
    rebuilt.public_key().verify(der, data, es256)
    same = key.public_key().public_numbers() == public.public_numbers() == point and jwk_of(key) == jwk
    seen.append({'same': same, 'forged': forged, 'signature': key.sign(data, es256).hex()})

key = ec.generate_private_key(ec.SECP384R1())
pairs = [(der, p1363(der)) for der in (key.sign(data, es256) for _ in range(20))]
# Its x begins with a zero byte, which a JWK keeps and a careless encoder drops.
short = ec.derive_private_key(197, ec.SECP384R1())
print(json.dumps({
    'seen': seen,
    'privatePem': key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(password)).decode(),
    'publicPem': key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode(),
    'plainPem': key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode(),
    'jwk': jwk_of(key),
    'shortJwk': jwk_of(short),
    'shortPem': short.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode(),
    'signatures': [(der.hex(), both.hex()) for der, both in pairs],
}))
`;

const python = '/usr/bin/python3';
optional('python3-cryptography', [python, '-c', 'import cryptography'])('pyca/cryptography', () => {
  const hex = (made: Uint8Array) => Buffer.from(made).toString('hex');
  const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  const shown = (engine: Engine, made: SerializedKeys) => {
    const signature = engine.createSignature(made.privatePem, data, password);
    const p1363 = hex(engine.derToP1363(signature));
    const jwk = engine.exportPlainPrivateKey(made.privatePem, password, 'jwk');
    return { ...made, signature: hex(signature), p1363, jwk };
  };

  test('keys and signatures, both directions', () => {
    const keys = [shown(native, ours), shown(portable, oursPortable)];
    const input = JSON.stringify({ password, data: new TextDecoder().decode(data), keys });
    const { stdout, stderr } = spawnSync(python, ['-c', script], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    const theirs = JSON.parse(stdout);

    expect(theirs.seen).toHaveLength(2);
    for (const [, engine] of engines) {
      for (const [index, { same, forged, signature }] of theirs.seen.entries()) {
        expect({ same, forged }).toEqual({ same: true, forged: false });
        const publicPem = keys[index]?.publicPem ?? '';
        expect(engine.verifySignature(publicPem, Buffer.from(signature, 'hex'), data)).toBe(true);
      }
      const fingerprint = engine.fingerprint(theirs.publicPem);
      expect(engine.unlockSigner(theirs.privatePem, password).fingerprint).toBe(fingerprint);
      for (const key of [theirs.plainPem, theirs.jwk]) {
        expect(engine.importPlainPrivateKey(key).fingerprint).toBe(fingerprint);
      }
      expect(theirs.shortJwk.x).toMatch(/^A[A-P]/);
      expect(engine.importPlainPrivateKey(theirs.shortJwk).fingerprint).toBe(engine.fingerprint(theirs.shortPem));
      const { d, ...publicJwk } = theirs.shortJwk;
      expect(engine.exportPublicKey(engine.importVerifier(theirs.shortPem), 'jwk')).toEqual(publicJwk);
      for (const [der, p1363] of theirs.signatures.map((pair: string[]) => pair.map(bytesOf))) {
        expect(engine.derToP1363(der)).toEqual(p1363);
        expect(engine.p1363ToDer(p1363)).toEqual(der);
        expect(engine.verifySignature(theirs.publicPem, der, data)).toBe(true);
        expect(engine.verifySignature(theirs.publicPem, p1363, data, 'p1363')).toBe(true);
      }
    }
  });
});
