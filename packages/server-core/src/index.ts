/** The chat server without its configuration and its store. */

export { DamageLog } from './domain/damage/damage-log.ts';
export { readCheckedPage } from './domain/damage/log-check.ts';
export { Retention, type Swept } from './domain/retention/retention.ts';
export type { RevocationResult } from './domain/user-revocation.ts';
export { type AuthorityHistory, authoritiesUntil, signAsAuthority } from './identity/authority-history.ts';
export type { Authority } from './identity/certificates.ts';
export type { EnrolmentPolicy } from './identity/enrolment.ts';
export type { Limit } from './limits/limit.ts';
export { defaultLimits, type LimitName, limitGroups, type ServerLimits } from './limits/limits.ts';
export type {
  BlobScope,
  BlobStore,
  BlobUsage,
  FinishedBlob,
  FinishOutcome,
  NewBlob,
  StoredBlob,
} from './ports/blob-store.ts';
export { type DamagedRow, StoreDamage } from './ports/damage.ts';
export type {
  Account,
  AccountRenewal,
  Directory,
  HeldCertificate,
  Invitation,
  NewAccount,
  NewInvitation,
  Registration,
  RenewalOutcome,
  Revoked,
  StoredRenewal,
} from './ports/directory.ts';
export type {
  Deadline,
  Deletion,
  LinkBounds,
  LinkKey,
  LinkStore,
  LiveLink,
  RecipientRange,
  WaitingLink,
} from './ports/link-store.ts';
export type { Log } from './ports/log.ts';
export type { Maintenance, RoomUsage } from './ports/maintenance.ts';
export { type Metrics, noMetrics, type Service } from './ports/metrics.ts';
export type { Prekey, PrekeyStore } from './ports/prekey-store.ts';
export type { Recovery, RecoveryKey, RecoveryStore } from './ports/recovery-store.ts';
export type {
  Expired,
  Expiry,
  MessageUsage,
  RetentionBounds,
  RetentionStore,
} from './ports/retention-store.ts';
export {
  type Appended,
  type Appending,
  type DeletedMessage,
  type EpochMark,
  type InvitationRow,
  type Invited,
  type LogPlace,
  type Member,
  type Removal,
  type Room,
  type RoomChange,
  type RoomPage,
  type RoomStore,
  StoreConflict,
  type StoredEntry,
} from './ports/room-store.ts';
export type { Store } from './ports/store.ts';
export { type FoundProof, type FoundWrap, SheetHashes, type WrapSheet } from './ports/wrap-sheet.ts';
export type { EpochRange, WrapConfirmation, WrapStore } from './ports/wrap-store.ts';
export { startServer } from './server.ts';
export type { ChatServer, ServerChanges, ServerOptions } from './server-options.ts';
export type { Address } from './tls/listener.ts';
export type { FrameTap } from './wire/frame-socket.ts';
