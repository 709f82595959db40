/** Opens the client's messages, and reads what earlier versions stored of them. */
import {
  createMemoryFiles,
  emptyMessages,
  type FileTrouble,
  type KeptMessage,
  MessageStore,
  type SegmentFiles,
  type StoredMessages,
} from '@chat/message-store';
import type { RoomId } from '@chat/protocol';
import type { RoomCrypto } from '@chat/room';
import type { ClientEvent } from '../events.ts';
import { nextTurn, type Scheduler } from '../scheduler.ts';

/** What the client's messages need. */
export interface OpenMessagesOptions {
  /** Default: in memory, until the program ends. */
  readonly files?: SegmentFiles | undefined;
  readonly stored: StoredMessages | undefined;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  saveSoon(): void;
  emit(event: ClientEvent): void;
}

const troubles: Readonly<Record<FileTrouble, ClientEvent>> = {
  damaged: {
    kind: 'trouble',
    code: 'messages-damaged',
    reason:
      'A file of the folder messages in your profile is missing or was altered, so some messages are missing in what is shown of before, and are not found. Restore the folder from the backup that state.sealed is from, before you leave a room: what is erased then is erased in damaged files, too.',
  },
  unreadable: {
    kind: 'trouble',
    code: 'messages-damaged',
    reason:
      'A file of the folder messages in your profile cannot be read, so some messages are missing in what is shown of before, are not found, and cannot be erased. Check the owner and the mode of the files there, and the disk.',
  },
};

/** Opens the messages. */
export function openMessages({ files, stored, crypto, scheduler, saveSoon, emit }: OpenMessagesOptions): MessageStore {
  return new MessageStore({
    files: files ?? createMemoryFiles(),
    random: (bytes) => crypto.random(bytes),
    turn: () => nextTurn(scheduler),
    now: () => scheduler.now(),
    changed: saveSoon,
    damaged: (trouble) => emit(troubles[trouble]),
    stored: stored ?? emptyMessages,
  });
}

/**
 * Returns the messages of a state in which an earlier version kept the latest ones of each room. When they were read is not known: the time
 * that their authors say counts.
 */
export function messagesOfRooms(rooms: readonly (readonly [RoomId, readonly KeptMessage[]])[]): StoredMessages {
  const kept = rooms.filter(([, messages]) => messages.length > 0);
  return {
    ...emptyMessages,
    next: kept.length + 1,
    rooms: Object.fromEntries(kept.map(([roomId], index) => [roomId, { stream: index + 1 }])),
    tail: kept.flatMap(([, messages], index) =>
      messages.map((message) => ({ ...message, stream: index + 1, readAt: message.at })),
    ),
  };
}
