/** How the load generator speaks with one kind of server. */
import type { World } from '../world.ts';

/** A room of the chat, or what stands for it at a peer. */
export interface LoadRoom {
  /** The room id, or the name of a topic. */
  readonly id: string;
  /** End of the room's log: what its members have read. */
  readonly head: { readonly seq: number; readonly hash: string };
}

/** The server under load. */
export interface Target {
  readonly dialect: DialectName;
  readonly port: number;
  /** The server's process. */
  readonly pid: number;
  readonly world: World;
  readonly rooms: readonly LoadRoom[];
  /** A signed message, CBOR in base64, in which the generator replaces author and author view; empty for peers. */
  readonly message: string;
  /** Bytes that a peer gets in place of a message. */
  readonly messageBytes: number;
}

/** Names of the dialects. */
export type DialectName = 'chat' | 'mqtt' | 'nats' | 'bare';

/** Called when something has come over a line. */
export interface LineEvents {
  /** The server has acknowledged the oldest message of this line that it had not. */
  acknowledged(): void;
  /** The server has refused a message. */
  refused(reason: string): void;
  /** Messages of other lines have come. */
  delivered(count: number): void;
}

/** A connection that has logged in. */
export interface Line {
  /** Follows these rooms. Resolves when every message that is sent from now on will come. */
  follow(rooms: readonly number[]): Promise<void>;
  /** Sends one message to a room. */
  publish(room: number): void;
  /** Closes the line when the server has answered what was sent. */
  close(): Promise<void>;
}

/** Opens a line as the user with this index. Rejects when the server ends the connection before. */
export type Dialect = (target: Target, user: number, events: LineEvents) => Promise<Line>;
