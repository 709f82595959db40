import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { freePorts } from './support/free-ports.ts';

/** Draws these ports, then others, because another program may use one of these. */
const drawing = (...ports: number[]) => freePorts(() => ports.shift() ?? randomInt(20_000, 30_000));

test('a port that a test has got is not given to another one, although no program listens on it yet', async () => {
  const first = await drawing(20_101, 20_102);
  const second = await drawing(first.enrolment, first.chat, 20_103, 20_103, 20_104);
  expect(new Set([first.enrolment, first.chat, second.enrolment, second.chat]).size).toBe(4);
});
