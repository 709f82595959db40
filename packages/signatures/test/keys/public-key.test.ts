/** Public keys from outside: one encoding of a P-384 key is accepted, everything else is refused. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { element, objectIdentifier, sequence, tag } from '../../src/encoding/der.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { ecPublicKeyOid, secp384r1Oid } from '../../src/encoding/pkcs8.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import { getPublicKey } from '../../src/node.ts';
import { engines, native } from '../support/engine.ts';
import { bitFlips, truncations } from '../support/inputs.ts';

const { point } = native.backend.generateKeyPair();
const spki = encodeSpki(point);
const pem = encodePem('PUBLIC KEY', spki);
const x = point.subarray(1, 49);
const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(secp384r1Oid));
const folder = temporaryFolder().path;

function spkiOf(type: 'P-256' | 'P-521' | 'secp256k1' | 'ed25519' | 'explicit'): Uint8Array {
  return keyOf(type).export({ format: 'der', type: 'spki' });
}

function keyOf(type: Parameters<typeof spkiOf>[0]): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').publicKey;
  if (type !== 'explicit') return generateKeyPairSync('ec', { namedCurve: type }).publicKey;
  return generateKeyPairSync('ec', { namedCurve: 'P-384', paramEncoding: 'explicit' }).publicKey;
}

function bitString(...content: Uint8Array[]): Uint8Array {
  return sequence(algorithm, element(tag.bitString, ...content));
}

const refused: [string, Uint8Array | string][] = [
  ['P-256', spkiOf('P-256')],
  ['P-521', spkiOf('P-521')],
  ['secp256k1', spkiOf('secp256k1')],
  ['Ed25519', spkiOf('ed25519')],
  ['P-384 with explicit parameters', spkiOf('explicit')],
  ['a compressed point', bitString(Uint8Array.of(0, 2 + ((point[96] ?? 0) & 1)), x)],
  ['a hybrid point', bitString(Uint8Array.of(0, 6 + ((point[96] ?? 0) & 1)), point.subarray(1))],
  ['the point at infinity', bitString(Uint8Array.of(0, 0))],
  ['x = y = 0', encodeSpki(Uint8Array.of(4, ...new Uint8Array(96)))],
  ['x and y exchanged', encodeSpki(Uint8Array.of(4, ...point.subarray(49), ...x))],
  ['coordinates above the field', encodeSpki(Uint8Array.of(4, ...new Uint8Array(96).fill(0xff)))],
  ['unused bits', bitString(Uint8Array.of(1), point)],
  ['the bare point', point],
  ['bytes after the end', Uint8Array.of(...spki, 0)],
  ['a long-form length', Uint8Array.of(0x30, 0x81, 0x76, ...spki.subarray(2))],
  ['nothing', Uint8Array.of()],
  ['an empty string', ''],
  ['PEM of another label', encodePem('PRIVATE KEY', spki)],
  ['PEM twice', pem + pem],
  ['PEM with a foreign character', pem.replace('A', '*')],
  ['hexadecimal', Buffer.from(spki).toString('hex')],
  ['null', null as unknown as string],
];

test('accepts the documented form, which Node writes', () => {
  const made = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  const der = made.export({ format: 'der', type: 'spki' });
  expect(native.importVerifier(der).publicKey).toEqual(new Uint8Array(der));
  expect(encodePem('PUBLIC KEY', der)).toBe(made.export({ format: 'pem', type: 'spki' }));
  expect(bitString(Uint8Array.of(0), point)).toEqual(spki);
});

describe.each(engines)('%s', (_name, engine) => {
  test.each(refused)('refuses %s', (_what, key) => {
    expect(thrownCode(() => engine.importVerifier(key))).toBe('invalid-public-key');
    expect(thrownCode(() => engine.fingerprint(key))).toBe('invalid-public-key');
    const signature = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);
    if (typeof key === 'string') {
      expect(thrownCode(() => engine.verifySignature(key, signature, 'x'))).toBe('invalid-public-key');
      expect(thrownCode(() => engine.verifyMessage(key, signature, spki, 'x'))).toBe('invalid-public-key');
    }
  });

  test('refuses every truncation and every bit flip', () => {
    for (const cut of truncations(spki))
      expect(thrownCode(() => engine.importVerifier(cut))).toBe('invalid-public-key');
    for (const flipped of bitFlips(spki)) {
      expect(thrownCode(() => engine.importVerifier(flipped))).toBe('invalid-public-key');
    }
  });

  test('PEM and DER have the same fingerprint', () => {
    const windows = pem.replaceAll('\n', '\r\n');
    const names = [spki, Buffer.from(spki), pem, windows, `\n${pem}\n`].map((key) => engine.fingerprint(key));
    expect(new Set(names)).toEqual(new Set([Buffer.from(native.backend.sha256(spki)).toString('hex')]));
  });
});

describe('getPublicKey', () => {
  const path = join(folder, 'key.pem');

  test('returns the PEM in its canonical form', () => {
    writeFileSync(path, pem.replaceAll('\n', '\r\n'));
    expect(getPublicKey(path)).toBe(pem);
  });

  test('refuses a text that is not a public key, and throws Node’s error if there is no file', () => {
    writeFileSync(path, pem.replace('PUBLIC', 'PRIVATE'));
    expect(thrownCode(() => getPublicKey(path))).toBe('invalid-public-key');
    expect(() => getPublicKey(join(folder, 'none.pem'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
