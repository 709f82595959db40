/** Arguments that run code when they are read, and there call the very same key: every call is still as if it were alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, flipBit, KEY } from './forge.ts';
import { backends, type Library, libraries } from './libraries.ts';
import { encrypted, plainCbc, plainHmac } from './plain-engine.ts';

/** Something to do whenever an argument is read, but not from within itself. */
function unnested(call: () => void): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    call();
    busy = false;
  };
}

/** An instance of Uint8Array by its prototype, which calls back at every access. */
function proxied(bytes: Uint8Array, call: () => void): Uint8Array {
  return new Proxy(bytes, {
    get(target, name) {
      call();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A true Uint8Array whose length and methods call back. */
function calling(bytes: Uint8Array, call: () => void): Uint8Array {
  class Calling extends Uint8Array {
    override get length() {
      call();
      return super.length;
    }
    override get byteOffset() {
      call();
      return super.byteOffset;
    }
    override subarray(...range: [number?, number?]) {
      call();
      return new Uint8Array(this.buffer).subarray(...range);
    }
  }
  return new Calling(bytes);
}

/** Uses the key in every way, and holds what it gives against what it must be. */
function everyCall({ Fernet }: Library) {
  const fernet = new Fernet(KEY);
  const known = fernet.encryptAtTime('known', 5);
  const nested = () => {
    expect(fernet.decryptText(known)).toBe('known');
    expect(fernet.decryptText(fernet.encrypt('new'))).toBe('new');
    expect(fernet.extractTimestamp(known)).toBe(5);
    expect(codeOf(() => fernet.decrypt(`${known.slice(0, -4)}AAA=`))).toBe('invalid-token');
  };
  return { fernet, nested: unnested(nested) };
}

describe.each(libraries)('$name', (library) => {
  const { fernet, nested } = everyCall(library);
  const data = Buffer.from('data of more than one block');

  test('data that call back go in as they are', () => {
    expect(Buffer.from(fernet.decrypt(fernet.encrypt(calling(data, nested))))).toEqual(data);
    expect(Buffer.from(fernet.raw.decrypt(fernet.raw.encrypt(calling(data, nested))))).toEqual(data);
  });

  test('a raw token that calls back is judged by its own bytes', () => {
    const token = fernet.raw.encrypt(data);
    expect(Buffer.from(fernet.raw.decrypt(calling(token, nested)))).toEqual(data);
    for (const bit of [0, 80, 300, token.length * 8 - 1]) {
      expect(codeOf(() => fernet.raw.decrypt(calling(flipBit(token, bit), nested)))).toBe('invalid-token');
    }
  });

  test('a forged raw token that shows the parts of a good one does not open', () => {
    const token = new Uint8Array(fernet.raw.encrypt(data));
    class TwoFaced extends Uint8Array {
      override subarray(...range: [number?, number?]) {
        return token.subarray(...range);
      }
    }
    expect(codeOf(() => fernet.raw.decrypt(new TwoFaced(flipBit(token, 300))))).toBe('invalid-token');
    expect(codeOf(() => fernet.raw.extractTimestamp(new TwoFaced(flipBit(token, 300))))).toBe('invalid-token');
  });

  test('options that call back', () => {
    const token = fernet.encryptAtTime(data, 1000);
    const options = {
      get ttl() {
        nested();
        return 10;
      },
      get now() {
        nested();
        return 1010;
      },
    };
    expect(Buffer.from(fernet.decryptAtTime(token, options))).toEqual(data);
    expect(codeOf(() => fernet.decrypt(token, options))).toBe('invalid-token');
  });

  test('a proxy is no Uint8Array', () => {
    const token = fernet.raw.encrypt(data);
    expect(proxied(data, nested)).toBeInstanceOf(Uint8Array);
    expect(codeOf(() => fernet.encrypt(proxied(data, nested)))).toBe('invalid-argument');
    expect(codeOf(() => fernet.raw.decrypt(proxied(token, nested)))).toBe('invalid-argument');
    const iv = proxied(Buffer.alloc(16), nested);
    expect(codeOf(() => library.encryptFromParts(KEY, data, 0, iv))).toBe('invalid-argument');
  });
});

describe.each(Object.entries(backends))('%s', (_, backend) => {
  test('calls from within a call that is under way, some of which fail', () => {
    const [signing, encryption] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const key = backend.importKey(Uint8Array.from(signing), Uint8Array.from(encryption));
    const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const text = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(ivs, ivs, text, fc.boolean(), (outer, inner, plaintext, fails) => {
        const expected = (iv: Uint8Array) => plainCbc('encrypt', encryption, iv, plaintext);
        const nested = unnested(() => {
          if (fails) expect(() => encrypted(key, inner, plaintext.subarray(1))).toThrow();
          expect(Buffer.from(encrypted(key, inner, plaintext))).toEqual(expected(inner));
          expect(Buffer.from(key.decrypt(Buffer.concat([inner, expected(inner)])))).toEqual(Buffer.from(plaintext));
          expect(Buffer.from(key.authenticate(plaintext))).toEqual(plainHmac(signing, plaintext));
        });
        expect(Buffer.from(encrypted(key, proxied(outer, nested), plaintext))).toEqual(expected(outer));
        expect(Buffer.from(encrypted(key, outer, plaintext))).toEqual(expected(outer));
        const mac = plainHmac(signing, plaintext);
        expect(Buffer.from(key.authenticate(calling(plaintext, nested)))).toEqual(mac);
        expect(key.verify(calling(plaintext, nested), mac)).toBe(true);
      }),
    );
  });
});
