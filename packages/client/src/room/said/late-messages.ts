/**
 * The messages of one room whose key the client lacked when it read them. They wait for the key, over restarts and later keys, and are
 * read from the archive of entries when it comes.
 */
import { fromBase64url, type RoomId } from '@chat/protocol';
import {
  type ChangeEvent,
  isChange,
  type LateMessage,
  type RoomEvent,
  type RoomState,
  readLate,
  type UnreadableEvent,
} from '@chat/room';
import type { ClientContext } from '../../context.ts';
import { isRecipientOf, type KeyFetch } from '../../keys/key-fetch.ts';
import type { StoredRoom, UnreadEpoch } from '../../storage/stored-state.ts';

/**
 * How much waits in one room, over all epochs. What is over it is forgotten, the earliest first. It is part of the stored state, of which each save
 * writes all: this many messages take about 200 kB.
 */
export const mostWaiting = { epochs: 16, messages: 512, changes: 128 } as const;
/** The archive may have dropped the earliest entries: the first kept one is looked for at so many of the messages. */
const mostLooks = 8;

/** The room of the messages. */
export interface LateRoom {
  readonly roomId: RoomId;
  readonly state: RoomState;
  readonly stored: Pick<StoredRoom, 'unread'>;
  keep(changed: Partial<StoredRoom>): void;
  readonly log: { enqueue(step: () => Promise<void>): void; connection(): () => boolean; readonly keys: KeyFetch };
  /** Shows events of the past. */
  takeLate(events: readonly RoomEvent[]): Promise<void>;
}

/** The messages of one room that wait for their keys. */
export class LateMessages {
  readonly #context: ClientContext;
  readonly #room: LateRoom;

  constructor(context: ClientContext, room: LateRoom) {
    this.#context = context;
    this.#room = room;
  }

  get #unread(): readonly UnreadEpoch[] {
    return this.#room.stored.unread ?? [];
  }

  /**
   * To be called with what was read, and the state after it, in which secrets are that will be erased: notes what cannot be read, and reads
   * what could not be read before.
   */
  took(state: RoomState, events: readonly RoomEvent[]): void {
    const before = this.#unread;
    let unread = before;
    for (const event of events) {
      if (event.kind === 'unreadable') unread = withMessage(unread, state, event);
      else if (isChange(event)) unread = withChange(unread, event);
    }
    unread = withSecrets(unread, state);
    if (unread === before) return;
    this.#keep(unread);
    if (unread.some(({ secret }) => secret !== undefined)) this.#room.log.enqueue(() => this.#readAll());
  }

  /** To be called when the log was read to its end: asks the server for the keys that are not asked for with those of the room's present. */
  async fetch(): Promise<void> {
    const { log, state } = this.#room;
    const connected = log.connection();
    await this.#readAll();
    for (const { epoch } of this.#unread) {
      if (state.epochs[epoch.number] !== undefined || this.#hasSecret(epoch.number)) continue;
      const fetched = await log.keys.fetchEarlier(this.#withEpochs(), epoch.number);
      // One answer that does not come must not delay the room by one for each key.
      if (fetched === 'failed' || !connected()) break;
      if (fetched === null || fetched.state.secrets[epoch.number] === undefined) this.#forget(epoch.number);
      if (fetched === null) continue;
      this.#context.incoming.took(this.#room.roomId, fetched.state.secrets);
      this.#keep(withSecrets(this.#unread, fetched.state));
      await this.#room.takeLate(fetched.events);
    }
    await this.#readAll();
  }

  #hasSecret(epochNumber: number): boolean {
    return this.#unread.some(({ epoch, secret }) => epoch.number === epochNumber && secret !== undefined);
  }

  /** Returns the room's state with the epochs that it has forgotten. */
  #withEpochs(): RoomState {
    const { state } = this.#room;
    const earlier = Object.fromEntries(this.#unread.map(({ epoch }) => [epoch.number, epoch]));
    return { ...state, epochs: { ...earlier, ...state.epochs } };
  }

  /** Reads the messages of all epochs whose secret has come. */
  async #readAll(): Promise<void> {
    for (const epoch of this.#unread) {
      if (epoch.secret === undefined) continue;
      await this.#room.takeLate(await this.#read(epoch, epoch.secret));
      this.#forget(epoch.epoch.number);
    }
  }

  async #read({ epoch, messages, changes }: UnreadEpoch, secret: string): Promise<readonly RoomEvent[]> {
    const late = await this.#entriesOf(messages);
    const key = { epochNumber: epoch.number, secret: fromBase64url(secret) };
    const events = readLate(this.#room.roomId, late, key, this.#context.crypto);
    return [...events, ...changes].sort((a, b) => a.seq - b.seq);
  }

  async #entriesOf(messages: readonly UnreadableEvent[]): Promise<readonly LateMessage[]> {
    const step = Math.max(1, Math.ceil(messages.length / mostLooks));
    for (let from = 0; from < messages.length; from += step) {
      const kept = await this.#context.archive.read(this.#room.roomId, (messages[from]?.seq ?? 0) - 1);
      if (kept.length === 0) continue;
      const entries = new Map(kept.map(({ seq, entry }) => [seq, entry]));
      return messages.flatMap((unread) => {
        const entry = entries.get(unread.seq);
        return entry === undefined ? [] : [{ unread, entry }];
      });
    }
    return [];
  }

  #forget(epochNumber: number): void {
    this.#keep(this.#unread.filter(({ epoch }) => epoch.number !== epochNumber));
  }

  #keep(unread: readonly UnreadEpoch[]): void {
    this.#room.keep({ unread: unread.length === 0 ? undefined : unread });
    this.#context.saveSoon();
  }
}

/** Adds a message, with all epochs from which its secret may follow. */
function withMessage(
  unread: readonly UnreadEpoch[],
  state: RoomState,
  message: UnreadableEvent,
): readonly UnreadEpoch[] {
  const lacking = Object.values(state.epochs).filter(
    ({ number }) => number <= message.epoch && state.secrets[number] === undefined && isRecipientOf(state, number),
  );
  const added = lacking.filter(({ number }) => unread.every(({ epoch }) => epoch.number !== number));
  const all = [...unread, ...added.map((epoch) => ({ epoch, messages: [], changes: [] }))];
  const latest = all.sort((a, b) => a.epoch.number - b.epoch.number).slice(-mostWaiting.epochs);
  return withinBounds(
    latest.map((each) =>
      each.epoch.number === message.epoch && each.messages.every(({ seq }) => seq !== message.seq)
        ? { ...each, messages: [...each.messages, message] }
        : each,
    ),
  );
}

/** Forgets the earliest messages and changes that are too many, of the earliest epochs first. */
function withinBounds(unread: readonly UnreadEpoch[]): readonly UnreadEpoch[] {
  const count = (of: 'messages' | 'changes') => unread.reduce((sum, each) => sum + each[of].length, 0);
  let [messages, changes] = [count('messages') - mostWaiting.messages, count('changes') - mostWaiting.changes];
  if (messages <= 0 && changes <= 0) return unread;
  return unread.map((each) => {
    const [dropped, forgotten] = [Math.max(0, messages), Math.max(0, changes)];
    messages -= each.messages.length;
    changes -= each.changes.length;
    return { ...each, messages: each.messages.slice(dropped), changes: each.changes.slice(forgotten) };
  });
}

/** Adds a change of a message that could not be read. */
function withChange(unread: readonly UnreadEpoch[], change: ChangeEvent): readonly UnreadEpoch[] {
  const { seq, hash } = change.target;
  const isMeant = (message: UnreadableEvent) => message.seq === seq && message.hash === hash;
  if (!unread.some(({ messages }) => messages.some(isMeant))) return unread;
  return withinBounds(
    unread.map((each) => (each.messages.some(isMeant) ? { ...each, changes: [...each.changes, change] } : each)),
  );
}

function withSecrets(unread: readonly UnreadEpoch[], { secrets }: RoomState): readonly UnreadEpoch[] {
  const isNew = ({ epoch, secret }: UnreadEpoch) => secret === undefined && secrets[epoch.number] !== undefined;
  if (!unread.some(isNew)) return unread;
  return unread.map((each) => (isNew(each) ? { ...each, secret: secrets[each.epoch.number] } : each));
}
