/** Each room is in memory once, and the rooms that were used last stay there. */
import { expect, test } from 'vitest';
import { OpenRooms } from '../../src/domain/open-rooms.ts';
import type { RoomLog } from '../../src/domain/room-log.ts';

function rooms() {
  const opened: string[] = [];
  const open = new OpenRooms((id) => {
    opened.push(id);
    return { id, mayStay: !id.startsWith('unknown') } as RoomLog;
  });
  const use = (id: string): void => open.hold(id).release();
  return { open, opened, use };
}

test('a room that is in use twice is opened once, and is in use until its last release', () => {
  const { open, opened } = rooms();
  const [first, second] = [open.hold('den'), open.hold('den')];
  expect(first.log).toBe(second.log);
  first.release();
  expect(open.used).toEqual([second.log]);
  second.release();
  expect([open.used, opened]).toEqual([[], ['den']]);
});

test('the 300 rooms that were used last stay in memory, and no room that may not', () => {
  const { opened, use } = rooms();
  for (let index = 0; index < 301; index++) use(`room ${index}`);
  use('room 1');
  use('room 300');
  expect(opened).toHaveLength(301);
  use('room 0');
  expect(opened).toHaveLength(302);
  // Room 1 was used again since, so the place of room 2 was the next one.
  use('room 1');
  expect(opened).toHaveLength(302);
  use('room 2');
  expect(opened).toHaveLength(303);
  use('unknown');
  use('unknown');
  expect(opened.filter((id) => id === 'unknown')).toHaveLength(2);
});
