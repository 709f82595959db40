/** `chat edit`, `chat delete`, `chat react` and `chat hide`. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { setUp } from '../../support/run-command.ts';
import { direct, member, view } from '../../support/samples.ts';

test.each([
  [['edit', 'lobby', '12', 'new text'], 'edit lobby 12: new text'],
  [['edit', 'lobby', '#12'], 'edit lobby 12: piped\ntext'],
  [['delete', 'lobby', '#12'], 'delete lobby 12'],
  [['react', 'lobby', '12', ':+1:'], 'react lobby 12: \u{1f44d}'],
  [['react', 'lobby', '12', 'ok'], 'react lobby 12: ok'],
  [['react', 'lobby', '12'], 'react lobby 12: null'],
  [['hide', 'lobby', '12'], 'hide lobby 12'],
  [['react', '@bob', '12', 'ok'], 'react dm-bob 12: ok'],
])('%j ends when the server has it', async (argv, said) => {
  const { client, run, printed } = setUp('piped\ntext\n');
  client.joined = [view('lobby'), direct('bob', { members: [member('alice'), member('bob')] })];
  await run(...argv, '--json');
  expect(client.messages.said).toEqual([said]);
  expect(JSON.parse(printed())).toEqual({ room: argv[1], seq: 100 });
  expect(client.closed).toBe(true);
});

test('a change of a message that is not there, or without the key of the room, is not made', async () => {
  const { client, clock, run, printed } = setUp();
  client.joined = [view('lobby'), view('attic', { hasKey: false })];
  expect(await rejectedCode(run('delete', 'lobby', '404'))).toBe('unknown-message');
  expect(await rejectedCode(run('edit', 'lobby', '12', ''))).toBe('nothing-to-send');
  const late = rejectedCode(run('hide', 'attic', '12', '--timeout', '5'));
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  expect(await late).toBe('not-sent');
  expect([client.messages.said, printed()]).toEqual([[], '']);
});

test.each([
  [['delete', 'lobby']],
  [['delete', 'lobby', 'twelve']],
  [['react', 'lobby', '12', ':nosuch:']],
  [['react', 'lobby', '12', '']],
])('%j is no command line', (argv) => {
  const { run } = setUp();
  expect(thrownCode(() => run(...argv))).toBe('usage');
});
