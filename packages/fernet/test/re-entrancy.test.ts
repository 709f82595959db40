/** Arguments whose accessors run code that uses the same key: every call still has its own result. */
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flipBit, testKey } from './support/forge.ts';
import { backends, type Library, libraries } from './support/libraries.ts';
import { encrypted, plainCbc, plainHmac } from './support/plain-engine.ts';

/** Returns a function that runs `call` unless it is running already. */
function unnested(call: () => void): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    call();
    busy = false;
  };
}

/** Returns a Proxy of a Uint8Array that runs `call` at every access. */
function proxied(bytes: Uint8Array, call: () => void): Uint8Array {
  return new Proxy(bytes, {
    get(target, name) {
      call();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Returns a true Uint8Array whose length and methods run `call`. */
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

/** Returns a cipher, and a function that uses it in every way and checks the results. */
function everyCall({ Fernet }: Library) {
  const fernet = new Fernet(testKey);
  const known = fernet.encryptAtTime('known', 5);
  const nested = () => {
    expect(fernet.decryptText(known)).toBe('known');
    expect(fernet.decryptText(fernet.encrypt('new'))).toBe('new');
    expect(fernet.extractTimestamp(known)).toBe(5);
    expect(thrownCode(() => fernet.decrypt(`${known.slice(0, -4)}AAA=`))).toBe('invalid-token');
  };
  return { fernet, nested: unnested(nested) };
}

describe.each(libraries)('$name', (library) => {
  const { fernet, nested } = everyCall(library);
  const data = Buffer.from('data of more than one block');

  test('encrypts the actual bytes of data that run code', () => {
    expect(Buffer.from(fernet.decrypt(fernet.encrypt(calling(data, nested))))).toEqual(data);
    expect(Buffer.from(fernet.raw.decrypt(fernet.raw.encrypt(calling(data, nested))))).toEqual(data);
  });

  test('judges a raw token that runs code by its actual bytes', () => {
    const token = fernet.raw.encrypt(data);
    expect(Buffer.from(fernet.raw.decrypt(calling(token, nested)))).toEqual(data);
    for (const bit of [0, 80, 300, token.length * 8 - 1]) {
      expect(thrownCode(() => fernet.raw.decrypt(calling(flipBit(token, bit), nested)))).toBe('invalid-token');
    }
  });

  test('refuses a forged raw token whose methods return the parts of a valid one', () => {
    const token = new Uint8Array(fernet.raw.encrypt(data));
    class TwoFaced extends Uint8Array {
      override subarray(...range: [number?, number?]) {
        return token.subarray(...range);
      }
    }
    expect(thrownCode(() => fernet.raw.decrypt(new TwoFaced(flipBit(token, 300))))).toBe('invalid-token');
    expect(thrownCode(() => fernet.raw.extractTimestamp(new TwoFaced(flipBit(token, 300))))).toBe('invalid-token');
  });

  test('accepts options that run code', () => {
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
    const ttlOnly = {
      get ttl() {
        return options.ttl;
      },
    };
    expect(thrownCode(() => fernet.decrypt(token, ttlOnly))).toBe('invalid-token');
  });

  test('refuses a proxy of a Uint8Array', () => {
    const token = fernet.raw.encrypt(data);
    expect(proxied(data, nested)).toBeInstanceOf(Uint8Array);
    expect(thrownCode(() => fernet.encrypt(proxied(data, nested)))).toBe('invalid-argument');
    expect(thrownCode(() => fernet.raw.decrypt(proxied(token, nested)))).toBe('invalid-argument');
    const iv = proxied(Buffer.alloc(16), nested);
    expect(thrownCode(() => library.encryptFromParts(testKey, data, 0, iv))).toBe('invalid-argument');
  });
});

describe.each(Object.entries(backends))('%s', (_, backend) => {
  test('gives each call its own result when calls are nested, also after failures', () => {
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
