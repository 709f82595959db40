/** The comparison notices each fault that it is there for. */
import { expect, test } from 'vitest';
import { faultsIn } from './delivery.ts';

const sent = ['a 1', 'a 2', 'a 3', 'b 1', 'b 2'];
const promised = { sent, acknowledged: ['a 1', 'a 2', 'b 1'] };

test('accepts texts of several writers in any mixture, and texts that were not acknowledged', () => {
  expect(faultsIn(promised, ['b 1', 'a 1', 'a 2', 'b 2', 'a 3'])).toEqual([]);
  expect(faultsIn(promised, ['a 1', 'b 1', 'a 2'])).toEqual([]);
});

test.each([
  ['a lost text', ['a 1', 'b 1'], [{ kind: 'lost', text: 'a 2' }]],
  ['a doubled text', ['a 1', 'a 2', 'b 1', 'a 2'], [{ kind: 'doubled', text: 'a 2' }]],
  ['a changed order', ['a 2', 'a 1', 'b 1'], [{ kind: 'out-of-order', text: 'a 1' }]],
  ['an invented text', ['a 1', 'a 2', 'b 1', 'c 1'], [{ kind: 'invented', text: 'c 1' }]],
])('notices %s', (_, read, faults) => {
  expect(faultsIn(promised, read)).toEqual(faults);
});
