/** What is stored of transfers that are not over, so that they go on after a restart. */
import type { FileReference, RoomId, RoomName } from '@chat/protocol';

/** Where a fetched file is to be saved. */
export interface SaveTarget {
  /** An absolute path. */
  readonly folder: string;
  /** The name that the user has chosen; null for that of the file. */
  readonly name: string | null;
}

/** What both directions have. */
interface StoredMove {
  /** The number by which the user names it, from 1. */
  readonly id: number;
  /** The name of its file in the folder of transfers: 32 hexadecimal digits. */
  readonly spool: string;
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** `hash` is empty while a file to send is not encrypted. */
  readonly file: FileReference;
}

/** A file that is being sent. */
export interface StoredSend extends StoredMove {
  readonly direction: 'send';
  /** The absolute path of the file. */
  readonly path: string;
  /** What is said about it. */
  readonly text: string;
  /** The id of the message. */
  readonly cid: string;
}

/** A file that is being fetched. */
export interface StoredSave extends StoredMove {
  readonly direction: 'save';
  /** Position of the message. */
  readonly seq: number;
  readonly target: SaveTarget;
}

/** A transfer that is not over. */
export type StoredTransfer = StoredSend | StoredSave;
