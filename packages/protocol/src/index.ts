/** What both sides of the wire agree on. No I/O, no state. */
export { fromBase64url, fromHex, toBase64url, toHex, utf8 } from './bytes.ts';
export { directRoomName } from './direct-room.ts';
export {
  type EntryType,
  emptyLogHash,
  entryDomain,
  entryHash,
  type LoggedEntry,
  type LoggedStub,
  nextLogHash,
  roomIdOf,
  type SignedEntry,
  signedEntry,
} from './entry.ts';
export { type ErrorCode, errorCodes, ProtocolError, type WireError, wireError } from './errors.ts';
export { encodeFrame, FrameDecoder } from './frame.ts';
export { defaultPorts, formatInvitationLine, type InvitationLine, parseInvitationLine } from './invitation-line.ts';
export { type KnockPayload, knockDomain, parseKnock, type SignedKnock } from './knock.ts';
export { limits } from './limits.ts';
export {
  type ChatOperation,
  type EnrolmentOperation,
  type Operation,
  operations,
  type RequestOf,
  type Response,
  type ResultOf,
  type RoomSummary,
  requestHead,
  response,
} from './operation.ts';
export { type MessageContent, messageContent, type Payload, type Policy, parsePayload } from './payload.ts';
export type { SignedPrekey } from './prekey.ts';
export { type Push, type PushKind, push } from './push.ts';
export { mayGiveRole, mayReadmit, mayRemove, type Role, role, successorOf } from './role.ts';
export {
  channelBinding,
  enrolStatement,
  loginStatement,
  prekeyStatement,
  renewStatement,
  type Statement,
  serverName,
} from './statement.ts';
export { type Fingerprint, type RoomId, type RoomName, roomName, type UserName, userName } from './values.ts';
export { protocolVersion, requireVersion } from './version.ts';
export { type Wrap, wrapsDigest } from './wrap.ts';
