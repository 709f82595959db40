/**
 * The two ends of a link with a fake encapsulation: it is a handle under which the keyring keeps the link's first chain key. Chain, steps
 * and the form of what is sent are as in `@chat/ecdh-hub`, with one hash in place of each HMAC.
 */
import { hash } from 'node:crypto';
import { fromBase64url, limits, toBase64url, wrapBytes } from '@chat/protocol';
import type { LinkedWrap, RecipientLink, SenderLink, UnwrapFailure, UnwrappedKey } from '@chat/room';

const idBytes = 8;
const headBytes = idBytes + 4;
const tagBytes = 16;
const maxSkipped = 1_024;

const hashed = (...parts: (Uint8Array | string)[]): Uint8Array =>
  new Uint8Array(hash('sha256', Buffer.concat(parts.map((part) => Buffer.from(part))), 'buffer'));
const stepKey = (chainKey: Uint8Array) => hashed(chainKey, 'step');
const nextChainKey = (chainKey: Uint8Array) => hashed(chainKey, 'chain');
const tagOf = (key: Uint8Array, head: Uint8Array, context: Uint8Array, secret: Uint8Array) =>
  hashed(key, head, secret, context).subarray(0, tagBytes);
const xor = (bytes: Uint8Array, pad: Uint8Array) => bytes.map((byte, at) => byte ^ (pad[at] ?? 0));

/** The beginning of a link. */
export interface FakeRoot {
  readonly id: string;
  readonly chainKey: Uint8Array;
}

/** Returns an opening of the usual size that contains a handle, and the id of its link. */
export function openingWith(
  handle: Uint8Array,
  context: Uint8Array,
): { readonly id: string; readonly opening: Uint8Array } {
  const opening = new Uint8Array(limits.openingBytes);
  opening.set([1, 4]);
  opening.set(handle, 2);
  return { id: idOf(opening, context), opening };
}

/** Returns the id of the link that an opening opens. */
export const idOf = (opening: Uint8Array, context: Uint8Array): string =>
  toBase64url(hashed(opening, context).subarray(0, idBytes));

/** The handle in an opening; its size is that of the keyring's handles. */
export const handleIn = (opening: Uint8Array, handleBytes: number): Uint8Array => opening.slice(2, 2 + handleBytes);

/** Returns the sender's end of a link. */
export function fakeSender({ id, chainKey }: FakeRoot, step = 1): SenderLink {
  return {
    id,
    step,
    wrap(secret, context): LinkedWrap {
      const key = stepKey(chainKey);
      const wrap = new Uint8Array(wrapBytes);
      wrap.set(fromBase64url(id));
      new DataView(wrap.buffer).setUint32(idBytes, step);
      const tag = tagOf(key, wrap.slice(0, headBytes), context, secret);
      wrap.set(tag, headBytes);
      wrap.set(xor(secret, hashed(key, tag)), headBytes + tagBytes);
      return { wrap, link: fakeSender({ id, chainKey: nextChainKey(chainKey) }, step + 1) };
    },
    toJSON: () => ({ id, step, chainKey: toBase64url(chainKey) }),
  };
}

type Skipped = Readonly<Record<number, string>>;

/** Returns the recipient's end of a link. */
export function fakeRecipient({ id, chainKey }: FakeRoot, step = 1, skipped: Skipped = {}): RecipientLink {
  const opened = (key: Uint8Array, wrap: Uint8Array, context: Uint8Array): Uint8Array | null => {
    const tag = wrap.slice(headBytes, headBytes + tagBytes);
    const secret = xor(wrap.slice(headBytes + tagBytes), hashed(key, tag));
    const own = tagOf(key, wrap.slice(0, headBytes), context, secret);
    return Buffer.compare(own, tag) === 0 ? secret : null;
  };
  const late = (at: number, wrap: Uint8Array, context: Uint8Array): UnwrappedKey | UnwrapFailure => {
    const { [at]: held, ...others } = skipped;
    const key = held === undefined ? null : opened(fromBase64url(held), wrap, context);
    if (held === undefined) return 'used';
    return key === null ? 'failed' : { key, link: fakeRecipient({ id, chainKey }, step, others) };
  };
  return {
    id,
    step,
    hasSkipped: Object.keys(skipped).length > 0,
    unwrap(wrap, context): UnwrappedKey | UnwrapFailure {
      if (wrap.length !== wrapBytes || toBase64url(wrap.subarray(0, idBytes)) !== id) return 'failed';
      const at = new DataView(wrap.buffer, wrap.byteOffset).getUint32(idBytes);
      if (at < step) return late(at, wrap, context);
      if (at - step > maxSkipped) return 'ahead';
      let chain = chainKey;
      const passed: [number, string][] = [];
      for (let each = step; each < at; each++) {
        passed.push([each, toBase64url(stepKey(chain))]);
        chain = nextChainKey(chain);
      }
      const key = opened(stepKey(chain), wrap, context);
      if (key === null) return 'failed';
      const kept = { ...skipped, ...Object.fromEntries(passed) };
      return { key, link: fakeRecipient({ id, chainKey: nextChainKey(chain) }, at + 1, kept) };
    },
    forgetBefore: (before) =>
      fakeRecipient(
        { id, chainKey },
        step,
        Object.fromEntries(Object.entries(skipped).filter(([at]) => Number(at) >= before)),
      ),
    toJSON: () => ({ id, step, chainKey: toBase64url(chainKey), skipped }),
  };
}

interface StoredEnd {
  readonly id: string;
  readonly step: number;
  readonly chainKey: string;
  readonly skipped?: Skipped;
}

const read = (text: string) => {
  const { id, step, chainKey, skipped = {} } = JSON.parse(text) as StoredEnd;
  return { root: { id, chainKey: fromBase64url(chainKey) }, step, skipped };
};

/** Reads a sender's end from its text. */
export function readFakeSender(text: string): SenderLink {
  const { root, step } = read(text);
  return fakeSender(root, step);
}

/** Reads a recipient's end from its text. */
export function readFakeRecipient(text: string): RecipientLink {
  const { root, step, skipped } = read(text);
  return fakeRecipient(root, step, skipped);
}
