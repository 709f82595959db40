/**
 * What each operation tells an outsider, an invited user, a removed user and a member of a room by invitation: the fields of the
 * answer, or the code of the refusal. The threat model names them; a new operation has to be added here.
 */
import { emptyLogHash, type Operation, operations, ProtocolError, prekeyId, sha256Hex } from '@chat/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { author, enrol, openRecovery, renew, renewKey } from '../support/enrolling.ts';
import { create, epoch, invite, join, knock, message, newCid, remove } from '../support/entries.ts';
import { signedPrekey } from '../support/prekeys.ts';
import { type Member, type TestServer, testServer } from '../support/test-server.ts';
import { listOf, noneFor, putWraps, wrapsFor } from '../support/wraps.ts';

const policy = { join: 'invite', history: 'since-join' } as const;

let at: TestServer;
let id: string;
let alice: Member;
let bob: Member;
let carol: Member;
let mallory: Member;

/** Alice is the only member; Bob is invited, Carol was removed, and Mallory has never been there. */
beforeEach(async () => {
  at = await testServer();
  [alice, bob] = [await at.member('alice'), await at.member('bob')];
  [carol, mallory] = [await at.member('carol'), await at.member('mallory')];
  const { entry, room } = create(alice.who, 'den', policy);
  id = room;
  await alice.client.request('create-room', { cid: newCid(), entry });
  const append = ({ client }: Member, next: typeof entry) =>
    client.request('append', { room, cid: newCid(), entry: next });
  await append(alice, invite(alice.who, room, { about: carol.who, seq: 1 }));
  await append(carol, join(carol.who, room, 2));
  await append(alice, remove(alice.who, room, { about: carol.who, seq: 3 }));
  await append(alice, invite(alice.who, room, { about: bob.who, seq: 4 }));
  const wraps = [...noneFor(alice.who), ...wrapsFor(bob.who)];
  await putWraps(alice, { room, number: 1, wraps });
  await append(alice, epoch(alice.who, room, { number: 1, answers: 5, wraps }));
  for (const each of [alice, bob, carol, mallory]) await each.client.request('put-prekey', prekeyOf(each, 1_000));
  await alice.client.request('put-links', { room, links: [linkTo(bob)] });
});
afterEach(() => at[Symbol.asyncDispose]());

const prekeyOf = ({ who }: Member, madeAt: number) => signedPrekey(who, { serverId: at.server.serverId, madeAt });

/** The id of a blob in the room. */
const blobOf = (user: string) => sha256Hex(new TextEncoder().encode(user)).slice(0, 32);

/** Returns an opening of a link to a user, which is made to the user's first prekey of this test. */
const linkTo = (to: Member) => ({
  to: to.who.signer.fingerprint,
  id: new Uint8Array(8).fill(1),
  prekey: prekeyId(prekeyOf(to, 1_000).prekey),
  opening: new Uint8Array(1_138),
});

/** Asks before a login: with a new key in the name of this user, and on the chat port with the user's own key. */
const asked: Readonly<Partial<Record<Operation, (by: Member) => Promise<object>>>> = {
  enrol: ({ who }) => enrol(at, author(who.user)),
  renew: ({ who }) => renew(at, author(who.user)),
  'renew-key': ({ who }) => renewKey(at, author(who.user)),
  'open-recovery': ({ who }) => openRecovery(at, author(who.user)),
  async login({ who }) {
    const client = await at.connect(who);
    return client.ask('login', await at.loginRequest(client, who));
  },
};

/** What each other operation is asked with. */
const requests: Readonly<
  Record<Exclude<Operation, 'enrol' | 'renew' | 'renew-key' | 'open-recovery' | 'login'>, (by: Member) => object>
> = {
  'get-authority': () => ({}),
  'list-rooms': () => ({}),
  'find-room': () => ({ name: 'den' }),
  'put-prekey': (by) => prekeyOf(by, 2_000),
  'get-prekeys': () => ({ users: ['alice', 'bob'], room: id }),
  'get-key-renewals': () => ({ user: 'alice' }),
  'list-invitations': () => ({}),
  knock: ({ who }) => ({ room: id, knock: knock(who, id) }),
  'list-knocks': () => ({ room: id }),
  'dismiss-knock': () => ({ room: id, user: 'mallory' }),
  'list-own-knocks': () => ({}),
  'create-room': ({ who }) => ({ cid: newCid(), entry: create(who, `room-of-${who.user}`).entry }),
  append: ({ who }) => ({ room: id, cid: newCid(), entry: message(who, id, 1) }),
  'put-wraps': ({ who }) => ({ room: id, number: 2, kind: 'fresh', first: 0, wraps: listOf(wrapsFor(who)).slots }),
  'put-links': ({ who }) => ({ room: id, links: [linkTo(who.user === 'alice' ? bob : alice)] }),
  'get-links': () => ({}),
  'confirm-links': () => ({ taken: [], lost: [{ from: alice.who.signer.fingerprint, id: new Uint8Array(8) }] }),
  'get-wraps': () => ({ room: id, from: 1, to: 1 }),
  'get-wrap-proof': () => ({ room: id, number: 1 }),
  'confirm-wraps': () => ({ rooms: [{ room: id, from: 1, to: 1 }] }),
  'ask-key': ({ who }) => ({ room: id, number: 1, user: who.user === 'alice' ? 'bob' : 'alice' }),
  'give-key': ({ who }) => ({ room: id, number: 1, ...wrapsFor(who)[0] }),
  'lack-key': ({ who }) => ({ room: id, number: 1, user: who.user }),
  'put-recovery-key': () => ({ key: 'A'.repeat(160), madeAt: 1, signature: 'AAAA' }),
  'end-recovery': () => ({}),
  'get-recovery': () => ({}),
  'list-recovery-chunks': () => ({}),
  'put-recovery-chunk': () => ({ name: new Uint8Array(32), chunk: new Uint8Array(28) }),
  'get-recovery-chunk': () => ({ name: new Uint8Array(32) }),
  'drop-recovery-chunks': () => ({ names: new Uint8Array(32) }),
  'put-recovery-manifest': () => ({ number: 1, manifest: new Uint8Array(28) }),
  subscribe: () => ({ room: id, after: 0 }),
  'restore-entries': () => ({ room: id, after: { seq: 0, hash: emptyLogHash(id) }, entries: [], done: false }),
  // Only a member's request is looked at further, and this one is not signed.
  heartbeat: ({ who }) => ({
    room: id,
    heartbeat: { payload: '{}', by: who.signer.fingerprint, signature: 'AAAA' },
  }),
  'blob-create': ({ who }) => ({ room: id, blob: blobOf(who.user), bytes: 1 }),
  'blob-append': ({ who }) => ({ room: id, blob: blobOf(who.user), offset: 0, bytes: new Uint8Array(1) }),
  'blob-finish': ({ who }) => ({ room: id, blob: blobOf(who.user), hash: sha256Hex(new Uint8Array(1)) }),
  'blob-read': ({ who }) => ({ room: id, blob: blobOf(who.user), offset: 0, limit: 1 }),
  'blob-delete': ({ who }) => ({ room: id, blob: blobOf(who.user) }),
  'blob-list': () => ({}),
  unsubscribe: () => ({ room: id }),
  ping: () => ({}),
};

/** Returns the names of the fields, with those of the first element of a list. */
function fieldsOf(answer: object): string {
  const names = Object.entries(answer).map(([name, value]) => {
    const [first] = Array.isArray(value) ? value : [];
    if (Array.isArray(value)) return `${name}[${typeof first === 'object' ? fieldsOf(first) : ''}]`;
    return name;
  });
  return names.sort().join(' ');
}

async function learned(operation: Operation, by: Member): Promise<string> {
  const ask =
    asked[operation] ?? (({ client }) => client.ask(operation, requests[operation as keyof typeof requests](by)));
  return ask(by).then(fieldsOf, (error: unknown) => `! ${error instanceof ProtocolError ? error.code : String(error)}`);
}

const toAll = (fields: string) => [fields, fields, fields, fields];
/** Only members get an answer. */
const toMembers = (fields: string) => ['! not-a-member', '! removed', '! not-a-member', fields];
const summary = 'createdAt joined members name policy room';
const whole = 'createdAt head invitedAt joined members name policy room';

/** The answers for an outsider, a removed user, an invited user and a member. */
const table: Readonly<Record<Operation, readonly string[]>> = {
  'get-authority': toAll('first successions[] withdrawals[]'),
  enrol: toAll('! user-name-taken'),
  renew: toAll('! login-refused'),
  'renew-key': toAll('! login-refused'),
  'open-recovery': toAll('! recovery-refused'),
  login: toAll('certificateExpiresAt fingerprint user'),
  'list-rooms': ['more rooms[]', 'more rooms[]', `more rooms[${summary}]`, `more rooms[${summary}]`],
  'find-room': ['invitedAt joined name policy room', '! removed', whole, whole],
  'put-prekey': toAll(''),
  'get-prekeys': toMembers('prekeys[key madeAt prekey signature suite user]'),
  'get-key-renewals': toAll('first renewals[]'),
  'list-invitations': [
    ...['invitations[] more', 'invitations[] more'],
    ...['invitations[at by name policy room] more', 'invitations[] more'],
  ],
  knock: ['', '! removed', '! already-a-member', '! already-a-member'],
  'list-knocks': toMembers('knocks[by payload signature]'),
  'dismiss-knock': toMembers(''),
  'list-own-knocks': toAll('rooms[]'),
  'create-room': toAll('at seq'),
  append: ['! not-a-member', '! not-a-member', '! not-a-member', 'at seq'],
  'put-wraps': toMembers('unknown[] unread[]'),
  'put-links': toMembers('refused[]'),
  'get-links': [...['links[] more', 'links[] more'], 'links[from id opening prekey] more', 'links[] more'],
  'confirm-links': toAll(''),
  'get-wraps': ['! not-a-member', '! removed', 'wraps[number wrap]', 'wraps[]'],
  'get-wrap-proof': ['! not-a-member', '! removed', 'index path size wrap', 'index path size wrap'],
  'confirm-wraps': toAll(''),
  'ask-key': toMembers('! unknown-member'),
  'give-key': toMembers('! unknown-link'),
  'lack-key': toMembers('! not-allowed'),
  'put-recovery-key': toAll('! recovery-refused'),
  'end-recovery': toAll(''),
  'get-recovery': toAll('bytes key number quota'),
  'list-recovery-chunks': toAll('more names'),
  'put-recovery-chunk': toAll('! no-recovery'),
  'get-recovery-chunk': toAll('! no-recovery'),
  'drop-recovery-chunks': toAll(''),
  'put-recovery-manifest': toAll('! no-recovery'),
  subscribe: toMembers('connected hash head online[]'),
  'restore-entries': toMembers('hash head'),
  heartbeat: toMembers('! entry-refused'),
  'blob-create': toMembers('finished received'),
  'blob-append': toMembers('received'),
  'blob-finish': toMembers(''),
  'blob-read': toMembers('bytes'),
  'blob-delete': toMembers(''),
  'blob-list': toAll('blobs[] more'),
  unsubscribe: toAll(''),
  ping: toAll(''),
};

test('each operation tells each kind of user what the table says', async () => {
  const rows: Record<string, readonly string[]> = {};
  for (const operation of Object.keys(operations) as Operation[]) {
    const answers: string[] = [];
    for (const each of [mallory, carol, bob, alice]) answers.push(await learned(operation, each));
    rows[operation] = answers;
  }
  expect(rows).toEqual(table);
});
