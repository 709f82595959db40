/** The views of a client that cross the socket, and the mirror that they make. */
import { type AttentionSettings, type ChatClient, defaultAttention, type RoomView } from '@chat/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChangedIdentity } from '../../../src/identity/pins.ts';
import { PublishedViews } from '../../../src/node/shared/holder/published-views.ts';
import type { Changes } from '../../../src/node/shared/local-messages.ts';
import { Mirror } from '../../../src/node/shared/mirror.ts';

/** A client of which a test sets what it shows. */
class ShownClient {
  online = false;
  refusal: { code: string; reason: string } | null = null;
  isRenewingKey = false;
  messages: Pick<ChatClient['messages'], 'areDamaged'> = { areDamaged: false };
  attention: { settings: AttentionSettings } = { settings: defaultAttention };
  changed: ChangedIdentity[] = [];
  users: string[] = [];
  readonly views = new Map<string, RoomView>();

  changedIdentities(): readonly ChangedIdentity[] {
    return this.changed;
  }

  knownUsers(): readonly string[] {
    return this.users;
  }

  rooms(): readonly RoomView[] {
    return [...this.views.values()].sort((a, b) => (a.roomName < b.roomName ? -1 : 1));
  }

  room(roomName: string): RoomView | null {
    return this.views.get(roomName) ?? null;
  }
}

const roomName = fc.constantFrom('atrium', 'kitchen', 'lobby', 'workshop');
const user = fc.constantFrom('alice', 'bob', 'carol', 'mallory');
const member = fc.record({ user, online: fc.boolean(), heardAt: fc.option(fc.nat()) });
const fields = fc.record(
  {
    members: fc.array(member, { maxLength: 3 }),
    invited: fc.array(fc.record({ user, by: fc.option(user) }), { maxLength: 2 }),
    connected: fc.nat(9),
    epoch: fc.nat(9),
    caughtUp: fc.boolean(),
    unsent: fc.nat(3),
    latest: fc.option(fc.record({ seq: fc.nat(), at: fc.nat() })),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('change' as const), roomName, fields }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), roomName }) },
  fc.record({ kind: fc.constant('online' as const), online: fc.boolean() }),
  fc.record({ kind: fc.constant('refusal' as const), code: fc.option(fc.constantFrom('login-refused', 'closed')) }),
  fc.record({ kind: fc.constant('meet' as const), user }),
  fc.record({ kind: fc.constant('renewing' as const), isRenewing: fc.boolean() }),
  fc.record({ kind: fc.constant('other-key' as const), user, verified: fc.boolean() }),
  fc.record({ kind: fc.constant('damage' as const) }),
  fc.record({ kind: fc.constant('mute' as const), user }),
  fc.record({ kind: fc.constant('arrive' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const blank = (name: string) =>
  ({ roomId: `id of ${name}`, roomName: name, members: [], invited: [], epoch: 0, peer: null }) as unknown as RoomView;

/** Changes the client, and returns the only room that can have changed; null for all. */
function take(client: ShownClient, each: Step): string | null {
  if (each.kind === 'change') {
    const before = client.room(each.roomName) ?? blank(each.roomName);
    client.views.set(each.roomName, { ...before, ...(each.fields as unknown as Partial<RoomView>) });
    return each.roomName;
  }
  if (each.kind === 'leave') {
    client.views.delete(each.roomName);
    return each.roomName;
  }
  if (each.kind === 'online') client.online = each.online;
  if (each.kind === 'refusal') client.refusal = each.code === null ? null : { code: each.code, reason: 'because' };
  if (each.kind === 'meet' && !client.users.includes(each.user)) client.users.push(each.user);
  if (each.kind === 'other-key') {
    client.changed.push({ user: each.user, known: 'a1', seen: 'b2', verified: each.verified } as ChangedIdentity);
  }
  if (each.kind === 'mute') client.attention = { settings: { ...defaultAttention, muted: [each.user] } };
  if (each.kind === 'damage') client.messages = { areDamaged: true };
  if (each.kind === 'renewing') client.isRenewingKey = each.isRenewing;
  return null;
}

const acrossSocket = (changes: Changes): Changes => JSON.parse(JSON.stringify(changes)) as Changes;

function expectSame(mirror: Mirror, client: ShownClient): void {
  expect(mirror.rooms()).toEqual(client.rooms());
  const { online, refusal, isRenewingKey } = client;
  const known = client.users.length;
  expect(mirror.status).toEqual({
    online,
    refusal,
    isRenewingKey,
    areMessagesDamaged: client.messages.areDamaged,
    changedIdentities: client.changed,
    attention: client.attention.settings,
    known,
  });
  for (const [name, view] of client.views) expect(mirror.room(name)).toEqual(view);
  expect(mirror.lookAlike('b0b', 'alice')).toBe(client.users.includes('bob') ? 'bob' : null);
}

test('a mirror shows what the client shows after every change, whenever it has begun', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const client = new ShownClient();
      const views = new PublishedViews(client);
      const mirrors = [new Mirror()];
      for (const each of steps) {
        const changes = views.changes(take(client, each));
        if (changes !== null) for (const mirror of mirrors) mirror.apply(acrossSocket(changes));
        if (each.kind === 'arrive') {
          const mirror = new Mirror();
          mirror.begin(acrossSocket(views.all()));
          mirrors.push(mirror);
        }
        for (const mirror of mirrors) expectSame(mirror, client);
      }
    }),
    { numRuns: 40 },
  );
});

test('what has not changed is not sent again', () => {
  const client = new ShownClient();
  const views = new PublishedViews(client);
  client.views.set('lobby', { ...blank('lobby'), members: [{ user: 'alice' }] } as unknown as RoomView);
  expect(views.changes(null)?.rooms).toHaveLength(1);
  expect(views.changes(null)).toBeNull();
  client.views.set('lobby', { ...blank('lobby'), members: [{ user: 'alice' }], epoch: 2 } as unknown as RoomView);
  expect(views.changes('lobby')?.rooms).toEqual([{ roomId: 'id of lobby', roomName: 'lobby', peer: null, epoch: 2 }]);
});

test('a mirror without a holder shows the rooms as they were, and no connection', () => {
  const client = new ShownClient();
  client.online = true;
  client.views.set('lobby', { ...blank('lobby'), caughtUp: true });
  const mirror = new Mirror();
  mirror.begin(acrossSocket(new PublishedViews(client).all()));
  mirror.silence(true);
  expect([mirror.status.online, mirror.room('lobby')?.caughtUp]).toEqual([false, true]);
  mirror.silence(false);
  expect(mirror.status.online).toBe(true);
  mirror.lost();
  expect(mirror.status.online).toBe(false);
  expect(mirror.room('lobby')).toEqual({ ...blank('lobby'), caughtUp: false });
});

test('a mirror that has shown damaged messages does so with another holder, which has not read these yet', () => {
  const mirror = new Mirror();
  const client = new ShownClient();
  const shown = [false, true, false].map((areDamaged) => {
    client.messages = { areDamaged };
    mirror.begin(acrossSocket(new PublishedViews(client).all()));
    mirror.lost();
    return mirror.status.areMessagesDamaged;
  });
  expect(shown).toEqual([false, true, true]);
});

test('a mirror of another holder has its rooms, and none of the holder before', () => {
  const mirror = new Mirror();
  for (const names of [['lobby', 'kitchen'], ['lobby']]) {
    const client = new ShownClient();
    for (const name of names) client.views.set(name, blank(name));
    mirror.lost();
    mirror.begin(acrossSocket(new PublishedViews(client).all()));
    expect(mirror.rooms()).toEqual(client.rooms());
  }
});
