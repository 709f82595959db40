/** For which rooms and invitations a client keeps its ends of links, and what it asks the server for that. */
import { fromBase64url, limits, prekeyId } from '@chat/protocol';
import { createRoomCrypto, linkContext, wrapContext } from '@chat/room';
import { beforeEach, expect, test } from 'vitest';
import { authority, isolatedAlice } from '../../support/isolated-client.ts';

const crypto = createRoomCrypto();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const bob = 'b'.repeat(64);
const carol = 'c'.repeat(64);
const lobby = [{ roomName: 'lobby', lacks: 'log' }] as const;

let { clock, server, alice } = isolatedAlice();

beforeEach(async () => {
  ({ clock, server, alice } = isolatedAlice());
  alice.strangers.add(carol);
  await alice.connect();
  // Prekeys do not change here.
  alice.ring.disconnected();
  for (const from of [bob, carol]) await mailFrom(from);
});

/** Opens a link to Alice, as another client does. */
async function mailFrom(from: string) {
  const { prekey } = server.prekeyOf('alice');
  const { fingerprint } = alice.identity;
  const context = linkContext(authority.serverId, from, fingerprint);
  const opened = crypto.openLink({ recipient: fromBase64url(prekey), context });
  if (opened === null) throw new Error('no prekey');
  const { link, opening } = opened;
  server.openings.set(fingerprint, [{ from, id: fromBase64url(link.id), prekey: prekeyId(prekey), opening }]);
  await alice.context.mail.fetch();
  return link;
}

/** Lets the server name invitations, one on each page. */
function inviteBy(...users: readonly string[]): void {
  const policy = { join: 'direct', history: 'since-join' };
  const at = clock.now();
  const invitations = users.map((by) => ({ room: '0'.repeat(64), name: `dm-${by}`, by, policy, at }) as never);
  server.answers['list-invitations'] = ({ after }) =>
    after === undefined
      ? { invitations: invitations.slice(0, 1), more: invitations.length > 1 }
      : { invitations: invitations.slice(1), more: false };
}

const kept = () =>
  alice.links.incoming.toJSON().flatMap(({ from, link }) => (link === null ? [] : [from === bob ? 'bob' : 'carol']));

test('erases links after two hours, and asks the server for nothing before', async () => {
  await clock.advance(2 * hour - minute);
  expect([kept(), server.of('list-invitations')]).toEqual([['bob', 'carol'], []]);
  await clock.advance(11 * minute);
  expect([kept(), server.of('list-invitations')]).toEqual([[], [{}]]);
});

test.each([
  {
    what: 'rooms are unread',
    begin: () => {
      alice.unsettled = lobby;
    },
    still: ['bob', 'carol'],
  },
  {
    what: 'an invitation by a known user waits, on the second page',
    begin: () => {
      alice.context.pins.trust('bob', bob);
      inviteBy('mallory', 'bob');
    },
    still: ['bob', 'carol'],
  },
  { what: 'an invitation by a stranger waits', begin: () => inviteBy('mallory'), still: ['carol'] },
  {
    what: 'the server does not say which invitations wait',
    begin: () => {
      server.answers['list-invitations'] = () => {
        throw new Error('It failed.');
      };
    },
    still: ['bob', 'carol'],
  },
])('keeps the links of $still while $what, for two weeks', async ({ begin, still }) => {
  begin();
  await clock.advance(14 * day - hour);
  expect(kept()).toEqual(still);
  await clock.advance(2 * hour);
  expect(kept()).toEqual([]);
});

test('keeps links for an invitation for a month at most, also to a direct room', async () => {
  alice.context.pins.trust('bob', bob);
  inviteBy('bob');
  await clock.advance(limits.invitationAge - hour);
  expect(kept()).toEqual([]);
  await mailFrom(bob);
  await clock.advance(2 * hour - 10 * minute);
  expect(kept()).toEqual(['bob']);
  await clock.advance(20 * minute);
  expect(kept()).toEqual([]);
});

test('erases them when the invitation is accepted and its keys are read', async () => {
  alice.context.pins.trust('bob', bob);
  inviteBy('bob');
  await clock.advance(3 * hour);
  server.answers['list-invitations'] = () => {
    // The join comes between the two questions.
    alice.unsettled = lobby;
    return { invitations: [], more: false };
  };
  await clock.advance(hour);
  expect(kept()).toEqual(['bob', 'carol']);
  alice.unsettled = [];
  server.answers['list-invitations'] = () => ({ invitations: [], more: false });
  await clock.advance(10 * minute);
  expect(kept()).toEqual([]);
});

test('keeps links that were fresh when it asked, if the machine slept before the answer came', async () => {
  // Links of two ages: the older ones have served their time before the machine sleeps.
  await clock.advance(2 * hour - minute);
  await mailFrom(carol);
  const none: { invitations: never[]; more: boolean } = { invitations: [], more: false };
  let answer = (_: typeof none): void => expect.unreachable();
  server.answers['list-invitations'] = () => new Promise<typeof none>((resolve) => (answer = resolve));
  await clock.advance(10 * minute);
  clock.sleep(3 * day);
  answer(none);
  await clock.advance(0);
  expect(kept()).toEqual(['carol']);
  server.answers['list-invitations'] = () => none;
  await clock.advance(11 * minute);
  expect(kept()).toEqual([]);
});

test('forgets skipped steps within twenty minutes once all is read, and not before', async () => {
  alice.unsettled = lobby;
  const link = await mailFrom(bob);
  const wrapOf = (from: typeof link, epochNumber: number) =>
    from.wrap(new Uint8Array(32), wrapContext({ roomId: '1'.repeat(64), epochNumber }));
  const first = wrapOf(link, 1);
  const second = wrapOf(first.link, 2);
  const found = { roomId: '1'.repeat(64), epochNumber: 2, from: bob, wrap: second.wrap };
  alice.context.incoming.unwrap(found);
  alice.context.incoming.took('1'.repeat(64), { 2: 'AAAA' });
  const skips = () => alice.context.incoming.unwrap({ ...found, epochNumber: 1, wrap: first.wrap });
  await clock.advance(hour);
  expect(typeof skips()).toBe('object');
  alice.unsettled = [];
  await clock.advance(20 * minute);
  expect(skips()).toBe('used');
});

test('erases the own ends of links that are too old', async () => {
  const { outgoing } = alice.context;
  outgoing.open(bob, crypto.newPrekey().publicKey);
  expect(Object.keys(alice.links.toJSON().senders)).toEqual([bob]);
  await clock.advance(limits.linkAge + 10 * minute);
  expect(alice.links.toJSON().senders).toEqual({});
});

test('tells the user after a day that rooms are unread', async () => {
  alice.unsettled = lobby;
  await clock.advance(25 * hour);
  expect(alice.codes()).toEqual(['rooms-unread']);
  alice.unsettled = [];
  await clock.advance(hour);
  expect(alice.codes()).toEqual(['rooms-unread', 'rooms-unread over']);
});
