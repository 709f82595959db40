/** Room policies, knocks, invitations and direct rooms on the screen. */
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../support/fake-client.ts';
import { direct, fingerprint, knockEvent, messageEvent, open, roomEvent, view } from '../support/samples.ts';
import { settled, setUp } from '../support/typing.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

const joined = { kind: 'joined', seq: 3, at: 0, user: 'alice', fingerprint } as const;

describe('a room’s policy', () => {
  test('is chosen when the room is created, and shown when a user enters it', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    await type('/create one');
    await type('/create two all invite');
    await type('/create three verified');
    expect(client.joined.map(({ policy }) => policy)).toEqual([
      open,
      { join: 'invite', history: 'all' },
      { join: 'verified', history: 'since-join' },
    ]);
    const policies = shown.filter((text) => text.startsWith('('));
    expect(policies[0]).toContain('open to all users; new members can read messages from their joining on');
    expect(policies[1]).toContain('by invitation; new members can read all earlier messages');
    expect(policies[2]).toMatch(/has verified the new member.*from their invitation on/);
  });

  test('of other words creates no room', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    for (const words of ['secret', 'open invite', 'all all', 'direct']) await type(`/create room ${words}`);
    expect(client.joined).toEqual([]);
    expect(shown.at(-1)).toContain('verified');
  });
});

describe('knocking', () => {
  test('is offered when an invitation is needed, and done only after a yes', async () => {
    const client = new FakeClient();
    client.byInvitation.add('attic');
    const { type, shown } = setUp(client, 'no', 'yes');
    await type('/join attic');
    expect(client.decided).toEqual([]);
    await type('/join attic');
    expect(client.decided).toEqual(['knock at attic']);
    expect(shown.at(-1)).toContain('you join automatically');
  });

  test('is offered when the invitation has ended', async () => {
    const client = new FakeClient();
    client.endedInvitations.add('attic');
    const { type } = setUp(client, 'yes');
    await type('/join attic');
    expect(client.decided).toEqual(['knock at attic']);
  });

  test('enters the room once a member invites the user, also after a restart, unless another room is the current one', async () => {
    const client = new FakeClient();
    const { conversation, shown, moves } = setUp(client);
    client.joined = [view('attic')];
    client.emit(roomEvent('attic', joined, false));
    await settled();
    expect(conversation.roomName).toBe('attic');
    expect(moves()).toBe(1);
    client.joined = [view('attic'), view('cellar')];
    client.emit(roomEvent('cellar', joined, false));
    client.emit(roomEvent('cellar', joined, false));
    await settled();
    expect(conversation.roomName).toBe('attic');
    expect(shown.filter((text) => text.includes('/join cellar'))).toHaveLength(1);
  });

  test('does not report an admission to a room that the user enters by a command', async () => {
    const client = new FakeClient();
    const { conversation, type, count } = setUp(client);
    const entering = type('/join attic');
    client.emit(roomEvent('attic', joined));
    await entering;
    client.emit(roomEvent('attic', joined, false));
    expect(count('admitted to')).toBe(0);
    expect(conversation.roomName).toBe('attic');
  });
});

describe('a user who knocks', () => {
  const knock = knockEvent('dave');

  test('is shown once with the whole fingerprint and the command to admit them, and again after an invitation', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, count } = setUp(client);
    await conversation.enter(view('lobby'));
    client.emit(knock);
    client.emit(knock);
    expect([count('dave asks'), count('ABAB ABAB ABAB ABAB ABAB ABAB ABAB ABAB'), count('/admit dave')]).toEqual([
      1, 1, 1,
    ]);
    const invited = {
      kind: 'invited',
      seq: 4,
      at: 0,
      by: 'alice',
      user: 'dave',
      fingerprint,
      verified: false,
    } as const;
    client.emit(roomEvent('lobby', invited));
    client.emit(knock);
    expect(count('dave asks')).toBe(2);
  });

  test('is invited with the key that was shown, and no other user is', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    await type('/knocks');
    expect(shown.at(-1)).toBe('No user asks to be invited.');
    await type('/admit dave');
    expect(shown.at(-1)).toContain('dave does not ask');
    expect(client.decided).toEqual([]);
    client.knocking = [{ user: 'dave', fingerprint }];
    await type('/knocks');
    expect(shown.at(-1)).toMatch(/^dave\n {2}ABAB/);
    await type('/admit dave');
    await type('/invite carol');
    expect(client.decided).toEqual(['invite dave into lobby by key', 'invite carol into lobby']);
  });

  test('is not invited with a key that was not shown, until the command is repeated', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    client.emit(knock);
    client.knocking = [{ user: 'dave', fingerprint: 'cd'.repeat(32) }];
    await type('/admit dave');
    expect(client.decided).toEqual([]);
    expect(shown.at(-2)).toMatch(/^dave\n {2}CDCD/);
    expect(shown.at(-1)).toContain('another identity key');
    client.knocking = [{ user: 'carol', fingerprint }];
    await type('/admit carol');
    expect(client.decided).toEqual([]);
    await type('/admit carol');
    expect(client.decided).toEqual(['invite carol into lobby by key']);
  });
});

describe('an invited user', () => {
  test('is listed after the members', async () => {
    const carol = { user: 'carol', fingerprint, by: 'bob', verified: true };
    const client = new FakeClient(view('lobby', { invited: [carol] }));
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    await type('/members');
    expect(shown.at(-1)).toMatch(/^alice .*\ncarol {2}invited {2}ABAB .* by bob, verified$/);
  });

  test('sees their invitations', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    await type('/invitations');
    expect(shown.at(-1)).toBe('You have no invitations.');
    const attic = { roomId: 'r1', roomName: 'attic', by: 'bob', policy: { join: 'invite', history: 'all' } } as const;
    const talk = {
      roomId: 'r2',
      roomName: 'dm-0',
      by: 'carol',
      policy: { join: 'direct', history: 'since-join' },
    } as const;
    client.waiting = [attic, talk];
    await type('/invitations');
    expect(shown.at(-1)).toMatch(
      /^attic, from bob \(by invitation; .*\): \/join attic or \/decline attic\n@carol .*: \/msg carol or \/decline @carol$/,
    );
    client.emit({ kind: 'invited', ...attic });
    expect(shown.at(-1)).toMatch(/bob invites you to attic .*\/join attic enters it, \/decline attic declines/);
    client.emit({ kind: 'invited', ...talk });
    expect(shown.at(-1)).toMatch(
      /carol invites you to a direct room: \/msg carol enters it, \/decline @carol declines/,
    );
  });
});

describe('/dismiss', () => {
  test('dismisses the request of a user at the current room', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    await type('/dismiss carol');
    expect(client.decided).toEqual(['dismiss carol at lobby']);
    expect(shown.at(-1)).toBe('You dismissed the request of carol.');
    client.emit({ kind: 'knock-dismissed', roomId: 'r1', roomName: 'lobby', user: 'dave', by: 'bob' });
    expect(shown.at(-1)).toContain('bob dismissed the request of dave to be invited');
    client.emit({ kind: 'knock-ended', roomId: 'r9', roomName: 'den' });
    expect(shown.at(-1)).toContain('your request to be invited to den is over');
  });

  test('tells the inviter of an invitation that has ended', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, shown } = setUp(client);
    await conversation.enter(view('lobby'));
    const day = 24 * 60 * 60_000;
    const ended = {
      kind: 'invitation-ended',
      roomId: 'r1',
      roomName: 'lobby',
      user: 'dave',
      fingerprint: 'd',
    } as const;
    client.emit({ ...ended, forMs: 30 * day + 90 * 60_000 });
    expect(shown.at(-1)).toMatch(
      /dave has not joined within 30 days, so the invitation has ended: \/invite dave invites/,
    );
  });
});

describe('/decline', () => {
  test('declines the invitation to a room, or by the user the one to a direct room', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    const policy = { join: 'direct', history: 'since-join' } as const;
    client.waiting = [{ roomId: 'r2', roomName: 'dm-0', by: 'carol', policy }];
    for (const line of ['/decline attic', '/decline @carol']) await type(line);
    expect(client.decided).toEqual(['decline attic', 'decline dm-0']);
    expect(shown.at(-1)).toBe('You declined the invitation to @carol.');
    for (const line of ['/decline', '/decline Attic', '/decline @']) await type(line);
    expect(client.decided).toHaveLength(2);
    await type('/decline @bob');
    expect(shown.at(-1)).toContain('bob has not invited you to a direct room');
    client.byInvitation.add('den');
    await type('/decline den');
    expect(shown.at(-1)).toMatch(/^You have no invitation to den: \/invitations .* lists your invitations\.$/);
  });
});

describe('a direct room', () => {
  test('is opened, written to, named and left by the name of the other user', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown, count } = setUp(client);
    await conversation.enter(view('lobby'));
    await type('/msg bob are you  there?');
    expect(conversation.title).toBe('@bob');
    expect(client.sent).toMatchObject([{ room: 'dm-bob', text: 'are you  there?' }]);
    client.sent[0]?.accept(1);
    await settle();
    await type('/join lobby');
    client.emit(roomEvent('dm-bob', messageEvent(5, 'bob', 'yes')));
    expect(shown.at(-1)).toMatch(/^\[@bob\] .*bob: yes$/);
    await type('/join @bob');
    expect(conversation.title).toBe('@bob');
    await type('/join lobby');
    await type('/leave @bob');
    expect(shown.at(-1)).toBe('You left @bob.');
    expect(conversation.roomName).toBe('lobby');
    expect(count('dm-bob')).toBe(0);
  });

  test('that the other user has left accepts no texts, and returns them', async () => {
    const left = direct('bob', { peer: null });
    const client = new FakeClient(left);
    const { conversation, type, shown } = setUp(client);
    await conversation.enter(left);
    await type('hello?');
    expect(client.sent).toEqual([]);
    expect(shown.at(-1)).toMatch(/^Your text:\n\s+hello\?\n!! The other user has left/);
  });

  test('is not opened without a name, with an invalid one, or with the local user', async () => {
    const client = new FakeClient();
    const { type } = setUp(client);
    for (const line of ['/msg', '/msg Bob', '/msg @', '/join @', '/msg alice', '/join @alice']) await type(line);
    expect(client.joined).toEqual([]);
  });
});
