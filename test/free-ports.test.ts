import { expect, test, vi } from 'vitest';
import { freePorts } from './support/free-ports.ts';

const draws = vi.hoisted((): number[] => []);
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  // Another program may use a port that is drawn here.
  return { ...crypto, randomInt: (from: number, to: number) => draws.shift() ?? crypto.randomInt(from, to) };
});

test('a port that a test has got is not given to another one, although no program listens on it yet', async () => {
  draws.push(20_101, 20_102);
  const first = await freePorts();
  draws.push(first.enrolment, first.chat, 20_103, 20_103, 20_104);
  const second = await freePorts();
  expect(new Set([first.enrolment, first.chat, second.enrolment, second.chat]).size).toBe(4);
});
