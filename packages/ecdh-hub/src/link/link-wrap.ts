/**
 * The wrap of a key under one step of a link: 60 bytes. All of it may be public.
 *
 *     link id (8) | step (4) | tag (16) | ciphertext (32)
 *
 * The tag is a MAC of the context and the key itself, and the pad that encrypts the key is derived from the tag: a synthetic
 * initialisation vector (Rogaway and Shrimpton, "The Key-Wrap Problem", 2006), with HMAC as the pseudorandom function. So there is no
 * nonce to choose or to repeat. If a step is used twice, because its sender was restored from a copy, two different keys or contexts
 * have two unrelated pads; the same key in the same context gives the same bytes.
 */
import type { Backend } from '../backend/backend.ts';
import { toBase64url } from '../encoding/base64url.ts';
import { concat, equalBytes, lengthPrefixed, requireBytes } from '../encoding/bytes.ts';
import { hmacSha256 } from './hmac.ts';
import { linkIdBytes } from './root.ts';

/** The size of the key that a wrap carries. */
export const wrappedKeyBytes = 32;
const stepBytes = 4;
const headerBytes = linkIdBytes + stepBytes;
const tagBytes = 16;
const linkWrapBytes = headerBytes + tagBytes + wrappedKeyBytes;

const tagLabel = /* @__PURE__ */ new TextEncoder().encode('ecdh-hub link tag v1');
const padLabel = /* @__PURE__ */ new TextEncoder().encode('ecdh-hub link pad v1');

/** The parts of a wrap that need no key to read. They are not verified until the wrap opens. */
export interface LinkWrap {
  /** The id of the link, like `LinkRecipient.id`: 11 letters of base64url. */
  readonly link: string;
  /** The number of the step. */
  readonly step: number;
}

/** What `sealKey` wraps, and for what. */
export interface Sealed {
  readonly id: Uint8Array;
  readonly step: number;
  readonly context: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Wraps a key under the key of a step. */
export function sealKey(backend: Backend, stepKey: Uint8Array, { id, step, context, key }: Sealed): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header.set(id);
  new DataView(header.buffer).setUint32(linkIdBytes, step);
  const tag = tagOf(backend, stepKey, [header, context, key]);
  return concat([header, tag, xor(key, padOf(backend, stepKey, tag))]);
}

/** Unwraps a key with the key of the step. Returns `null` if the tag does not match. */
export function openKey(
  backend: Backend,
  stepKey: Uint8Array,
  { wrap, context }: { readonly wrap: Uint8Array; readonly context: Uint8Array },
): Uint8Array | null {
  const header = wrap.subarray(0, headerBytes);
  const tag = wrap.subarray(headerBytes, headerBytes + tagBytes);
  const key = xor(wrap.subarray(headerBytes + tagBytes), padOf(backend, stepKey, tag));
  if (equalBytes(tagOf(backend, stepKey, [header, context, key]), tag)) return key;
  key.fill(0);
  return null;
}

/**
 * Reads the link and the step of a wrap, for a recipient who looks for the link.
 *
 * @throws HubError `invalid-link` if it is not 60 bytes
 */
export function decodeLinkWrap(wrap: Uint8Array): LinkWrap {
  requireBytes(wrap, 'a wrap of a link', { minBytes: linkWrapBytes, maxBytes: linkWrapBytes, code: 'invalid-link' });
  const step = new DataView(wrap.buffer, wrap.byteOffset).getUint32(linkIdBytes);
  return { link: toBase64url(wrap.subarray(0, linkIdBytes)), step };
}

function tagOf(backend: Backend, stepKey: Uint8Array, fields: readonly Uint8Array[]): Uint8Array {
  const message = lengthPrefixed([tagLabel, ...fields]);
  const mac = hmacSha256(backend, stepKey, message);
  message.fill(0);
  return mac.slice(0, tagBytes);
}

function padOf(backend: Backend, stepKey: Uint8Array, tag: Uint8Array): Uint8Array {
  return hmacSha256(backend, stepKey, lengthPrefixed([padLabel, tag]));
}

function xor(text: Uint8Array, pad: Uint8Array): Uint8Array {
  const result = new Uint8Array(wrappedKeyBytes);
  for (let i = 0; i < wrappedKeyBytes; i++) result[i] = (text[i] ?? 0) ^ (pad[i] ?? 0);
  return result;
}
