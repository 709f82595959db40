/** The operations of the chat port: one row each, with its guard, its cost and its handler. */
import type { ChatOperation } from '@chat/protocol';
import { shownAuthority } from '../identity/authority-history.ts';
import {
  appendBlob,
  appendedBytes,
  createBlob,
  deleteBlob,
  finishBlob,
  listBlobs,
  readBlob,
  wantedBytes,
} from './blobs.ts';
import type { ChatCall } from './chat-call.ts';
import { afterLogin, anytime, asMember, asRecipient, beforeLogin } from './chat-rules.ts';
import { heartbeat } from './heartbeats.ts';
import { dismissKnock, invitations, knock, knocks, ownKnocks } from './invitations.ts';
import { askKey, giveKey, lackKey } from './key-requests.ts';
import {
  confirmationCost,
  confirmLinks,
  confirmWraps,
  getLinks,
  getWrapProof,
  getWraps,
  linksCost,
  putLinks,
} from './links.ts';
import { login } from './login.ts';
import { getKeyRenewals, getPrekeys, prekeysCost, putPrekey } from './prekeys.ts';
import {
  dropRecoveryChunks,
  endRecovery,
  getRecovery,
  getRecoveryChunk,
  listRecoveryChunks,
  putRecoveryChunk,
  putRecoveryKey,
  putRecoveryManifest,
} from './recovery.ts';
import { append, appendCost, createRoom, findRoom, listRooms, restoreCost, restoreEntries } from './rooms.ts';
import type { Rule } from './rule.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import { putWraps, wrapsCost } from './wraps.ts';

/** The rule of each operation of the chat port. */
export const chatTable: Readonly<Record<ChatOperation, Rule<ChatCall>>> = {
  ping: anytime('ping', { cost: 1 }, () => ({})),
  'get-authority': anytime('get-authority', { cost: 1 }, (_, { services }) => shownAuthority(services.history)),
  // A signature check, and the TLS handshake before it.
  login: beforeLogin('login', { cost: 20, endsOnRefusal: true }, login),
  'list-rooms': afterLogin('list-rooms', { cost: 4 }, listRooms),
  'find-room': afterLogin('find-room', { cost: 1 }, findRoom),
  'put-prekey': afterLogin('put-prekey', { cost: 6 }, putPrekey),
  'get-prekeys': afterLogin('get-prekeys', { cost: prekeysCost }, getPrekeys),
  'get-key-renewals': afterLogin('get-key-renewals', { cost: 2 }, getKeyRenewals),
  'list-invitations': afterLogin('list-invitations', { cost: 4 }, invitations),
  knock: afterLogin('knock', { cost: 6 }, knock),
  'list-knocks': asMember('list-knocks', { cost: 2 }, knocks),
  'dismiss-knock': asMember('dismiss-knock', { cost: 6 }, dismissKnock),
  'list-own-knocks': afterLogin('list-own-knocks', { cost: 2 }, ownKnocks),
  heartbeat: asMember('heartbeat', { cost: 2 }, heartbeat),
  'create-room': afterLogin('create-room', { cost: 10, pipelined: true }, createRoom),
  append: afterLogin('append', { cost: appendCost, pipelined: true }, append),
  'restore-entries': afterLogin('restore-entries', { cost: restoreCost }, restoreEntries),
  'put-wraps': asMember('put-wraps', { cost: wrapsCost }, putWraps),
  'put-links': asMember('put-links', { cost: linksCost }, putLinks),
  'get-links': afterLogin('get-links', { cost: 2 }, getLinks),
  'confirm-links': afterLogin('confirm-links', { cost: 2 }, confirmLinks),
  'get-wraps': asRecipient('get-wraps', { cost: 2 }, getWraps),
  'get-wrap-proof': asRecipient('get-wrap-proof', { cost: 4 }, getWrapProof),
  'confirm-wraps': afterLogin('confirm-wraps', { cost: confirmationCost }, confirmWraps),
  'blob-create': afterLogin('blob-create', { cost: 6 }, createBlob),
  'blob-append': afterLogin('blob-append', { cost: 1, uploads: appendedBytes, pipelined: true }, appendBlob),
  'blob-finish': afterLogin('blob-finish', { cost: 6, pipelined: true }, finishBlob),
  'blob-read': afterLogin('blob-read', { cost: 1, downloads: wantedBytes, pipelined: true }, readBlob),
  'blob-delete': afterLogin('blob-delete', { cost: 6 }, deleteBlob),
  'blob-list': afterLogin('blob-list', { cost: 2 }, listBlobs),
  'ask-key': asMember('ask-key', { cost: 2 }, askKey),
  'give-key': asMember('give-key', { cost: 2 }, giveKey),
  'lack-key': asMember('lack-key', { cost: 2 }, lackKey),
  'put-recovery-key': afterLogin('put-recovery-key', { cost: 6 }, putRecoveryKey),
  'end-recovery': afterLogin('end-recovery', { cost: 6 }, endRecovery),
  'get-recovery': afterLogin('get-recovery', { cost: 2 }, getRecovery),
  'list-recovery-chunks': afterLogin('list-recovery-chunks', { cost: 4 }, listRecoveryChunks),
  'put-recovery-chunk': afterLogin('put-recovery-chunk', { cost: 2 }, putRecoveryChunk),
  'get-recovery-chunk': afterLogin('get-recovery-chunk', { cost: 1 }, getRecoveryChunk),
  'drop-recovery-chunks': afterLogin('drop-recovery-chunks', { cost: 4 }, dropRecoveryChunks),
  'put-recovery-manifest': afterLogin('put-recovery-manifest', { cost: 6 }, putRecoveryManifest),
  subscribe: asMember('subscribe', { cost: 4 }, subscribe),
  unsubscribe: afterLogin('unsubscribe', { cost: 1 }, unsubscribe),
};
