/** Wraps of random bytes, over links that only the server knows. */
import { randomBytes } from 'node:crypto';
import {
  type ChatOperation,
  type Fingerprint,
  fromHex,
  isBlank,
  limits,
  type Payload,
  type RequestOf,
  type ResultOf,
  type RoomId,
  wrapBytes,
} from '@chat/protocol';
import type { Signer } from '@chat/signatures';
import type { LinkStore } from '../../src/ports/link-store.ts';
import { SheetHashes } from '../../src/ports/wrap-sheet.ts';
import type { StagedList } from '../../src/ports/wrap-source.ts';

interface Keyed {
  readonly signer: Pick<Signer, 'fingerprint'>;
}

/** The place of one recipient of an epoch. */
export interface TestWrap {
  readonly to: Fingerprint;
  /** Zeros for a recipient who gets none. */
  readonly wrap: Uint8Array;
}

/** The id of every link of these tests. */
export const linkId = new Uint8Array(8).fill(7);

/** A wrap of random bytes for each of them. */
export const wrapsFor = (...authors: readonly Keyed[]): TestWrap[] =>
  authors.map(({ signer }) => ({ to: signer.fingerprint, wrap: Buffer.concat([linkId, randomBytes(52)]) }));

/** The empty place of each of these recipients. */
export const noneFor = (...authors: readonly Keyed[]): TestWrap[] =>
  authors.map(({ signer }) => ({ to: signer.fingerprint, wrap: new Uint8Array(wrapBytes) }));

/** Returns the wraps in the order of their recipients. */
export function listOf(wraps: readonly TestWrap[]): StagedList {
  const sorted = [...wraps].sort((a, b) => (a.to < b.to ? -1 : 1));
  const list = {
    recipients: Buffer.concat(sorted.map(({ to }) => fromHex(to))),
    slots: Buffer.concat(sorted.map(({ wrap }) => wrap)),
  };
  return { ...list, hashes: new SheetHashes(list) };
}

export const commitmentOf = (wraps: readonly TestWrap[]): string => listOf(wraps).hashes.commitment;

/** Stores a link from this author to each recipient. */
export const storeLinks = (store: LinkStore, { signer }: Keyed, wraps: readonly TestWrap[]) =>
  store.putLinks(
    wraps
      .filter(({ wrap }) => !isBlank(wrap))
      .map(({ to }) => ({
        ...{ from: signer.fingerprint, to, id: linkId, prekey: linkId },
        opening: new Uint8Array(limits.openingBytes),
      })),
    { now: Date.now(), waiting: Number.MAX_SAFE_INTEGER },
  );

interface Client {
  readonly store: LinkStore | null;
  request<O extends ChatOperation>(operation: O, fields: RequestOf<O>): Promise<ResultOf<O>>;
}

/** An epoch of a room, with a wrap or an empty place for each recipient. */
export interface WrappedFor {
  readonly room: RoomId;
  readonly number: number;
  readonly wraps: readonly TestWrap[];
  /** Default: fresh. */
  readonly kind?: Payload<'epoch'>['kind'];
}

/** Puts wraps over links that the server knows. */
export async function putWraps(
  { who, client }: { readonly who: Keyed; readonly client: Client },
  { room, number, wraps, kind = 'fresh' }: WrappedFor,
): Promise<ResultOf<'put-wraps'>> {
  if (client.store !== null) await storeLinks(client.store, who, wraps);
  return client.request('put-wraps', { room, number, kind, first: 0, wraps: listOf(wraps).slots });
}
