/**
 * Keeps room on the disk for what must always succeed: control entries, revocations and the next start. Messages and new rooms are
 * refused while the free space is below the reserve. Messages are also refused beyond the bytes that a user, a room and all users
 * may add in a day, and beyond the bytes that the store keeps of a room and of all.
 */
import { ProtocolError, type RoomId, type SignedEntry, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import type { Log } from '../ports/log.ts';
import type { RetentionStore } from '../ports/retention-store.ts';
import { rowBytes, StoredBytes, type StoredBytesLimits } from './stored-bytes.ts';
import { liveSize, seconds, TokenBuckets } from './token-bucket.ts';

/** The limits on stored bytes. */
export type StorageLimits = Pick<
  ServerLimits,
  'storageReserveBytes' | 'messageBytesPerUserAndDay' | 'messageBytesPerRoomAndDay' | 'messageBytesPerDay'
> &
  StoredBytesLimits;

/** Options of `StorageGuard`. `clock` returns milliseconds. */
export interface StorageGuardOptions {
  readonly limits: StorageLimits;
  readonly store: Pick<RetentionStore, 'messageUsage' | 'messagesOf'>;
  readonly clock: () => number;
  readonly log: Log;
  /** Returns the free bytes of the disk that holds the store. Without it only the daily bytes are bounded. */
  readonly freeBytes?: (() => Promise<number>) | undefined;
}

/** The free space is measured again after this time or this many bytes, when the next message comes. */
const measureEveryMs = 1_000;
const measureEveryBytes = 4 * 1024 * 1024;

const daily = (bytes: () => number) => new TokenBuckets(liveSize(seconds.day, bytes));

/** Decides which entries may be stored. */
export class StorageGuard {
  readonly #options: StorageGuardOptions;
  readonly #users: TokenBuckets;
  readonly #rooms: TokenBuckets;
  readonly #all: TokenBuckets;
  readonly #stored: StoredBytes;
  #isFull = false;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #addedBytes = 0;
  #measuring: Promise<void> | null = null;

  constructor(options: StorageGuardOptions) {
    const { limits } = options;
    this.#options = options;
    this.#users = daily(() => limits.messageBytesPerUserAndDay);
    this.#rooms = daily(() => limits.messageBytesPerRoomAndDay);
    this.#all = daily(() => limits.messageBytesPerDay);
    this.#stored = new StoredBytes(options.store, limits);
  }

  /** True while the free space is below the reserve. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Measures the free space when it is due, and looks up what is stored. To be awaited before `permit`. Null when nothing is to be
   * waited for. Rejects when the store fails.
   */
  ready(roomId: RoomId): Promise<unknown> | null {
    const [stored, measured] = [this.#stored.ready(roomId), this.#measureIfDue()];
    return stored === null && measured === null ? null : Promise.all([stored, measured]);
  }

  /** To be called when messages of a room were deleted or restored, or when the outcome of one is unknown. */
  forget(roomId: RoomId): void {
    this.#stored.forget(roomId);
  }

  #measureIfDue(): Promise<void> | null {
    const { freeBytes, clock } = this.#options;
    const isDue =
      Math.abs(clock() - this.#measuredAt) >= measureEveryMs || this.#addedBytes >= measureEveryBytes || this.#isFull;
    if (freeBytes === undefined || !isDue) return null;
    this.#measuring ??= this.#measure(freeBytes).finally(() => {
      this.#measuring = null;
    });
    return this.#measuring;
  }

  /**
   * Measures the free space when that is due, for what is no entry of a room.
   *
   * @throws ProtocolError `storage-full`
   */
  async requireSpace(): Promise<void> {
    await this.#measureIfDue();
    if (this.#isFull) throw storageFull();
  }

  /**
   * Permits a new room.
   *
   * @throws ProtocolError `storage-full`
   */
  permitRoom(): void {
    if (this.#isFull) throw storageFull();
  }

  /**
   * Permits an entry, and counts the bytes of a message. Every entry of another type is permitted.
   *
   * @throws ProtocolError `storage-full`, `room-storage-full`, `limit-reached`
   */
  permit({ type, payload }: SignedEntry, user: UserName, roomId: RoomId): void {
    if (type !== 'message') return;
    if (this.#isFull) throw storageFull();
    const bytes = payload.length + rowBytes;
    this.#stored.require(roomId, bytes);
    const now = this.#options.clock();
    const counted = [this.#users.of(user, now), this.#rooms.of(roomId, now), this.#all.of('', now)];
    const used = counted.findIndex((bucket) => bucket.take(0, now) < bytes);
    if (used !== -1) throw dayIsFull(used);
    for (const bucket of counted) bucket.take(bytes, now);
    this.#stored.add(roomId, bytes);
    this.#addedBytes += bytes;
  }

  async #measure(freeBytes: () => Promise<number>): Promise<void> {
    const { limits, clock, log } = this.#options;
    const before = this.#isFull;
    this.#measuredAt = clock();
    this.#addedBytes = 0;
    try {
      const free = await freeBytes();
      this.#isFull = free < limits.storageReserveBytes;
      if (this.#isFull === before) return;
      const fields = { free, reserve: limits.storageReserveBytes };
      if (this.#isFull) log.error(fields, 'the disk is full up to the reserve: messages are refused, free some space');
      else log.info(fields, 'the disk has space again: messages are accepted');
    } catch (error) {
      // The store itself reports a disk that fails.
      log.debug({ error }, 'the free space could not be measured');
    }
  }
}

const storageFull = () =>
  new ProtocolError(
    'storage-full',
    'The disk of the server is full, so it stores no messages now: ask its operator to free some space.',
  );

const dayIsFull = (used: number) =>
  new ProtocolError(
    'limit-reached',
    `${['You have', 'This room has', 'This server has'][used]} stored as many messages as it keeps of one day: try again in some hours.`,
  );
