/** The protocol between clients and servers: frames, operations, entries, hashes and limits. No I/O, no state. */
export { fromBase64url, fromHex, sha256Hex, toBase64url, toHex, utf8 } from './bytes.ts';
export { decodeCbor } from './cbor/reader.ts';
export { encodeCbor } from './cbor/writer.ts';
export {
  countOfStubs,
  type EntryType,
  emptyLogHash,
  entryDomain,
  entryHash,
  entryTypes,
  type HashedEntry,
  type LoggedEntry,
  type LoggedGap,
  type LoggedStubs,
  loggedEntry,
  logHashesOfStubs,
  nextLogHash,
  roomIdOf,
  type SignedEntry,
  signedEntry,
  stubsFrom,
} from './entry/entry.ts';
export {
  type HeartbeatPayload,
  heartbeatDomain,
  heartbeatEvery,
  parseHeartbeat,
  type SignedHeartbeat,
} from './entry/heartbeat.ts';
export {
  type ChainOwner,
  type ChainSignature,
  chainFrom,
  fingerprintOfKey,
  type KeyChain,
  type KeyRenewal,
  type KeyRenewalFields,
  keyRenewalStatement,
  keysOfChain,
  lastKeyOf,
  signaturesOfChain,
} from './entry/key-renewal.ts';
export { type KnockPayload, knockDomain, parseKnock, type SignedKnock } from './entry/knock.ts';
export { decodeLegacyContent } from './entry/legacy-content.ts';
export { logFingerprint } from './entry/log-fingerprint.ts';
export { LogHashes } from './entry/log-hashes.ts';
export {
  type MessageBody,
  type MessageKind,
  type MessageReference,
  sizeOfBody,
  targetOfBody,
  textBytesOf,
  textOfBody,
} from './entry/message-body.ts';
export {
  decodeMessageContent,
  encodeMessageContent,
  type MessageContent,
  paddedContentBytes,
} from './entry/message-content.ts';
export {
  decodePayload,
  encodePayload,
  type Payload,
  type Policy,
  parsePayload,
} from './entry/payload.ts';
export { prekeyId, prekeySuite, type SignedPrekey } from './entry/prekey.ts';
export { mayGiveRole, mayHide, mayReadmit, mayRemove, type Role, role, successorOf } from './entry/role.ts';
export {
  allPartsOf,
  type InParts,
  isBlank,
  isWrapOf,
  type TreePlace,
  type WrapProof,
  WrapTree,
  wrapBytes,
  wrapLeaf,
} from './entry/wrap-tree.ts';
export { codeOf, type ErrorCode, errorCodes, ProtocolError, type WireError, wireError } from './errors.ts';
export { type FileReference, isFileName, isMediaType } from './file/file-reference.ts';
export { blobBytesOf, paddedFileBytes } from './file/sizes.ts';
export { defaultPorts, formatInvitationLine, type InvitationLine, parseInvitationLine } from './invitation-line.ts';
export { limits } from './limits.ts';
export {
  type Fingerprint,
  type Identity,
  type PublicIdentity,
  type RoomId,
  type RoomName,
  roomName,
  type UserName,
  userName,
} from './values.ts';
export {
  authorityDigest,
  type Succession,
  succession,
  successionStatement,
  type Withdrawal,
  withdrawal,
  withdrawalStatement,
} from './wire/authority.ts';
export type { ListedBlob } from './wire/blob-operation.ts';
export {
  CheckedAppend,
  encodeEntryPush,
  encodeRoomNumber,
  encodeStubsPushes,
  encodeWrapPush,
  frameKinds,
} from './wire/compact.ts';
export { encodeFrame, FrameDecoder } from './wire/frame.ts';
export type { LinkName } from './wire/key-operation.ts';
export {
  type ChatOperation,
  type EnrolmentOperation,
  type Operation,
  operations,
  type ProfileRun,
  type RequestOf,
  type Response,
  type ResultOf,
  type RoomSummary,
  requestHead,
  response,
} from './wire/operation.ts';
export { type Push, type PushKind, push } from './wire/push.ts';
export {
  channelBinding,
  enrolStatement,
  loginStatement,
  type PrekeyFields,
  prekeyStatement,
  recoverStatement,
  recoveryKeyStatement,
  renewStatement,
  type Statement,
  serverName,
} from './wire/statement.ts';
export { protocolVersion, requireVersion } from './wire/version.ts';
