/** Lists on the screen. */
import { expect, test } from 'vitest';
import { memberList } from '../../src/screen/lists.ts';
import { member, view } from '../support/samples.ts';

test('says of a large room how many members are connected beside those whom the server names', () => {
  const members = [member('alice', { online: true }), member('bob', { online: false })];
  const lines = (connected: number) => memberList(view('lobby', { members, connected }), 0).split('\n');
  expect(lines(1)).toHaveLength(2);
  expect(lines(3_120).at(-1)).toBe('3120 members are connected. The server names 1 of them: others may be online too.');
});
