/** The messages that a client has read, in sealed files with an index of their words. */

export { areSame, changedBy, type MessageChange, maxReactions } from './changes.ts';
export { MessageStoreError, type MessageStoreErrorCode } from './errors.ts';
export { createMemoryFiles } from './files/memory-files.ts';
export type { Block, FileKey, SegmentFiles } from './files/segment-files.ts';
export { type KeptFile, type KeptMessage, type KeptReaction, lengthOf, type MessageReference } from './message.ts';
export { MessageStore } from './store/message-store.ts';
export type { HitPlace } from './store/search.ts';
export type {
  FileTrouble,
  FoundMessage,
  MessageStoreOptions,
  PageOptions,
  SearchOptions,
  SearchResult,
} from './store/store-options.ts';
export { emptyMessages, type Retention, type StoredMessages, storedMessagesSchema } from './store/stored-messages.ts';
export { wantedWords } from './words.ts';
