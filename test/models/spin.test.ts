/** The models in `models/`: spin visits every reachable state, and finds each planted fault. */
import { onlyInFullRun, optional } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { cases } from '../support/models/cases.ts';
import { explore } from '../support/models/spin.ts';

const probe = ['sh', '-c', 'spin -V && cc --version'];
const need = 'spin and a C compiler';

/** The bounds in which each planted fault is found, and in which the sound model has none. */
const small: Readonly<Record<string, readonly string[]>> = {
  epochs: ['PEOPLE=3', 'START=2', 'CHANGES=2', 'RESTARTS=0'],
  heal: ['PEOPLE=2', 'WRITES=1', 'CUTS=1', 'TIMEOUTS=1'],
};
const boundsOf = (model: string): readonly string[] => small[model] ?? [];

/** The explorations of the full run. */
const large: readonly { readonly model: string; readonly bounds: readonly string[] }[] = [
  { model: 'epochs', bounds: ['PEOPLE=4', 'START=3', 'CHANGES=2', 'RESTARTS=0'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=1', 'CHANGES=2', 'RESTARTS=0', 'AGES=1'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=2', 'CHANGES=2', 'RESTARTS=1'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=2', 'CHANGES=3', 'RESTARTS=0', 'LOSSES=0'] },
  { model: 'heal', bounds: ['PEOPLE=3', 'WRITES=1', 'CUTS=0', 'TIMEOUTS=0'] },
  { model: 'heal', bounds: ['PEOPLE=2', 'WRITES=2', 'CUTS=2', 'TIMEOUTS=1', 'RESTARTS=1'] },
];

optional(need, probe)('spin', () => {
  test.each(Object.keys(small))('finds no fault in a small room: %s', async (model) => {
    const { broken, isComplete, states } = await explore(model, boundsOf(model));
    expect({ broken, isComplete }).toEqual({ broken: null, isComplete: true });
    expect(states).toBeGreaterThan(10_000);
  });

  test.each(cases.faults)('finds the planted fault $name in $model', async ({ model, name, breaks }) => {
    expect((await explore(model, [...boundsOf(model), name])).broken).toBe(breaks);
  });
});

onlyInFullRun('the exploration of larger rooms by spin')('spin', () => {
  test.each(large)('finds no fault in a larger room: $model with $bounds', async ({ model, bounds }) => {
    const { broken, isComplete, states, depth } = await explore(model, bounds, '-O1');
    expect({ broken, isComplete }).toEqual({ broken: null, isComplete: true });
    console.log(`${model} ${bounds.join(' ')}: ${states} states, ${depth} steps at most`);
  });
});

describe('the planted faults', () => {
  test('cover every property of each model but that of impossible cases', () => {
    const broken = new Set(cases.faults.map(({ breaks }) => breaks));
    expect([...broken, 'impossible-case'].sort()).toEqual(Object.keys(cases.properties).sort());
  });
});
