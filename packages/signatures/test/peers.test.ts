/** openssl and pyca/cryptography read what is written here, and the reverse: signatures and encrypted keys. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optional } from '@chat/testkit';
import { afterAll, expect, test } from 'vitest';
import { engines, native, portable } from './engine.ts';
import { bytes, codeOf } from './inputs.ts';

const password = 'päss wörd';
const data = bytes('what is signed');
const folder = mkdtempSync(join(tmpdir(), 'signatures-'));
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const ours = native.createSerializedKeys(password);
const oursPortable = portable.createSerializedKeys(password);

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

  test('says no to a wrong password', () => {
    writeFileSync(path('ours.pem'), ours.privatePem);
    expect(() => openssl('pkey', '-in', 'ours.pem', '-passin', 'pass:wrong')).toThrow('Could not read key');
  });
});

/** One process for everything: reads files made here, writes its own, prints what it saw. */
const script = `
import json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec

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
    same = key.public_key().public_numbers() == public.public_numbers()
    seen.append({'same': same, 'forged': forged, 'signature': key.sign(data, es256).hex()})

key = ec.generate_private_key(ec.SECP384R1())
print(json.dumps({
    'seen': seen,
    'privatePem': key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(password)).decode(),
    'publicPem': key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode(),
    'signatures': [key.sign(data, es256).hex() for _ in range(20)],
}))
`;

const python = '/usr/bin/python3';
optional('python3-cryptography', [python, '-c', 'import cryptography'])('pyca/cryptography', () => {
  test('keys and signatures, both directions', () => {
    const made = [
      { ...ours, signature: native.createSignature(ours.privatePem, data, password) },
      { ...oursPortable, signature: portable.createSignature(oursPortable.privatePem, data, password) },
    ];
    const keys = made.map((one) => ({ ...one, signature: Buffer.from(one.signature).toString('hex') }));
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
      const { fingerprint } = engine.unlockSigner(theirs.privatePem, password);
      expect(fingerprint).toBe(engine.fingerprint(theirs.publicPem));
      for (const signature of theirs.signatures) {
        expect(engine.verifySignature(theirs.publicPem, Buffer.from(signature, 'hex'), data)).toBe(true);
      }
    }
  });
});
