/**
 * The ends of the logs that were appended to last, so that an append reads nothing. They are right as long as this connection is the
 * only one that writes, and every transaction commits: after a rollback, and when another process has written, they are forgotten.
 */
import type { RoomId } from '@chat/protocol';
import type { Database } from 'better-sqlite3';

/** The end of a room's log. */
export interface RoomHead {
  /** Row id of the room. */
  readonly id: number;
  /** Position of the latest entry. */
  readonly head: number;
  /** Messages of the room up to it, and their bytes. */
  readonly messages: number;
  readonly bytes: number;
}

/** Rooms of which the end is remembered: 300 bytes each. An append to another room reads its row, which takes 30 us. */
const maxRemembered = 10_000;

/** The remembered ends. */
export class RoomHeads {
  readonly #heads = new Map<RoomId, RoomHead>();
  readonly #dataVersion;
  #version = 0;

  constructor(database: Database) {
    // Changes when another connection has committed.
    this.#dataVersion = database.prepare<[], number>('PRAGMA data_version').pluck();
  }

  /** MUST be called when a transaction has begun, before anything is written. */
  begin(): void {
    const version = this.#dataVersion.get() ?? 0;
    if (version !== this.#version) this.forget();
    this.#version = version;
  }

  get(room: RoomId): RoomHead | null {
    return this.#heads.get(room) ?? null;
  }

  /** Remembers the end of a log. To be called last, when nothing can be refused any more. */
  set(room: RoomId, head: RoomHead): void {
    if (this.#heads.size >= maxRemembered && !this.#heads.has(room)) this.forget();
    this.#heads.set(room, head);
  }

  /** MUST be called after a rollback, and after a room was deleted. A request that is undone alone has remembered nothing. */
  forget(): void {
    this.#heads.clear();
  }
}
