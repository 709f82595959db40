/** A headless chat client without files and sockets. `@chat/client/node` makes one from both. */
export type { HitPlace, Retention } from '@chat/message-store';
export type { ClientAttention } from './attention/client-attention.ts';
export {
  type AttentionSettings,
  defaultAttention,
  type NotifyWay,
  notifyWays,
  type QuietHours,
} from './attention/settings.ts';
export { ChatClient } from './chat-client.ts';
export type { BegunRenewal, ChatClientOptions } from './client-options.ts';
export type { Link, TlsIdentity, Transport } from './connection/transport.ts';
export type { KnownAuthorities } from './context.ts';
export { ClientError, type ClientErrorCode } from './errors.ts';
export type { ClientEvent, ClientListener } from './events.ts';
export type { ClientFiles, SendFileOptions } from './files/client-files.ts';
export { safeFileName } from './files/file-name.ts';
export type {
  ClientMessages,
  MessageHit,
  MessageHits,
  MessagePageOptions,
  MessageSearchOptions,
} from './messages/client-messages.ts';
export { mentionsIn, withMentions } from './messages/mentions.ts';
export type { SendOptions, TextOptions } from './messages/saying.ts';
export type { RecoveryState } from './recovery/client-recovery.ts';
export type { Scheduler } from './scheduler.ts';
export type { Stored, Vault } from './storage/stored-state.ts';
export type {
  FileView,
  InvitationView,
  InvitedView,
  KnockView,
  LatestMessage,
  LogFingerprint,
  MemberView,
  MessageView,
  NotifyLevel,
  QuotedMessage,
  RoomView,
  SafetyNumber,
  TransferState,
  TransferView,
  UnreadView,
} from './view.ts';
export { notifyLevels } from './view.ts';
