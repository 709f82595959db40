/** The chat server without its configuration. */
export type { CertificateAuthority } from './domain/certificates.ts';
export type { EnrolmentPolicy } from './domain/enrolment.ts';
export { defaultLimits, type ServerLimits } from './limits.ts';
export type { Address } from './listener.ts';
export type { Account, Directory, Invitation, IssuedCertificate, Registration } from './ports/directory.ts';
export type { Log } from './ports/log.ts';
export {
  type Appended,
  type Appending,
  type EpochMark,
  type Member,
  type Removal,
  type Room,
  type RoomChange,
  type RoomRow,
  type RoomStore,
  StoreConflict,
  type StoredEntry,
} from './ports/room-store.ts';
export type { Store } from './ports/store.ts';
export { type ChatServer, type ServerOptions, startServer } from './server.ts';
export type { FrameTap } from './wire/frame-socket.ts';
