/**
 * The blobs of rooms and users: who may create, read and delete them, within the bounds of each room, each user and the server. Who is a member of
 * a room is checked by the caller, for each request.
 */
import { limits, ProtocolError, type RequestOf, type ResultOf, type RoomId, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../../limits/limits.ts';
import type { BlobScope, BlobStore, BlobUsage, StoredBlob } from '../../ports/blob-store.ts';
import type { Log } from '../../ports/log.ts';

/** The bounds of blobs. */
export type BlobLimits = Pick<
  ServerLimits,
  'blobBytesPerRoom' | 'blobBytesPerUser' | 'blobBytes' | 'blobsPerUser' | 'unfinishedBlobMs' | 'storageReserveBytes'
>;

/** Options of `Blobs`. `clock` returns milliseconds. */
export interface BlobsOptions {
  readonly store: BlobStore;
  readonly limits: BlobLimits;
  readonly clock: () => number;
  readonly log: Log;
  /** Returns the free bytes of the disk. Default: it is not watched. */
  readonly freeBytes?: (() => Promise<number>) | undefined;
}

/** Who asks for a blob, and where it is. */
export interface BlobAsker {
  readonly user: UserName;
  /** A room of the user; null for a blob that belongs to the user alone. */
  readonly room: RoomId | null;
}

/** Bytes are erased at most this long after their blob was deleted, and blobs that are not finished in time are looked for. */
const sweepEveryMs = 60_000;
/** The free space is measured again after this many bytes. */
const measureEveryBytes = 16 * 1024 * 1024;

/** Creates, fills, reads and deletes blobs. */
export class Blobs {
  readonly #options: BlobsOptions;
  /** One declaration after another, so that none passes a bound together with another one. */
  #creating: Promise<unknown> = Promise.resolve();
  #addedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: BlobsOptions) {
    this.#options = options;
  }

  /** Sweeps now and every minute until `stop`. */
  start(): void {
    void this.sweep();
    this.#timer = setInterval(() => void this.sweep(), sweepEveryMs);
    this.#timer.unref();
  }

  /** Resolves when no sweep is in progress. None begins afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Deletes blobs that were not finished in time, and erases the bytes of deleted ones. Never rejects: the next sweep tries again. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep());
    return this.#sweeping;
  }

  /**
   * Declares a blob. The same declaration once more returns how much of it is there.
   *
   * @throws ProtocolError `blob-mismatch`, `room-storage-full`, `user-storage-full`, `storage-full`
   */
  async create(
    { user, room }: BlobAsker,
    { blob: id, bytes }: RequestOf<'blob-create'>,
  ): Promise<ResultOf<'blob-create'>> {
    const { store, clock } = this.#options;
    const created = this.#creating.then(async () => {
      const known = await store.find(id);
      if (known !== null) return known;
      await this.#permit({ user, room }, bytes);
      return store.create({ id, room, user, bytes, createdAt: clock() });
    });
    this.#creating = created.catch(() => undefined);
    const blob = await created;
    if (blob.user !== user || blob.room !== room || blob.bytes !== bytes) {
      throw new ProtocolError('blob-mismatch', 'Another blob has this id: choose a new one at random.');
    }
    return { received: await store.received(id), finished: blob.finishedAt !== null };
  }

  /**
   * Adds bytes.
   *
   * @throws ProtocolError `unknown-blob`, `storage-full`
   */
  async append(
    asker: BlobAsker,
    { blob: id, offset, bytes }: RequestOf<'blob-append'>,
  ): Promise<ResultOf<'blob-append'>> {
    await this.#own(asker, id);
    this.#addedBytes += bytes.length;
    if (this.#addedBytes >= measureEveryBytes) {
      this.#addedBytes = 0;
      await this.#requireSpace(0);
    }
    return { received: await this.#options.store.append(id, offset, bytes) };
  }

  /**
   * Completes a blob.
   *
   * @throws ProtocolError `unknown-blob`, `blob-incomplete`, `blob-mismatch`
   */
  async finish(asker: BlobAsker, { blob: id, hash }: RequestOf<'blob-finish'>): Promise<Record<string, never>> {
    const { store, clock } = this.#options;
    await this.#own(asker, id);
    const outcome = await store.finish(id, hash, clock());
    if (outcome === 'finished') return {};
    throw outcome === 'incomplete'
      ? new ProtocolError('blob-incomplete', 'The server does not have all bytes of this blob: send the others first.')
      : new ProtocolError(
          'blob-mismatch',
          'The bytes that the server has do not have this hash: send them again from the beginning.',
        );
  }

  /**
   * Returns bytes of a complete blob.
   *
   * @throws ProtocolError `unknown-blob`, `blob-incomplete`; StoreDamage
   */
  async read(asker: BlobAsker, { blob: id, offset, limit }: RequestOf<'blob-read'>): Promise<ResultOf<'blob-read'>> {
    const { finishedAt } = await this.#find(asker, id);
    if (finishedAt === null) {
      throw new ProtocolError('blob-incomplete', 'The upload of this blob is not complete: try again later.');
    }
    return { bytes: await this.#options.store.read(id, offset, limit) };
  }

  /**
   * Deletes a blob, if there is one.
   *
   * @param mayDeleteAny true for a user who may delete those of other members
   * @throws ProtocolError `not-allowed`
   */
  async delete(
    asker: BlobAsker,
    { blob: id }: RequestOf<'blob-delete'>,
    mayDeleteAny: boolean,
  ): Promise<Record<string, never>> {
    const { store } = this.#options;
    const blob = await store.find(id);
    if (blob === null || !isOf(blob, asker)) return {};
    if (blob.user !== asker.user && !mayDeleteAny) {
      throw new ProtocolError(
        'not-allowed',
        `Only ${blob.user}, the owner and the moderators of the room delete this.`,
      );
    }
    await store.delete(id);
    void this.sweep();
    return {};
  }

  /** Returns a page of the complete blobs that belong to a user alone. */
  async list(user: UserName, { after }: RequestOf<'blob-list'>): Promise<ResultOf<'blob-list'>> {
    const found = await this.#options.store.list(user, after ?? null, limits.blobsPerPage + 1);
    const page = found.slice(0, limits.blobsPerPage);
    return {
      blobs: page.map(({ id, bytes, hash, finishedAt }) => ({ blob: id, bytes, hash, at: finishedAt })),
      more: found.length > limits.blobsPerPage,
    };
  }

  async #find(asker: BlobAsker, id: string): Promise<StoredBlob> {
    const blob = await this.#options.store.find(id);
    if (blob !== null && isOf(blob, asker)) return blob;
    throw new ProtocolError('unknown-blob', 'The server does not have this blob: it was deleted, or never uploaded.');
  }

  async #own(asker: BlobAsker, id: string): Promise<void> {
    const blob = await this.#find(asker, id);
    if (blob.user === asker.user) return;
    throw new ProtocolError('not-allowed', `This blob is of ${blob.user}: only its creator can write to it.`);
  }

  /** Requires that one more blob of this size is within all bounds. */
  async #permit({ user, room }: BlobAsker, bytes: number): Promise<void> {
    const { blobBytesPerRoom, blobBytesPerUser, blobBytes, blobsPerUser } = this.#options.limits;
    const ofUser = await this.#usage({ user });
    if (ofUser.blobs >= blobsPerUser || isBeyond(ofUser, bytes, blobBytesPerUser)) {
      throw new ProtocolError(
        'user-storage-full',
        `Your files take ${mib(ofUser.bytes)} of the ${mib(blobBytesPerUser)} that the server keeps of one user, and this one needs ${mib(bytes)}: delete old ones.`,
      );
    }
    if (room !== null && blobBytesPerRoom > 0) {
      const ofRoom = await this.#usage({ room });
      if (isBeyond(ofRoom, bytes, blobBytesPerRoom)) {
        throw new ProtocolError(
          'room-storage-full',
          `The files of this room take ${mib(ofRoom.bytes)} of the ${mib(blobBytesPerRoom)} that the server keeps of one room, and this one needs ${mib(bytes)}: delete old ones.`,
        );
      }
    }
    if (blobBytes > 0 && isBeyond(await this.#usage('all'), bytes, blobBytes)) {
      throw new ProtocolError(
        'storage-full',
        'The server has as many files as it keeps in all: ask its operator to delete old ones.',
      );
    }
    await this.#requireSpace(bytes);
  }

  #usage(scope: BlobScope): Promise<BlobUsage> {
    return this.#options.store.usage(scope);
  }

  /** Requires free space for so many bytes, besides the reserve. */
  async #requireSpace(bytes: number): Promise<void> {
    const { freeBytes, limits: bounds, log } = this.#options;
    if (freeBytes === undefined) return;
    const free = await freeBytes();
    if (free >= bytes + bounds.storageReserveBytes) return;
    log.warn({ free, bytes, reserve: bounds.storageReserveBytes }, 'a file is refused: the disk has no space for it');
    throw new ProtocolError(
      'storage-full',
      'The disk of the server has no space for this file: ask its operator to free some.',
    );
  }

  async #sweep(): Promise<void> {
    const { store, clock, limits: bounds, log } = this.#options;
    if (this.#stopped) return;
    try {
      const unfinished = await store.deleteUnfinished(clock() - bounds.unfinishedBlobMs);
      const erased = await store.erase();
      if (erased > 0) log.debug({ erased, unfinished }, 'erased the bytes of deleted blobs');
    } catch (error) {
      if (!this.#stopped) log.warn({ error }, 'deleted blobs could not be erased; the server tries again in a minute');
    }
  }
}

const isOf = (blob: StoredBlob, { user, room }: BlobAsker): boolean =>
  blob.room === room && (room !== null || blob.user === user);

const isBeyond = (used: BlobUsage, bytes: number, bound: number): boolean => bound > 0 && used.bytes + bytes > bound;

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
