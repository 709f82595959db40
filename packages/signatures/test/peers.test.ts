/** openssl and pyca/cryptography read the keys and signatures of this library in all their forms, and the reverse. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython, optional, temporaryFolder, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { encodePem } from '../src/encoding/pem.ts';
import { encodeSpki } from '../src/encoding/spki.ts';
import type { SerializedKeys } from '../src/index.ts';
import { curves, newPair } from './support/curves.ts';
import { type Engine, engines, native, portable } from './support/engine.ts';
import { bytes, cheap, iv } from './support/inputs.ts';

const password = 'päss wörd';
const data = bytes('signed data');
const folder = temporaryFolder().path;
const path = (name: string) => join(folder, name);

/** Parameters like those of a new key, at a lower cost. */
const scrypt = { name: 'scrypt', salt: new Uint8Array(16).fill(3), N: 2 ** 10, r: 8, p: 2 } as const;

const hex = (made: Uint8Array) => Buffer.from(made).toString('hex');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** One process for all checks: reads keys and signatures of this library, and writes its own and its results. */
const script = `
import base64, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec, utils

given = json.load(sys.stdin)
curve, size = {'P-384': (ec.SECP384R1(), 48), 'P-256': (ec.SECP256R1(), 32)}[given['curve']]

def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)), 'big')

def text(value):
    return base64.urlsafe_b64encode(value.to_bytes(size, 'big')).decode().rstrip('=')

def p1363(signature):
    return b''.join(part.to_bytes(size, 'big') for part in utils.decode_dss_signature(signature))

def jwk_of(key):
    point = key.public_key().public_numbers()
    return {
        'kty': 'EC', 'crv': given['curve'], 'x': text(point.x), 'y': text(point.y),
        'd': text(key.private_numbers().private_value),
    }

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
    point = ec.EllipticCurvePublicNumbers(number(jwk['x']), number(jwk['y']), curve)
    rebuilt = ec.EllipticCurvePrivateNumbers(number(jwk['d']), point).private_key()
    der = utils.encode_dss_signature(int.from_bytes(both[:size], 'big'), int.from_bytes(both[size:], 'big'))
    rebuilt.public_key().verify(der, data, es256)
    same = key.public_key().public_numbers() == public.public_numbers() == point and jwk_of(key) == jwk
    seen.append({'same': same, 'forged': forged, 'signature': key.sign(data, es256).hex()})

key = ec.generate_private_key(curve)
pairs = [(der, p1363(der)) for der in (key.sign(data, es256) for _ in range(20))]
# Its x begins with a zero byte, which a JWK keeps and a careless encoder drops.
short = next(
    key for key in (ec.derive_private_key(scalar, curve) for scalar in range(1, 10000))
    if key.public_key().public_numbers().x < 1 << (8 * size - 8)
)
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

const openssl = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stdout} ${stderr}`);
  return stdout.toString();
};
const passin = ['-passin', `pass:${password}`];
const passout = ['-passout', `pass:${password}`];

/** How openssl encrypts keys. */
const encryptions: readonly [string, string[]][] = [
  ['its own default', ['-v2', 'aes-256-cbc']],
  ['scrypt', ['-scrypt']],
  ['costly scrypt', ['-scrypt', '-scrypt_N', '8192', '-scrypt_r', '16', '-scrypt_p', '2']],
  ['PBKDF2 with SHA-512', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '10000']],
  ['PBKDF2 with SHA-1', ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA1']],
];

const python = findPython();

describe.each(curves)('$name', (curve) => {
  const { name, options } = curve;
  const genkey = ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
  const ours = native.createSerializedKeys(password, options);
  const pair = newPair(curve);
  const cheapPem = native.lockKeyPairWith(pair, password, { derivation: cheap, iv });
  const cheapPublicPem = encodePem('PUBLIC KEY', encodeSpki(pair));
  const oursPortable = {
    privatePem: portable.lockKeyPairWith(pair, password, { derivation: scrypt, iv }),
    publicPem: cheapPublicPem,
  };

  optional('openssl', ['openssl', 'version'])('openssl', () => {
    test.each([
      ['native', ours],
      ['portable', oursPortable],
    ])('opens a key of this library (%s), and its signatures verify', (_name, { privatePem, publicPem }) => {
      writeFileSync(path('ours.pem'), privatePem);
      writeFileSync(path('data'), data);
      expect(openssl('pkey', '-in', 'ours.pem', ...passin, '-pubout')).toBe(publicPem);
      openssl('dgst', '-sha256', '-sign', 'ours.pem', ...passin, '-out', 'data.sig', 'data');
      for (const [, engine] of engines) {
        expect(engine.verifySignature(publicPem, readFileSync(path('data.sig')), data, 'der', options)).toBe(true);
      }
    });

    test.each(engines)('verifies a signature of this library (%s) with a domain', (_name, engine) => {
      const domain = { protocol: 'test/1', purpose: 'peer', context: 'ü' };
      const signer = engine.generateSigner(options);
      writeFileSync(path('signed'), engine.domainSeparated(domain, data));
      writeFileSync(path('signed.sig'), signer.sign(domain, data));
      writeFileSync(path('signer.der'), signer.publicKey);
      const verify = ['dgst', '-sha256', '-verify', 'signer.der', '-keyform', 'DER', '-signature', 'signed.sig'];
      expect(() => openssl(...verify, 'signed')).not.toThrow();
      writeFileSync(path('signed'), data);
      expect(() => openssl(...verify, 'signed')).toThrow();
    });

    // The encryption does not depend on the curve, so P-256 gets some of the ways only.
    test.each(name === 'P-384' ? encryptions : encryptions.slice(0, 2))(
      'encrypts a key with %s, and this library opens it',
      (_name, flags) => {
        openssl(...genkey, '-out', 'plain.pem');
        openssl('pkcs8', '-topk8', '-in', 'plain.pem', '-out', 'theirs.pem', ...flags, ...passout);
        const publicPem = openssl('pkey', '-in', 'plain.pem', '-pubout');
        const pem = readFileSync(path('theirs.pem'), 'utf8');
        for (const [, engine] of engines) {
          expect(engine.unlockSigner(pem, password, options).fingerprint).toBe(engine.fingerprint(publicPem, options));
        }
        expect(thrownCode(() => native.unlockSigner(pem, 'wrong', options))).toBe('wrong-password');
      },
    );

    test('writes keys with genpkey that this library opens, and reads keys that encryptPrivateKey encrypted', () => {
      const genpkey = [...genkey, '-out', 'made.pem'];
      openssl(...genpkey, '-aes256', '-pass', `pass:${password}`);
      native.unlockSigner(readFileSync(path('made.pem'), 'utf8'), password, options);
      openssl(...genpkey);
      const publicPem = openssl('pkey', '-in', 'made.pem', '-pubout');
      writeFileSync(
        path('ours.pem'),
        native.encryptPrivateKey(readFileSync(path('made.pem'), 'utf8'), password, options),
      );
      expect(openssl('pkey', '-in', 'ours.pem', ...passin, '-pubout')).toBe(publicPem);
    });

    test('and this library read each other’s plain and public keys in DER and PEM', () => {
      for (const [, engine] of engines) {
        const verifier = engine.importVerifier(cheapPublicPem, options);
        writeFileSync(path('plain.der'), engine.exportPlainPrivateKey(cheapPem, password, 'der', options));
        writeFileSync(path('plain.pem'), engine.exportPlainPrivateKey(cheapPem, password, 'pem', options));
        writeFileSync(path('public.der'), engine.exportPublicKey(verifier, 'der'));
        expect(openssl('pkey', '-inform', 'DER', '-in', 'plain.der', '-pubout')).toBe(cheapPublicPem);
        expect(openssl('pkey', '-in', 'plain.pem', '-pubout')).toBe(cheapPublicPem);
        expect(openssl('pkey', '-inform', 'DER', '-pubin', '-in', 'public.der')).toBe(
          engine.exportPublicKey(verifier, 'pem'),
        );
        openssl(...genkey, '-out', 'made.pem');
        openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'made.pem', '-outform', 'DER', '-out', 'made.der');
        openssl('pkey', '-in', 'made.pem', '-pubout', '-out', 'made.pub');
        const signer = engine.importPlainPrivateKey(readFileSync(path('made.der')), options);
        expect(signer.fingerprint).toBe(engine.fingerprint(readFileSync(path('made.pub'), 'utf8'), options));
      }
    });

    test('refuses a wrong password', () => {
      writeFileSync(path('ours.pem'), cheapPem);
      expect(() => openssl('pkey', '-in', 'ours.pem', ...passin)).not.toThrow();
      expect(() => openssl('pkey', '-in', 'ours.pem', '-passin', 'pass:wrong')).toThrow();
    });
  });

  optional('python3-cryptography', [python, '-c', 'import cryptography'])('pyca/cryptography', () => {
    const shown = (engine: Engine, made: SerializedKeys) => {
      const signature = engine.createSignature(made.privatePem, data, password, 'der', options);
      const p1363 = hex(engine.derToP1363(signature, options));
      const jwk = engine.exportPlainPrivateKey(made.privatePem, password, 'jwk', options);
      return { ...made, signature: hex(signature), p1363, jwk };
    };

    test('and this library read each other’s keys and signatures', () => {
      const keys = [shown(native, ours), shown(portable, oursPortable)];
      const input = JSON.stringify({ curve: name, password, data: new TextDecoder().decode(data), keys });
      const { stdout, stderr } = spawnSync(python, ['-c', script], { input, encoding: 'utf8' });
      expect(stderr).toBe('');
      const theirs = JSON.parse(stdout);

      expect(theirs.seen).toHaveLength(2);
      for (const [, engine] of engines) {
        for (const [index, { same, forged, signature }] of theirs.seen.entries()) {
          expect({ same, forged }).toEqual({ same: true, forged: false });
          const publicPem = keys[index]?.publicPem ?? '';
          expect(engine.verifySignature(publicPem, Buffer.from(signature, 'hex'), data, 'der', options)).toBe(true);
        }
        const fingerprint = engine.fingerprint(theirs.publicPem, options);
        expect(engine.unlockSigner(theirs.privatePem, password, options).fingerprint).toBe(fingerprint);
        for (const key of [theirs.plainPem, theirs.jwk]) {
          expect(engine.importPlainPrivateKey(key, options).fingerprint).toBe(fingerprint);
        }
        expect(theirs.shortJwk.x).toMatch(/^A[A-P]/);
        expect(engine.importPlainPrivateKey(theirs.shortJwk, options).fingerprint).toBe(
          engine.fingerprint(theirs.shortPem, options),
        );
        const { d, ...publicJwk } = theirs.shortJwk;
        expect(engine.exportPublicKey(engine.importVerifier(theirs.shortPem, options), 'jwk')).toEqual(publicJwk);
        for (const [der, p1363] of theirs.signatures.map((pair: string[]) => pair.map(bytesOf))) {
          expect(engine.derToP1363(der, options)).toEqual(p1363);
          expect(engine.p1363ToDer(p1363, options)).toEqual(der);
          expect(engine.verifySignature(theirs.publicPem, der, data, 'der', options)).toBe(true);
          expect(engine.verifySignature(theirs.publicPem, p1363, data, 'p1363', options)).toBe(true);
        }
      }
    });
  });
});

optional('openssl', ['openssl', 'version'])('openssl, with any curve', () => {
  test('writes files that need an upgrade with 2,048 rounds, and not with 600,000', () => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'plain.pem');
    const encrypt = (iterations: number) => {
      const flags = ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA256', '-iter', String(iterations)];
      return openssl('pkcs8', '-topk8', '-in', 'plain.pem', ...flags, ...passout);
    };
    expect(native.needsRehash(encrypt(2048))).toBe(true);
    expect(native.needsRehash(encrypt(600_000))).toBe(false);
  });
});
