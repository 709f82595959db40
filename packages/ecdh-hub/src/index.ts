/**
 * @chat/ecdh-hub: a hub hands one secret key to many clients by ECDH or X-Wing, and keeps a group's key as its members change.
 */
export { HubError, type HubErrorCode } from './errors.ts';
export { type Announcement, decodeAnnouncement, type EpochKind } from './group/announcement.ts';
export type { KeyStatus } from './group/apply-epoch.ts';
export type { EpochWrap } from './group/compose-epoch.ts';
export { KeyHub, type LazyEpoch, type MemberChange, type NewGroup, type NextEpoch } from './group/key-hub.ts';
export type { Member } from './group/member.ts';
export { type Applied, MemberState, type ReceivedOver } from './group/member-state.ts';
export type { KeyPair } from './keys/key-pair.ts';
export { type LinkedKey, LinkRecipient } from './link/link-recipient.ts';
export { type LinkedWrap, LinkSender, type LinkUse, type NewLink, type OpenedLink } from './link/link-sender.ts';
export { decodeLinkWrap, type LinkWrap } from './link/link-wrap.ts';
export type { RandomBytes } from './random.ts';
export type { Suite } from './suite.ts';
export { clientCreateKeys, getKeyFromHub } from './wrap/client.ts';
export { decodeEnvelope, type Envelope, encodeEnvelope } from './wrap/envelope.ts';
export { type ExchangeOptions, hubExchange, sendKeyToClient } from './wrap/exchange.ts';
