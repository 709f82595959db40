/** Lists on the screen. */
import { expect, test } from 'vitest';
import { memberList, memberPage } from '../../src/screen/lists.ts';
import { member, view } from '../support/samples.ts';

test('says of a large room how many members are connected beside those whom the server names', () => {
  const members = [member('alice', { online: true }), member('bob', { online: false })];
  const lines = (connected: number) => memberList(view('lobby', { members, connected }), 0).split('\n');
  expect(lines(1)).toHaveLength(2);
  expect(lines(3_120).at(-1)).toBe('3120 members are connected. The server names 1 of them: others may be online too.');
});

test('shows some of a large room, those with a task and the connected ones first, and says how to find the others', () => {
  const plain = Array.from({ length: 5_000 }, (_, index) =>
    member(`user-${String(index).padStart(4, '0')}`, { online: index >= 4_990 }),
  );
  const owner = member('olga', { role: 'owner', online: false });
  const invited = [{ user: 'ivan', fingerprint: 'f'.repeat(64), by: null, verified: false }];
  const room = view('lobby', { members: [...plain, owner], invited, connected: 10 });
  const lines = memberPage(room, 0, '').split('\n');
  expect(lines).toHaveLength(101);
  expect(lines[0]).toMatch(/^olga /u);
  expect(lines[1]).toMatch(/^user-4990 /u);
  expect(lines[11]).toMatch(/^user-0000 /u);
  expect(lines.at(-1)).toContain('4902 more are not shown: /members TEXT');
  expect(memberPage(room, 0, 'USER-499').split('\n')).toHaveLength(10);
  expect(memberPage(room, 0, 'iv')).toMatch(/^ivan +invited/u);
  expect(memberPage(room, 0, 'zoe\u001b')).toBe('No member or invited user has zoe in the name.');
  expect(memberList(room, 0).split('\n')).toHaveLength(5_002);
});

test('lists a small room in the order in which its members joined', () => {
  const members = [member('alice', { online: false }), member('bob', { online: true })];
  const room = view('lobby', { members, connected: 1 });
  expect(memberPage(room, 0, '')).toBe(memberList(room, 0));
});
