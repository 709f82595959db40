/** The files of one client: sends them to rooms and saves those of others, over lost connections and restarts. */
import { type FileReference, limits, type RoomId, type RoomName, utf8 } from '@chat/protocol';
import { RoomError } from '@chat/room';
import { ClientError } from '../errors.ts';
import type { ClientEvent } from '../events.ts';
import type { TransferView } from '../view.ts';
import { mediaTypeOf, sentFileName } from './file-name.ts';
import type { StoredTransfer } from './stored-transfers.ts';
import { Transfer } from './transfer.ts';
import type { TransferFiles } from './transfer-files.ts';
import { type SendingRoom, TransferQueue, type TransferQueueOptions } from './transfer-queue.ts';

/** The latest transfers that are over, which are listed. */
const maxEnded = 20;

/** A room that the user is in. */
export interface FileRoom extends SendingRoom {
  readonly roomId: RoomId;
  readonly said: { find(seq: number): Promise<{ readonly file?: FileReference | undefined } | null> };
}

/** What the files of a client need. */
export interface ClientFilesOptions extends Omit<TransferQueueOptions, 'files' | 'waiting'> {
  /** Null for a client without a disk. */
  readonly files: TransferFiles | null;
  readonly stored: readonly StoredTransfer[];
  emit(event: ClientEvent): void;
  /** Returns a room in which the user can speak. @throws ClientError as `ChatClient.send` does */
  active(roomName: RoomName): FileRoom;
  /** Returns the place of a message that was sent with this id before; null if there was none. */
  sent(cid: string): Promise<{ readonly seq: number }> | null;
}

/** How a file is sent. */
export interface SendFileOptions {
  /** What is said about it. Default: nothing. */
  readonly text?: string | undefined;
  /** 32 hexadecimal digits: the transfer is the one that was begun with this id before, if there is one. Default: a new one. */
  readonly cid?: string | undefined;
}

/** Sends and saves files. */
export class ClientFiles {
  readonly #options: ClientFilesOptions;
  readonly #transfers: Transfer[];
  /** Null for a client without a disk. */
  readonly #queue: TransferQueue | null;

  constructor(options: ClientFilesOptions) {
    this.#options = options;
    this.#transfers = options.stored.map((stored) => this.#transferOf(stored));
    const { files } = options;
    const waiting = () => this.#transfers.filter(({ isOver }) => !isOver);
    const kept = options.stored.map(({ spool }) => spool);
    this.#queue = files === null ? null : new TransferQueue({ ...options, files, waiting }, kept);
  }

  /** What is stored: the transfers that are not over. */
  get stored(): readonly StoredTransfer[] {
    return this.#transfers.filter(({ isOver, isSaid }) => !isOver && !isSaid).map(({ stored }) => stored);
  }

  /** Returns the transfers that are not over, and the latest ones that are. */
  list(): Promise<readonly TransferView[]> {
    return Promise.resolve(this.#transfers.map(({ view }) => view));
  }

  /**
   * Begins to send a file to a room. It goes on when the connection is lost and after a restart, and the message follows when the server has all of the file.
   * The event `transfer` reports how far it is, and its end.
   *
   * @param path an absolute path
   * @throws ClientError `file-unusable`, and those of `ChatClient.send`
   * @throws RoomError `message-too-long`
   */
  async send(roomName: RoomName, path: string, { text = '', cid }: SendFileOptions = {}): Promise<TransferView> {
    const before = this.#transfers.find(({ stored }) => stored.direction === 'send' && stored.cid === cid);
    if (before !== undefined) return before.view;
    const files = this.#disk();
    if (utf8(text).length > limits.messageTextBytes) {
      throw new RoomError('message-too-long', `A message holds at most ${limits.messageTextBytes} bytes of text.`);
    }
    const id = cid ?? this.#options.newBlob().blob;
    const sent = this.#options.sent(id);
    const room = this.#options.active(roomName);
    const { name, size } = await files.examine(path);
    const sentName = sentFileName(name);
    const transfer = this.#add({
      ...{ direction: 'send', id: this.#nextId(), spool: this.#options.newBlob().blob, path, text, cid: id },
      ...{ roomId: room.roomId, roomName },
      file: { ...this.#options.newBlob(), hash: '', size, name: sentName, type: mediaTypeOf(sentName) },
    });
    if (sent === null) return this.#begin(transfer);
    // The program that has begun it has ended after the message was in the outbox.
    transfer.done(await sent);
    return transfer.view;
  }

  /**
   * Begins to save the file that a message sends. It replaces no other file.
   *
   * @param seq position of the message
   * @param path an absolute path: a folder, or a new file in one
   * @throws ClientError `unknown-message`, `no-file-sent`, `folder-unusable`, `not-joined`
   */
  async save(roomName: RoomName, seq: number, path: string): Promise<TransferView> {
    const files = this.#disk();
    const room = this.#options.active(roomName);
    const message = await room.said.find(seq);
    if (message === null) throw new ClientError('unknown-message', `There is no message ${seq} on this machine.`);
    const { file } = message;
    if (file === undefined) throw new ClientError('no-file-sent', `Message ${seq} sends no file.`);
    const target = await files.target(path);
    const { roomId } = room;
    const same = this.#transfers.find(
      ({ isOver, stored }) => !isOver && stored.direction === 'save' && stored.roomId === roomId && stored.seq === seq,
    );
    if (same !== undefined) return same.view;
    const place = { roomId, roomName, seq, target, file };
    return this.#begin(
      this.#add({ direction: 'save', id: this.#nextId(), spool: this.#options.newBlob().blob, ...place }),
    );
  }

  /**
   * Cancels a transfer. What was moved is erased, here and at the server.
   *
   * @throws ClientError `no-transfer`
   */
  async cancel(id: number): Promise<void> {
    const transfer = this.#transfers.find(({ stored, isOver }) => stored.id === id && !isOver);
    if (transfer === undefined) throw new ClientError('no-transfer', `There is no transfer ${id}: list them.`);
    transfer.abort();
    transfer.enter('cancelled');
    await this.#queue?.clear(transfer, true);
  }

  /** Deletes a blob, because the user has deleted its message. Never rejects: without it, the server keeps ciphertext that has no key. */
  erase(roomId: RoomId, blob: string): void {
    void this.#options.request('blob-delete', { room: roomId, blob }).catch(() => undefined);
  }

  /** Goes on. To be called after each login. */
  connected(): void {
    this.#queue?.advance();
  }

  /** Stops what is under way; it stays stored. Resolves when no file is used any more. */
  async close(): Promise<void> {
    await this.#queue?.close();
  }

  #disk(): TransferFiles {
    if (this.#options.files !== null) return this.#options.files;
    throw new ClientError('files-unsupported', 'This client has no disk, so it neither sends nor saves files.');
  }

  #transferOf(stored: StoredTransfer): Transfer {
    const { scheduler, emit } = this.#options;
    const { roomId, roomName } = stored;
    return new Transfer(stored, {
      now: () => scheduler.now(),
      changed: (transfer) => emit({ kind: 'transfer', roomId, roomName, transfer }),
    });
  }

  #nextId(): number {
    return Math.max(0, ...this.#transfers.map(({ stored }) => stored.id)) + 1;
  }

  #add(stored: StoredTransfer): Transfer {
    const transfer = this.#transferOf(stored);
    this.#transfers.push(transfer);
    const ended = this.#transfers.filter(({ isOver }) => isOver);
    for (const old of ended.slice(0, -maxEnded)) this.#transfers.splice(this.#transfers.indexOf(old), 1);
    return transfer;
  }

  async #begin(transfer: Transfer): Promise<TransferView> {
    await this.#options.save();
    this.#queue?.advance();
    return transfer.view;
  }
}
