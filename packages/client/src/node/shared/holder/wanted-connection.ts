/** The connection of a client that several programs want. */
import { type ErrorCode, ProtocolError, type RoomName } from '@chat/protocol';
import type { ChatClient } from '../../../chat-client.ts';
import { ClientError, type Explanation } from '../../../errors.ts';
import { type ClientListener, Listeners } from '../../../events.ts';
import { systemScheduler } from '../../scheduler.ts';

const connectTimeoutMs = 30_000;

/** The options of `connect`. */
export interface ConnectOptions {
  readonly replaceOthers?: boolean | undefined;
}

const refusalOf = ({ code, reason }: Explanation): ProtocolError => new ProtocolError(code as ErrorCode, reason);

/** Resolves when a client is connected that connects by itself. */
function connectionOf(client: ChatClient): Promise<void> {
  const { refusal } = client;
  if (refusal !== null) return Promise.reject(refusalOf(refusal));
  if (client.online) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (outcome: () => void) => {
      cancel();
      unsubscribe();
      outcome();
    };
    const late = new ClientError('timed-out', 'The program that has this profile open has not connected.');
    const cancel = systemScheduler.after(connectTimeoutMs, () => end(() => reject(late)));
    const unsubscribe = client.subscribe((event) => {
      if (event.kind === 'refused') end(() => reject(refusalOf(event)));
      if (event.kind !== 'connection') return;
      if (event.status === 'online') end(resolve);
      else end(() => reject(new ClientError('unreachable', event.reason)));
    });
  });
}

/** A client that several programs use: connects it once, and lets all of them know what one of them has done. */
export class WantedConnection {
  readonly client: ChatClient;
  readonly #done = new Listeners();
  /** True while the client connects by itself, or tries to for the first time. */
  #isWanted = false;

  constructor(client: ChatClient) {
    this.client = client;
  }

  /** Calls `listener` with every event of the client, and with what a program has done. Returns a function that ends the subscription. */
  subscribe(listener: ClientListener): () => void {
    const ends = [this.client.subscribe(listener), this.#done.add(listener)];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Leaves a room for one of the programs. Rejects as `ChatClient.leaveRoom`. */
  async leaveRoom(roomName: RoomName): Promise<void> {
    const room = this.client.room(roomName);
    await this.client.leaveRoom(roomName);
    if (room !== null) this.#done.emit({ kind: 'left', roomId: room.roomId, roomName, elsewhere: true });
  }

  /** Connects for the program that has the client. Rejects, and throws, as `ChatClient.connect`. */
  async connect({ replaceOthers = false }: ConnectOptions = {}): Promise<void> {
    if (this.#isWanted && !replaceOthers) return connectionOf(this.client);
    this.#isWanted = true;
    try {
      await this.client.connect({ replaceOthers });
    } catch (error) {
      this.#isWanted = false;
      throw error;
    }
  }

  /** Connects as often as it takes. */
  keep(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.client.keepConnecting();
  }

  /**
   * Connects for another program, which wants a connection even if the one that has the client does not.
   *
   * @throws ClientError `unreachable` if an attempt to connect fails, `timed-out` without an attempt
   * @throws ProtocolError the server's refusal of the identity
   */
  connectForGuest(options: ConnectOptions = {}): Promise<void> {
    if (options.replaceOthers === true) return this.connect(options);
    if (this.client.refusal === null) this.keep();
    return connectionOf(this.client);
  }
}
