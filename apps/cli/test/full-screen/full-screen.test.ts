/** The full screen, as a user sees it on a terminal. */
import type { MessageView } from '@chat/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clockTime, dayOf } from '../../src/text/time.ts';
import { FakeClient } from '../support/fake-client.ts';
import { keys, openFullScreen, type ScreenSize } from '../support/full-screen.ts';
import { direct, fingerprint, member, messageEvent, roomEvent, view } from '../support/samples.ts';

const message = (seq: number, user: string, text: string): MessageView => ({ seq, user, fingerprint, text, at: 0 });
const [time, day] = [clockTime(0), `---- ${dayOf(0)} ----`];

const team = [
  member('alice', { me: true, role: 'owner', hub: true }),
  member('bob', { verified: true }),
  member('carol', { online: false }),
];

/** Alice in the lobby, with a second room and a direct one. */
async function setUp(size?: ScreenSize) {
  const client = new FakeClient(
    view('lobby', { members: team, epoch: 7 }),
    view('dev', { members: team }),
    direct('bob'),
  );
  client.kept.set('lobby', [message(3, 'bob', 'good morning')]);
  client.kept.set('dev', [message(8, 'carol', 'the build is red')]);
  const opened = await openFullScreen(client, size);
  onTestFinished(() => opened.screen.close());
  await opened.conversation.enter(view('lobby'));
  await opened.shown();
  return { client, ...opened };
}

describe('the full screen', () => {
  test('shows rooms, messages, members, the state and what the user types', async () => {
    const { press } = await setUp({ columns: 100, rows: 9 });
    const space = ' '.repeat(58);
    const hint = '(PgUp scrolls, Alt-Up and Alt-Down switch rooms,'.padEnd(58);
    expect(await press('hello')).toEqual([
      `> lobby           │${space}│3 members`,
      `  dev             │${space}│*  alice owner hub`,
      `  @bob            │${space}│*✓ bob`,
      `                  │${day.padEnd(58)}│ ? carol`,
      `                  │${`#3 ${time} bob: good morning`.padEnd(58)}│`,
      `                  │${hint}│`,
      `                  │${'      │ F1 lists the keys)'.padEnd(58)}│`,
      ' online | lobby | epoch 7 | hub you | 1 of 2 verified',
      '> hello',
    ]);
  });

  test('has no pane of members below 100 columns, and none of rooms below 60', async () => {
    const { resize, emulator } = await setUp({ columns: 80, rows: 7 });
    expect(emulator.lines[0]).toMatch(/^> lobby {11}│/);
    expect(emulator.lines.join('\n')).not.toContain('3 members');
    expect(await resize(40, 7)).toEqual([
      day,
      `#3 ${time} bob: good morning`,
      '(PgUp scrolls, Alt-Up and',
      '      │ Alt-Down switch rooms, F1 lists',
      '      │ the keys)',
      ' online | lobby | epoch 7 | hub you | 1',
      '>',
    ]);
    expect((await resize(100, 7))[0]).toContain('3 members');
  });

  test('keeps a draft for each room, and sends it to the room in which it was typed', async () => {
    const { client, press } = await setUp();
    await press('for the lobby');
    expect((await press(keys.nextRoom)).at(-1)).toBe('>');
    await press('for dev', keys.enter);
    expect((await press(keys.previousRoom)).at(-1)).toBe('> for the lobby');
    // It is shown when it is on the room's log.
    expect((await press(keys.enter)).join('\n')).not.toContain('for the lobby');
    expect(client.sent).toMatchObject([
      { room: 'dev', text: 'for dev' },
      { room: 'lobby', text: 'for the lobby' },
    ]);
  });

  test('counts what arrives in other rooms, and a key leads there: first to what names the user', async () => {
    const { client, press, shown } = await setUp();
    client.joined = client.joined.map((room) => {
      if (room.roomName === 'dev')
        return { ...room, latest: { seq: 9, at: 0 }, unread: { count: 1, mentions: 0, first: 9 } };
      return room.peer === null
        ? room
        : { ...room, latest: { seq: 2, at: 0 }, unread: { count: 1, mentions: 1, first: 2 } };
    });
    client.kept.set('dm-bob', [message(2, 'bob', 'are you there, @alice?')]);
    client.emit(roomEvent('dev', messageEvent(9, 'carol', 'green again'), false));
    client.emit(roomEvent('dm-bob', messageEvent(2, 'bob', 'are you there, @alice?')));
    const lines = await shown();
    expect(lines.slice(0, 3).map((line) => line.slice(0, 18))).toEqual([
      '> lobby           ',
      '  dev            1',
      '  @bob          @1',
    ]);
    expect(lines.at(-2)).toContain('2 unread in 2 rooms');
    expect(lines.join('\n')).not.toContain('green again');
    const there = await press(keys.unreadRoom);
    expect(there[2]).toMatch(/^> @bob {12}│/);
    expect((await press(keys.unreadRoom))[1]).toMatch(/^> dev {13}│/);
    expect((await press(keys.unreadRoom)).at(-2)).toBe('There are no unread messages in other rooms.');
  });

  test('changes a message where it stands', async () => {
    const { client, shown } = await setUp();
    const edited = {
      kind: 'edited',
      seq: 4,
      at: 0,
      user: 'bob',
      fingerprint,
      hash: 'h',
      text: 'good evening',
    } as const;
    const event = roomEvent('lobby', { ...edited, epoch: 1, target: { seq: 3, hash: 'x' } } as never);
    client.emit({ ...event, about: { ...message(3, 'bob', 'good evening'), editedAt: 5 } } as never);
    const lines = (await shown()).join('\n');
    expect(lines).toContain(`#3 ${time} bob (edited): good evening`);
    expect(lines).not.toContain('good morning');
  });

  test('lists keys and commands in the width of the message column', async () => {
    const { press, resize } = await setUp({ columns: 100, rows: 50 });
    const keysListed = await press(keys.f1);
    expect(keysListed.join('\n')).toContain('│Alt-A                   Enter the next room with unread');
    await resize(40, 50);
    const commandsListed = await press('/help', keys.enter);
    expect(commandsListed.join('\n')).toMatch(/\n\/trust USER\n {4}Accept the new identity key of a\n {4}user, after/);
    for (const lines of [keysListed, commandsListed])
      expect(lines.join('\n')).not.toMatch(/│ (?!Alt-Down|F1 )\S* ?\w+ [a-z]/);
  });

  test('scrolls through all messages of the archive, and stays there while others arrive', async () => {
    const { client, conversation, press, shown } = await setUp({ columns: 60, rows: 12 });
    client.kept.set(
      'dev',
      Array.from({ length: 350 }, (_, at) => message(at + 1, 'bob', `text ${at + 1}`)),
    );
    await conversation.enter(view('dev'));
    const seen = new Set<string>();
    const look = (lines: readonly string[]) => {
      for (const [found] of lines.join('\n').matchAll(/text \d+$/gm)) seen.add(found);
    };
    look(await shown());
    for (let page = 0; page < 45; page += 1) look(await press(keys.pageUp));
    expect(seen.size).toBe(350);
    const top = await shown();
    expect(top.slice(0, 2).map((line) => line.slice(19))).toEqual([day, `#1 ${time} bob: text 1`]);
    expect(top.at(-2)).toContain('MORE BELOW');
    client.emit(roomEvent('dev', messageEvent(351, 'bob', 'news')));
    expect((await shown()).slice(0, 10)).toEqual(top.slice(0, 10));
    for (let page = 0; page < 45; page += 1) await press(keys.pageDown);
    expect((await shown()).join('\n')).toMatch(/text 350\n.*bob: news\n/);
    await press(keys.pageUp);
    // What the user sends brings them back to the end.
    expect((await press('x', keys.enter)).at(-2)).not.toContain('MORE BELOW');
  });
});

describe('what the user types', () => {
  test('may be pasted, in several lines, and is one message', async () => {
    const { client, press } = await setUp();
    expect((await press(keys.pasted('one\ntwo 世界\nthree\n'))).slice(-3)).toEqual(['> one', '  two 世界', '  three']);
    await press(keys.altEnter, 'four', keys.up, keys.enter);
    expect(client.sent).toMatchObject([{ text: 'one\ntwo 世界\nthree\nfour' }]);
  });

  test('is completed as in line mode', async () => {
    const { press } = await setUp();
    expect((await press('/inv', keys.tab)).at(-1)).toBe('> /invit');
    expect((await press(keys.tab)).slice(-2)).toEqual(['/invitations  /invite', '> /invit']);
    expect((await press('e', keys.tab)).at(-1)).toBe('> /invite');
  });

  test('answers questions in place of the draft, and is kept while a command runs', async () => {
    const { client, press, shown } = await setUp();
    client.byInvitation.add('club');
    const asked = await press('/join club', keys.enter);
    expect(asked.at(-1)).toBe('Ask its members for one? (yes/no)');
    expect(asked.join('\n')).toContain('│> /join club');
    await press('yes', keys.enter);
    expect(client.decided).toEqual(['knock at club']);
    let finish = (): void => undefined;
    client.leaveRoom = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await press('/leave dev', keys.enter);
    const waiting = await press('patience', keys.enter);
    expect(waiting.slice(-2)).toEqual([expect.stringContaining('not finished yet'), '> patience']);
    finish();
    await shown();
    await press(keys.enter);
    expect(client.sent).toMatchObject([{ room: 'lobby', text: 'patience' }]);
  });
});

describe('the terminal', () => {
  test('is given back at the end, and shows what is said then', async () => {
    const { screen, emulator, press, shown, ended, raw, interrupts } = await setUp();
    expect(emulator.isAlternate).toBe(true);
    await press('\u0003');
    expect(interrupts()).toBe(1);
    await press('\u0004');
    await ended;
    screen.close();
    screen.print('1 of your messages could not be sent yet.');
    expect(await shown()).toEqual(['1 of your messages could not be sent yet.', ...new Array(15).fill('')]);
    expect(emulator.isAlternate).toBe(false);
    expect(raw).toEqual([true, false]);
    expect(await screen.read({ kind: 'compose', prompt: '> ' })).toBeNull();
  });

  test.each([true, false])(
    'shows texts of others in the message column only (knows graphemes: %s)',
    async (knowsGraphemes) => {
      const { client, shown, emulator } = await setUp({ columns: 100, rows: 24, knowsGraphemes });
      const hostile = [
        '\u001b[2J\u001b[1;1Hfake',
        `${'👩‍👩‍👧'.repeat(40)} end`,
        '\u202eevil\u2066',
        `a\n#9 ${time} carol: I agree`,
        `${'界'.repeat(80)}\u0301`,
        '\r\n\u0085\u2028!! alarm',
        'z\u0310\u0311\u0312'.repeat(30),
        '\u0007\u009b31m│ > lobby │',
      ];
      for (const [at, text] of hostile.entries())
        client.emit(roomEvent('lobby', messageEvent(10 + at, 'mallory', text)));
      const lines = await shown();
      for (const [row, cells] of emulator.cells.slice(0, 22).entries()) {
        expect(cells[18]?.text, lines[row]).toBe('│');
        expect(cells[77]?.text, lines[row]).toBe('│');
      }
      const side = (from: number, to: number) =>
        emulator.cells.slice(0, 22).map((row) =>
          row
            .slice(from, to)
            .map(({ text }) => text)
            .join('')
            .trimEnd(),
        );
      expect(side(0, 18).filter((text) => text !== '')).toEqual(['> lobby', '  dev', '  @bob']);
      expect(side(78, 100).filter((text) => text !== '')).toEqual([
        '3 members',
        '*  alice owner hub',
        '*✓ bob',
        ' ? carol',
      ]);
      // A row of the column begins as one of this program does, or with the mark of a continued line.
      for (const text of side(19, 77))
        expect(text).toMatch(/^($|#\d+ \d\d:\d\d (bob|mallory):( |$)| {6}│ |---- |\(PgUp)/);
    },
  );
});
