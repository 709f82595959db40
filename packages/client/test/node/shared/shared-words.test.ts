/** Edits, deletions, reactions and hiding of a program that is a guest. */
import type { ChatClient } from '@chat/client';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { end, opened, own, Places, serving } from '../../support/places.ts';

type Said = readonly unknown[];

/** The messages of a client that notes what is said, and gives `answer` to each. */
function noting(answer: () => Promise<unknown>) {
  const said: Said[] = [];
  let heard: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const note = (...args: Said) => {
    said.push(args);
    heard();
    return answer();
  };
  const messages = { areDamaged: false, edit: note, delete: note, react: note, hide: note };
  return { said, first, methods: { messages } as unknown as Partial<ChatClient> };
}

test('each has an id, with which it is said again to the program that has the profile next', async () => {
  const places = new Places();
  const before = noting(() => new Promise(() => undefined));
  const after = noting(async () => ({ seq: 9 }));
  const first = await serving([], before.methods);
  places.add(first.path);
  const { client } = await opened(places);
  const words = [
    client.messages.edit('lobby', 7, 'new text'),
    client.messages.delete('lobby', 7),
    client.messages.react('lobby', 7, null),
    client.messages.hide('lobby', 7),
  ];
  await before.first;
  end(first.holder);
  places.add((await serving([], after.methods)).path);
  expect(await Promise.all(words)).toEqual(words.map(() => ({ seq: 9 })));
  const cid = expect.stringMatching(/^[0-9a-f]{32}$/);
  expect(after.said).toMatchObject([
    ['lobby', 7, 'new text', { cid }],
    ['lobby', 7, { cid }],
    ['lobby', 7, null, { cid }],
    ['lobby', 7, { cid }],
  ]);
  const idOf = (args: Said) => (args.at(-1) as { readonly cid: string }).cid;
  expect(before.said.map(idOf)).toEqual(after.said.slice(0, before.said.length).map(idOf));
  expect(new Set(after.said.map(idOf)).size).toBe(4);
});

test('are the own words of a program that has the profile itself, and too long a text is not passed on', async () => {
  const places = new Places();
  const { said, methods } = noting(async () => ({ seq: 3 }));
  places.add(own([], methods));
  const { client } = await opened(places);
  expect(await client.messages.edit('lobby', 7, 'new text')).toEqual({ seq: 3 });
  expect(said).toEqual([['lobby', 7, 'new text', {}]]);
  expect(await rejectedCode(client.messages.edit('lobby', 7, 'x'.repeat(20_000)))).toBe('message-too-long');
});
