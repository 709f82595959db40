/** A headless chat client: everything but where it runs. `@chat/client/node` makes one from files and sockets. */
export { ChatClient, type ChatClientOptions } from './chat-client.ts';
export type { Link } from './connection/link.ts';
export type { TlsIdentity, Transport } from './connection/transport.ts';
export type { PinnedAuthority } from './context.ts';
export { ClientError, type ClientErrorCode } from './errors.ts';
export type { ClientEvent, ClientListener } from './event.ts';
export type { Scheduler } from './scheduler.ts';
export type { Stored, Vault } from './storage/stored-state.ts';
export type {
  InvitationView,
  InvitedView,
  KnockView,
  MemberView,
  MessageView,
  RoomView,
  SafetyNumber,
} from './view.ts';
