/**
 * A stand-in for the room's cryptography, for simulations only: it binds everything that the real one binds (key, domain,
 * data; recipient and context), and hides its plaintext, but everybody who has the keyring can break it.
 */
import { hash } from 'node:crypto';
import { fromBase64url, toBase64url } from '@chat/protocol';
import type { Domain, Prekey, RoomCrypto, Signer } from '@chat/room';
import type { SeededRandom } from './seeded-random.ts';
import type { Suite } from './suite.ts';

const nonceBytes = 8;
const tagBytes = 16;
const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** SHA-256 over the parts, each with its length. */
function digest(label: string, ...parts: readonly Uint8Array[]): Buffer {
  const lengths = parts.map((part) => part.length).join(' ');
  return hash('sha256', Buffer.concat([utf8(`${label} ${lengths}\n`), ...parts]), 'buffer');
}

const domainBytes = ({ protocol, purpose, context }: Domain) => utf8(JSON.stringify([protocol, purpose, context]));

/** Adds a stream that the seed decides: applied twice, it is gone. */
function mask(seed: Buffer, data: Uint8Array): Buffer {
  const masked = Buffer.alloc(Math.ceil(data.length / 4) * 4);
  masked.set(data);
  const words = new Uint32Array(masked.buffer, masked.byteOffset, masked.length / 4);
  let [a, b, c, count] = [seed.readUInt32LE(0), seed.readUInt32LE(4), seed.readUInt32LE(8), seed.readUInt32LE(12)];
  for (let at = 0; at < words.length; at++) {
    const sum = (a + b + count) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    count = (count + 1) | 0;
    words[at] = (words[at] ?? 0) ^ sum;
  }
  return masked.subarray(0, data.length);
}

function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, context: Uint8Array): Buffer {
  const tag = digest('tag', key, nonce, context, plaintext).subarray(0, tagBytes);
  return Buffer.concat([nonce, tag, mask(digest('mask', key, nonce), plaintext)]);
}

function unseal(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array | null {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
  const plaintext = mask(digest('mask', key, nonce), sealed.subarray(nonceBytes + tagBytes));
  const expected = digest('tag', key, nonce, context, plaintext).subarray(0, tagBytes);
  return expected.equals(tag) ? plaintext : null;
}

const nothing = new Uint8Array(0);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** All keys of one run in one place: what makes it fast, and worthless outside of a test. */
export function unsafeSuite(random: SeededRandom): Suite {
  const privateKeys = new Map<string, Uint8Array>();
  const newPair = (): Prekey => {
    const privateKey = random.bytes(32);
    const publicKey = digest('public', privateKey);
    privateKeys.set(hex(publicKey), privateKey);
    return { publicKey, privateKey };
  };
  const sign = (privateKey: Uint8Array, domain: Domain, data: Uint8Array) =>
    digest('signature', privateKey, domainBytes(domain), data);
  const verify: RoomCrypto['verify'] = (publicKey, domain, data, signature) => {
    const privateKey = privateKeys.get(hex(publicKey));
    return privateKey !== undefined && sign(privateKey, domain, data).equals(signature);
  };
  const fingerprint = (publicKey: Uint8Array) => hash('sha256', publicKey, 'hex');

  return {
    newSigner(): Signer {
      const { publicKey, privateKey } = newPair();
      return {
        publicKey,
        fingerprint: fingerprint(publicKey),
        sign: (domain, data) => sign(privateKey, domain, data),
      };
    },
    newRoomCrypto: () => ({
      verify,
      fingerprint,
      random: (count) => random.bytes(count),
      derive: (secret, label) => digest('derive', secret, utf8(label)),
      encrypt: (key, plaintext) => toBase64url(seal(key, random.bytes(nonceBytes), plaintext, nothing)),
      decrypt: (key, token) => unseal(key, fromBase64url(token), nothing),
      newPrekey: newPair,
      wrap(recipient, secret, context) {
        const privateKey = privateKeys.get(hex(recipient));
        return privateKey === undefined ? null : seal(privateKey, random.bytes(nonceBytes), secret, context);
      },
      unwrap: (prekey, envelope, context) => unseal(prekey.privateKey, envelope, context),
    }),
    verifier: (publicKey) => ({
      publicKey,
      fingerprint: fingerprint(publicKey),
      verify: (domain, data, signature) => verify(publicKey, domain, data, signature),
    }),
  };
}
