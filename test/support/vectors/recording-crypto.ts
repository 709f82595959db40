/** The room's real cryptography with fixed randomness, and a record of its operations. */
import { encryptFromParts } from '@chat/fernet';
import { fromBase64url, toBase64url, toHex } from '@chat/protocol';
import { createRoomCrypto, type RoomCrypto, type SenderLink } from '@chat/room';
import { unsafeSeededRandom } from './seeded-random.ts';

/** HKDF-SHA-256 to 32 bytes; secret and output in hex. */
export interface Derivation {
  readonly secret: string;
  readonly info: string;
  readonly output: string;
}

/** A padded content and its raw token; bytes in hex, `at` in seconds. */
export interface Encryption {
  readonly key: string;
  readonly plaintext: string;
  readonly at: number;
  readonly iv: string;
  readonly token: string;
}

/** A link to a recipient's prekey, and its opening (base64url); `context` is text. */
export interface Linking {
  readonly id: string;
  readonly recipient: string;
  readonly context: string;
  readonly opening: string;
}

/** A secret in a wrap (base64url) under a step of a link; `context` is text. */
export interface Wrapping {
  readonly link: string;
  readonly step: number;
  readonly secret: string;
  readonly context: string;
  readonly wrap: string;
}

/** Cryptography and its record. */
export interface Recording {
  readonly crypto: RoomCrypto;
  /** Each derivation once, in the order of first use. */
  readonly derivations: Derivation[];
  readonly encryptions: Encryption[];
  readonly links: Linking[];
  readonly wrappings: Wrapping[];
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Creates cryptography whose randomness follows from a seed. */
export function recordingCrypto(seed: string): Recording {
  const random = unsafeSeededRandom(seed);
  const real = createRoomCrypto(random);
  const derivations: Derivation[] = [];
  const encryptions: Encryption[] = [];
  const links: Linking[] = [];
  const wrappings: Wrapping[] = [];
  const recorded = (end: SenderLink): SenderLink => ({
    ...end,
    wrap(secret, context) {
      const { link, wrap } = end.wrap(secret, context);
      const { id, step } = end;
      wrappings.push({ link: id, step, secret: toHex(secret), context: text(context), wrap: toBase64url(wrap) });
      return { link: recorded(link), wrap };
    },
  });
  const crypto: RoomCrypto = {
    ...real,
    derive(secret, info) {
      const output = real.derive(secret, info);
      if (!derivations.some((known) => known.info === info && known.secret === toHex(secret))) {
        derivations.push({ secret: toHex(secret), info, output: toHex(output) });
      }
      return output;
    },
    encrypt(key, plaintext, ms) {
      const at = Math.floor(ms / 1000);
      const iv = random(16);
      const token = fromBase64url(encryptFromParts(key, plaintext, at, iv).replace(/=+$/, ''));
      encryptions.push({ key: toHex(key), plaintext: toHex(plaintext), at, iv: toHex(iv), token: toHex(token) });
      return token;
    },
    openLink({ recipient, context }) {
      const opened = real.openLink({ recipient, context });
      if (opened === null) return null;
      const { link, opening } = opened;
      const ends = { recipient: toBase64url(recipient), context: text(context) };
      links.push({ id: link.id, ...ends, opening: toBase64url(opening) });
      return { link: recorded(link), opening };
    },
  };
  return { crypto, derivations, encryptions, links, wrappings };
}
