/**
 * An attacker of the future, who has kept everything that the server and the wire ever had, and computes all classical private keys: those
 * of identities, of TLS, and of the X25519 half of prekeys. The attacker tries what that gives.
 */
import { type Fingerprint, FrameDecoder, parsePayload, type RoomId, toHex, wrapBytes } from '@chat/protocol';
import { createRoomCrypto, linkContext, wrapContext } from '@chat/room';
import type { Store } from '@chat/server-core';
import { backend } from '../../packages/ecdh-hub/src/backend/native.ts';
import { nextChainKey, stepKeyOf } from '../../packages/ecdh-hub/src/link/chain.ts';
import { openKey } from '../../packages/ecdh-hub/src/link/link-wrap.ts';
import { deriveRoot } from '../../packages/ecdh-hub/src/link/root.ts';

const crypto = createRoomCrypto();
const [headBytes, ciphertextBytes, hashBytes] = [18, 1_088, 32];
const seedOfMlKemBytes = 64;
/** `\./` and `/^\`, as the draft of X-Wing has it. */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
/** No link of the test gets to this step. */
const maxStep = 24;

/** A prekey of a user, with what the attacker computes of its private key. */
export interface Broken {
  readonly publicKey: Uint8Array;
  /** The private key of X25519. */
  readonly scalar: Uint8Array;
}

interface Opening {
  readonly to: Fingerprint;
  readonly opening: Uint8Array;
}

/** Everything that the attacker has kept. */
export interface Harvest {
  /** Fingerprint of the server's CA. */
  readonly ca: Fingerprint;
  readonly people: readonly Fingerprint[];
  readonly room: RoomId;
  readonly openings: readonly Opening[];
  readonly wraps: readonly Uint8Array[];
  readonly tokens: readonly { readonly token: Uint8Array; readonly by: Fingerprint }[];
  /** The field `past` of epochs. */
  readonly pasts: readonly { readonly number: number; readonly past: string }[];
  /** The number of the latest epoch. */
  readonly latest: number;
}

/**
 * Returns what the attacker finds in the frames of all clients, without TLS, and in the server's store. What the server sends has no
 * wrap and no opening that no client has sent.
 */
export async function harvestOf(
  frames: readonly Uint8Array[],
  store: Store,
  at: Pick<Harvest, 'ca' | 'people' | 'room'>,
): Promise<Harvest> {
  const openings = new Map<string, Opening>();
  const wraps = new Map<string, Uint8Array>();
  const put = (slots: Uint8Array) => {
    for (let from = 0; from < slots.length; from += wrapBytes) {
      const slot = slots.slice(from, from + wrapBytes);
      if (slot.some((byte) => byte !== 0)) wraps.set(toHex(slot), slot);
    }
  };
  for (const frame of frames.flatMap((bytes) => [...new FrameDecoder().push(bytes)])) {
    const { op, links, wrap, wraps: slots } = frame as { readonly [name: string]: unknown };
    if (op === 'put-links') for (const each of links as Opening[]) openings.set(toHex(each.opening), each);
    if (op === 'put-wraps') put(slots as Uint8Array);
    if (op === 'give-key') put(wrap as Uint8Array);
  }
  const rows = await store.read(at.room, 0, 10_000, Number.MAX_SAFE_INTEGER);
  const entries = rows.flatMap((row) => ('entry' in row ? [row.entry] : []));
  const tokens = entries.flatMap(({ type, payload, by }) => {
    const message = type === 'message' ? parsePayload('message', payload) : null;
    return message === null ? [] : [{ token: message.token, by }];
  });
  const epochs = entries.flatMap(({ type, payload }) =>
    type === 'epoch' ? (parsePayload('epoch', payload) ?? []) : [],
  );
  const pasts = epochs.flatMap(({ number, past }) => (past === undefined ? [] : [{ number, past }]));
  return { ...at, openings: [...openings.values()], wraps: [...wraps.values()], tokens, pasts, latest: epochs.length };
}

/** Returns what a quantum computer gives of a prekey, and what it does not: the seed of the ML-KEM half. */
export function broken(seed: Uint8Array): Broken & { readonly seedOfMlKem: Uint8Array } {
  const expanded = backend.shake256(seed, seedOfMlKemBytes + hashBytes);
  const { publicKey } = crypto.readPrekey(seed);
  return { publicKey, scalar: expanded.slice(seedOfMlKemBytes), seedOfMlKem: expanded.slice(0, seedOfMlKemBytes) };
}

/** Returns the secret that the ML-KEM half of an opening gives the owner of a seed for whom it was not made (FIPS 203: J). */
export const rejectionOf = (seedOfMlKem: Uint8Array, { opening }: Opening): Uint8Array =>
  backend.shake256(
    Buffer.concat([seedOfMlKem.subarray(hashBytes), opening.subarray(headBytes, headBytes + ciphertextBytes)]),
    hashBytes,
  );

/** Returns the secret of the ML-KEM half of an opening for the owner of a seed; another one if it was made for another prekey. */
export const mlKemSecretOf = (seedOfMlKem: Uint8Array, { opening }: Opening): Uint8Array =>
  backend.mlKem.derive(seedOfMlKem.slice()).decapsulate(opening.slice(headBytes, headBytes + ciphertextBytes));

/** Returns the first chain keys of an opening, for each guess of the secret of its ML-KEM half, and each context. */
function* chainsOf(
  harvest: Harvest,
  prekey: Broken,
  { to, opening }: Opening,
  guesses: readonly Uint8Array[],
): Generator<Uint8Array> {
  const encapsulation = opening.subarray(headBytes);
  const ephemeral = encapsulation.subarray(ciphertextBytes);
  const agreed = backend.agreements.X25519.derive(prekey.scalar.slice()).agree(ephemeral);
  for (const guess of guesses) {
    const parts = [guess, agreed, ephemeral, prekey.publicKey.subarray(-hashBytes), label];
    for (const sender of harvest.people) {
      const context = linkContext(harvest.ca, sender, to);
      const place = { suite: 'X-Wing', recipient: prekey.publicKey, encapsulation, context } as const;
      yield deriveRoot(backend, backend.sha3(Buffer.concat(parts)), place).chainKey;
    }
  }
}

/** Returns the secrets that a chain opens, of all steps of all epochs. */
function secretsOf(harvest: Harvest, first: Uint8Array): Uint8Array[] {
  const secrets: Uint8Array[] = [];
  for (let step = 1, chain = first; step <= maxStep; step++, chain = nextChainKey(backend, chain)) {
    const key = stepKeyOf(backend, chain);
    for (const wrap of harvest.wraps) {
      if (new DataView(wrap.buffer, wrap.byteOffset).getUint32(8) !== step) continue;
      for (let epochNumber = 1; epochNumber <= harvest.latest; epochNumber++) {
        const secret = openKey(backend, key, { wrap, context: wrapContext({ roomId: harvest.room, epochNumber }) });
        if (secret !== null) secrets.push(secret);
      }
    }
  }
  return secrets;
}

/** Returns the plaintexts of all messages that secrets lead to, by steps forwards and by `past` backwards. */
function textsOf({ room, tokens, pasts, latest }: Harvest, found: readonly Uint8Array[]): string[] {
  const secrets = new Map(found.map((secret) => [toHex(secret), secret]));
  for (const secret of secrets.values()) {
    for (const { number, past } of pasts) {
      const key = crypto.derive(secret, `chat/1 past ${room} ${number}`);
      const before = crypto.decrypt(key, new Uint8Array(Buffer.from(past, 'base64url')));
      if (before !== null) secrets.set(toHex(before), before);
    }
    for (let number = 1; number <= latest && secrets.size < 1_000; number++) {
      const stepped = crypto.derive(secret, `chat/1 step ${room} ${number}`);
      if (found.includes(secret)) secrets.set(toHex(stepped), stepped);
    }
  }
  return tokens.flatMap(({ token, by }) => {
    for (const secret of secrets.values()) {
      for (let number = 1; number <= latest; number++) {
        const plaintext = crypto.decrypt(crypto.derive(secret, `chat/1 message ${room} ${number} ${by}`), token);
        if (plaintext !== null) return [new TextDecoder().decode(plaintext)];
      }
    }
    return [];
  });
}

/**
 * Returns the texts that the attacker reads.
 *
 * @param guesses secrets that the attacker tries as those of the ML-KEM half of each opening
 */
export function read(
  harvest: Harvest,
  prekeys: readonly Broken[],
  guesses: (opening: Opening) => readonly Uint8Array[],
): string[] {
  const secrets = harvest.openings.flatMap((opening) =>
    prekeys.flatMap((prekey) =>
      [...chainsOf(harvest, prekey, opening, guesses(opening))].flatMap((chain) => secretsOf(harvest, chain)),
    ),
  );
  return textsOf(harvest, secrets);
}
