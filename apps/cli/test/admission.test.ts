import { describe, expect, test } from 'vitest';
import { FakeClient } from './fake-client.ts';
import { direct, fingerprint, messageEvent, open, roomEvent, view } from './samples.ts';
import { setUp } from './typing.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

const joined = { kind: 'joined', seq: 3, at: 0, user: 'alice', fingerprint } as const;

describe('a room’s policy', () => {
  test('is chosen when it is created, and told to whoever enters', async () => {
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
    const told = shown.filter((text) => text.startsWith('('));
    expect(told[0]).toContain('open to everybody; newcomers read what is said from their joining on');
    expect(told[1]).toContain('by invitation; newcomers read everything');
    expect(told[2]).toMatch(/compared safety numbers.*from their invitation on/);
  });

  test('of other words creates nothing', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    for (const words of ['secret', 'open invite', 'all all', 'direct']) await type(`/create room ${words}`);
    expect(client.joined).toEqual([]);
    expect(shown.at(-1)).toContain('verified');
  });
});

describe('knocking', () => {
  test('is offered where an invitation is needed, and done only after a yes', async () => {
    const client = new FakeClient();
    client.byInvitation.add('attic');
    const { type, shown } = setUp(client, 'no', 'yes');
    await type('/join attic');
    expect(client.decided).toEqual([]);
    await type('/join attic');
    expect(client.decided).toEqual(['knock at attic']);
    expect(shown.at(-1)).toContain('You join by yourself');
  });

  test('leads into the room once somebody opens, also after a restart; whoever talks elsewhere stays there', () => {
    const client = new FakeClient();
    const { conversation, shown, moves } = setUp(client);
    client.joined = [view('attic')];
    client.emit(roomEvent('attic', joined, false));
    expect(conversation.room).toBe('attic');
    expect(moves()).toBe(1);
    client.joined = [view('attic'), view('cellar')];
    client.emit(roomEvent('cellar', joined, false));
    client.emit(roomEvent('cellar', joined, false));
    expect(conversation.room).toBe('attic');
    expect(shown.filter((text) => text.includes('/join cellar'))).toHaveLength(1);
  });

  test('a room that is entered by command is not one that lets us in', async () => {
    const client = new FakeClient();
    const { conversation, type, count } = setUp(client);
    const entering = type('/join attic');
    client.emit(roomEvent('attic', joined));
    await entering;
    client.emit(roomEvent('attic', joined, false));
    expect(count('let into')).toBe(0);
    expect(conversation.room).toBe('attic');
  });
});

describe('somebody who knocks', () => {
  const knock = { kind: 'knock', roomId: 'id of lobby', roomName: 'lobby', user: 'dave', fingerprint } as const;

  test('is shown once with the whole fingerprint and what lets them in, again after they were invited', () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, count } = setUp(client);
    conversation.enter(view('lobby'));
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

  test('is let in by the key that was shown, and nobody else is', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown } = setUp(client);
    conversation.enter(view('lobby'));
    await type('/knocks');
    expect(shown.at(-1)).toBe('Nobody asks to be let in.');
    await type('/admit dave');
    expect(shown.at(-1)).toContain('dave has not asked');
    expect(client.decided).toEqual([]);
    client.knocking = [{ user: 'dave', fingerprint }];
    await type('/knocks');
    expect(shown.at(-1)).toMatch(/^dave\n {2}ABAB/);
    await type('/admit dave');
    await type('/invite carol');
    expect(client.decided).toEqual(['invite dave into lobby by key', 'invite carol into lobby']);
  });
});

describe('who is invited', () => {
  test('is listed after the members', async () => {
    const carol = { user: 'carol', fingerprint, by: 'bob', verified: true };
    const client = new FakeClient(view('lobby', { invited: [carol] }));
    const { conversation, type, shown } = setUp(client);
    conversation.enter(view('lobby'));
    await type('/members');
    expect(shown.at(-1)).toMatch(/^alice .*\ncarol {2}invited {2}ABAB .* by bob, verified$/);
  });

  test('finds what waits for them', async () => {
    const client = new FakeClient();
    const { type, shown } = setUp(client);
    await type('/invitations');
    expect(shown.at(-1)).toBe('No invitation waits for you.');
    const attic = { roomId: 'r1', roomName: 'attic', by: 'bob', policy: { join: 'invite', history: 'all' } } as const;
    const talk = {
      roomId: 'r2',
      roomName: 'dm-0',
      by: 'carol',
      policy: { join: 'direct', history: 'since-join' },
    } as const;
    client.waiting = [attic, talk];
    await type('/invitations');
    expect(shown.at(-1)).toMatch(/^attic, from bob \(by invitation; .*\): \/join attic\n@carol .*: \/msg carol$/);
    client.emit({ kind: 'invited', ...attic });
    expect(shown.at(-1)).toMatch(/bob invites you to attic .*\/join attic/);
    client.emit({ kind: 'invited', ...talk });
    expect(shown.at(-1)).toMatch(/carol wants to talk with you alone: \/msg carol/);
  });
});

describe('a conversation of two', () => {
  test('is opened, written to, named and left by the other’s name', async () => {
    const client = new FakeClient(view('lobby'));
    const { conversation, type, shown, count } = setUp(client);
    conversation.enter(view('lobby'));
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
    expect(conversation.room).toBe('lobby');
    expect(count('dm-bob')).toBe(0);
  });

  test('that the other has left takes no more texts, and gives them back', async () => {
    const left = direct('bob', { peer: null });
    const client = new FakeClient(left);
    const { conversation, type, shown } = setUp(client);
    conversation.enter(left);
    await type('hello?');
    expect(client.sent).toEqual([]);
    expect(shown.at(-2)).toMatch(/^!! The other one has left/);
    expect(shown.at(-1)?.trim()).toBe('hello?');
  });

  test('with nobody, oneself, or a name that cannot be, is not opened', async () => {
    const client = new FakeClient();
    const { type } = setUp(client);
    for (const line of ['/msg', '/msg Bob', '/msg @', '/join @', '/msg alice', '/join @alice']) await type(line);
    expect(client.joined).toEqual([]);
  });
});
