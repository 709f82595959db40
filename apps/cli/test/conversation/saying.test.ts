/** Commands that answer, edit, delete, hide and react, and what is printed of that. */
import { ClientError, type MessageView } from '@chat/client';
import { expect, test } from 'vitest';
import type { RoomEvent } from '../../src/client-event.ts';
import { FakeClient } from '../support/fake-client.ts';
import { fingerprint, messageEvent, roomEvent, view } from '../support/samples.ts';
import { settled, setUp } from '../support/typing.ts';

const message = (seq: number, user: string, text: string, more: Partial<MessageView> = {}): MessageView => ({
  ...{ seq, user, fingerprint, text, at: 0 },
  ...more,
});

async function inLobby(...kept: MessageView[]) {
  const client = new FakeClient(view('lobby'));
  client.kept.set('lobby', kept);
  const { conversation, shown, type } = setUp(client);
  await conversation.enter(view('lobby'));
  return { client, shown, type, said: client.messages.said };
}

test('sends answers and actions as such, and everything else about a message by its number', async () => {
  const { client, said, type } = await inLobby();
  await type('/reply 12 yes, at noon');
  await type('/reply #13 no');
  await type('/me waves');
  await type('/edit #14 14 apples');
  await type('/delete 15');
  await type('/react 16 :+1:');
  await type('/react #16');
  await type('/react 16 ok');
  await type('/hide 17');
  await settled();
  expect(client.sent.map(({ text, replyTo, action }) => [text, replyTo, action])).toEqual([
    ['yes, at noon', 12, undefined],
    ['no', 13, undefined],
    ['waves', undefined, true],
  ]);
  expect(said).toEqual([
    'edit lobby 14: 14 apples',
    'delete lobby 15',
    'react lobby 16: \u{1f44d}',
    'react lobby 16: null',
    'react lobby 16: ok',
    'hide lobby 17',
  ]);
});

test('edits and deletes the latest message of the user if no number is given, and takes a bare number for text', async () => {
  const { said, shown, type } = await inLobby(
    message(3, 'alice', 'first'),
    message(4, 'alice', 'second'),
    message(5, 'alice', '', { deletedBy: 'alice' }),
    message(6, 'bob', 'third'),
  );
  await type('/edit 5 apples');
  await type('/delete');
  expect(said).toEqual(['edit lobby 4: 5 apples', 'delete lobby 4']);
  const empty = await inLobby(message(6, 'bob', 'third'));
  await empty.type('/delete');
  expect(empty.said).toEqual([]);
  expect(empty.shown.at(-1)).toMatch(/not on this machine/);
  expect(shown.join('\n')).not.toMatch(/not on this machine/);
});

test('says what is missing, what no emoji is, and what could not be done', async () => {
  const { client, said, shown, type } = await inLobby();
  for (const [line, answer] of [
    ['/reply yes', /number of a message is missing/],
    ['/reply 12', /text is missing/],
    ['/edit', /text is missing/],
    ['/delete all', /number of a message is missing/],
    ['/react', /number of a message is missing/],
    ['/react 3 :nothing:', /no emoji :nothing:.*:\+1:/],
    ['/me', /text is missing/],
    ['/hide', /number of a message is missing/],
  ] as const) {
    await type(line);
    expect(shown.at(-1), line).toMatch(answer);
  }
  await type('/delete 404');
  await settled();
  expect(shown.at(-1)).toMatch(/^!! There is no message 404/);
  await type('/reply 404 the text');
  client.sent[0]?.refuse(new ClientError('unknown-message', 'There is no message 404 on this machine.'));
  await settled();
  expect(shown.at(-1)).toMatch(/Your text:\n +the text\n!! There is no message 404/);
  expect(said).toEqual([]);
});

const change = (kind: 'edited' | 'deleted' | 'reacted' | 'hidden', seq: number, text = ''): RoomEvent =>
  ({
    ...{ kind, seq, at: 0, epoch: 1, user: 'bob', fingerprint, hash: fingerprint, earlierKeys: [], text },
    target: { seq: 3, hash: fingerprint },
  }) as RoomEvent;

test('prints changes as they come, and once', async () => {
  const { client, shown } = await inLobby();
  const about = message(3, 'bob', 'dinner?', { editedAt: 0 });
  client.emit(roomEvent('lobby', messageEvent(3, 'bob', 'lunch?')));
  const events = [
    change('edited', 4, 'dinner?'),
    change('reacted', 5, 'ok'),
    change('deleted', 6),
    change('hidden', 7),
  ];
  const first = shown.length;
  for (const event of [...events, ...events]) client.emit({ ...roomEvent('lobby', event), about } as never);
  expect(shown.slice(first).map((text) => text.replace(/\d\d:\d\d|\d{4}-\d\d-\d\d /g, ''))).toEqual([
    expect.stringMatching(/^#3 .*bob \(edited\): dinner\?$/),
    expect.stringMatching(/\* bob reacted ok to #3 of bob: dinner\?$/),
    expect.stringMatching(/\* bob deleted message #3$/),
    expect.stringMatching(/\* bob hid message #3$/),
  ]);
});
