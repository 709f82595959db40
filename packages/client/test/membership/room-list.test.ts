/** The lists of a hostile server. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { listInvitations } from '../../src/membership/room-list.ts';

test('ends a list that has no end', async () => {
  let pages = 0;
  const request = async () => {
    pages += 1;
    const policy = { join: 'open', history: 'all' } as const;
    return { invitations: [{ room: 'ab'.repeat(32), name: `room-${pages}`, by: 'mallory', policy }], more: true };
  };
  expect(await rejectedCode(listInvitations({ request } as never))).toBe('not-a-chat-server');
  expect(pages).toBe(100);
});
