/** Public keys from outside: one encoding of a key of the expected curve is accepted, everything else is refused. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { element, objectIdentifier, sequence, tag } from '../../src/encoding/der.ts';
import { encodePem } from '../../src/encoding/pem.ts';
import { ecPublicKeyOid } from '../../src/encoding/pkcs8.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import { getPublicKey } from '../../src/node.ts';
import { curves, newPair } from '../support/curves.ts';
import { engines, native } from '../support/engine.ts';
import { bitFlips, toBytes, truncations } from '../support/inputs.ts';

const folder = temporaryFolder().path;

describe.each(curves)('$name', (curve) => {
  const { name, other, options, parameters, prime, scalarBytes, spkiBytes } = curve;
  const { point } = newPair(curve);
  const spkiOfPoint = (bytes: Uint8Array) => encodeSpki({ curve: parameters, point: bytes });
  const spki = spkiOfPoint(point);
  const pem = encodePem('PUBLIC KEY', spki);
  const [x, y] = [point.subarray(1, 1 + scalarBytes), point.subarray(1 + scalarBytes)];
  const parity = (y.at(-1) ?? 0) & 1;
  const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(parameters.oid));
  const bitString = (...content: Uint8Array[]) => sequence(algorithm, element(tag.bitString, ...content));
  const spkiOf = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'spki' });
  const named = (namedCurve: string, paramEncoding: 'named' | 'explicit' = 'named') =>
    spkiOf(generateKeyPairSync('ec', { namedCurve, paramEncoding }).publicKey);
  const field = (value: bigint) => toBytes(value, scalarBytes);

  const refused: [string, Uint8Array | string][] = [
    ['the other curve', named(other)],
    ['P-521', named('P-521')],
    ['secp256k1', named('secp256k1')],
    ['Ed25519', spkiOf(generateKeyPairSync('ed25519').publicKey)],
    ['explicit parameters', named(name, 'explicit')],
    ['a compressed point', bitString(Uint8Array.of(0, 2 + parity), x)],
    ['a hybrid point', bitString(Uint8Array.of(0, 6 + parity), x, y)],
    ['the point at infinity', bitString(Uint8Array.of(0, 0))],
    ['x = y = 0', spkiOfPoint(Uint8Array.of(4, ...field(0n), ...field(0n)))],
    ['x = 0 beside a sound y', spkiOfPoint(Uint8Array.of(4, ...field(0n), ...y))],
    ['y = 0 beside a sound x', spkiOfPoint(Uint8Array.of(4, ...x, ...field(0n)))],
    ['y = p beside a sound x', spkiOfPoint(Uint8Array.of(4, ...x, ...field(prime)))],
    ['x and y exchanged', spkiOfPoint(Uint8Array.of(4, ...y, ...x))],
    ['coordinates above the field', spkiOfPoint(new Uint8Array(point.length).fill(0xff).fill(4, 0, 1))],
    ['a point of one byte less', spkiOfPoint(point.subarray(0, -1))],
    ['a point of one byte more', spkiOfPoint(Uint8Array.of(...point, 0))],
    ['unused bits', bitString(Uint8Array.of(1), point)],
    ['the bare point', point],
    ['bytes after the end', Uint8Array.of(...spki, 0)],
    ['a long-form length', Uint8Array.of(0x30, 0x81, ...spki.subarray(1))],
    ['nothing', Uint8Array.of()],
    ['an empty string', ''],
    ['PEM of another label', encodePem('PRIVATE KEY', spki)],
    ['PEM twice', pem + pem],
    ['PEM with a foreign character', pem.replace('A', '*')],
    ['hexadecimal', Buffer.from(spki).toString('hex')],
    ['null', null as unknown as string],
  ];

  test('accepts the documented form, which Node writes', () => {
    const made = generateKeyPairSync('ec', { namedCurve: name }).publicKey;
    const der = made.export({ format: 'der', type: 'spki' });
    expect(der).toHaveLength(spkiBytes);
    expect(native.importVerifier(der, options).publicKey).toEqual(new Uint8Array(der));
    expect(encodePem('PUBLIC KEY', der)).toBe(made.export({ format: 'pem', type: 'spki' }));
    expect(bitString(Uint8Array.of(0), point)).toEqual(spki);
  });

  describe.each(engines)('%s', (_name, engine) => {
    test.each(refused)('refuses %s', (_what, key) => {
      expect(thrownCode(() => engine.importVerifier(key, options))).toBe('invalid-public-key');
      expect(thrownCode(() => engine.fingerprint(key, options))).toBe('invalid-public-key');
      const signature = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);
      if (typeof key === 'string') {
        expect(thrownCode(() => engine.verifySignature(key, signature, 'x', 'der', options))).toBe(
          'invalid-public-key',
        );
        expect(thrownCode(() => engine.verifyMessage(key, signature, spki, 'x', options))).toBe('invalid-public-key');
      }
    });

    test('refuses every truncation and every bit flip', () => {
      for (const cut of truncations(spki))
        expect(thrownCode(() => engine.importVerifier(cut, options))).toBe('invalid-public-key');
      for (const flipped of bitFlips(spki)) {
        expect(thrownCode(() => engine.importVerifier(flipped, options))).toBe('invalid-public-key');
      }
    });

    test('PEM and DER have the same fingerprint', () => {
      const windows = pem.replaceAll('\n', '\r\n');
      const forms = [spki, Buffer.from(spki), pem, windows, `\n${pem}\n`];
      const names = forms.map((key) => engine.fingerprint(key, options));
      expect(new Set(names)).toEqual(new Set([Buffer.from(native.backend.sha256(spki)).toString('hex')]));
    });
  });

  describe('getPublicKey', () => {
    const path = join(folder, `${name}.pem`);

    test('returns the PEM in its canonical form', () => {
      writeFileSync(path, pem.replaceAll('\n', '\r\n'));
      expect(getPublicKey(path, options)).toBe(pem);
      expect(thrownCode(() => getPublicKey(path, { curve: other }))).toBe('invalid-public-key');
    });

    test('refuses a text that is not a public key, and throws Node’s error if there is no file', () => {
      writeFileSync(path, pem.replace('PUBLIC', 'PRIVATE'));
      expect(thrownCode(() => getPublicKey(path, options))).toBe('invalid-public-key');
      const missing = join(folder, 'none.pem');
      expect(() => getPublicKey(missing, options)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    });
  });
});
