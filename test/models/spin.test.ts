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
  links: ['CRASHES=1', 'LIES=1', 'PREKEYS=2'],
};
const boundsOf = (model: string): readonly string[] => small[model] ?? [];

/** The first planted fault of each model. To compile a model with one takes much longer than to find it. */
const firstFaults = cases.faults.filter(
  (fault, index) => cases.faults.findIndex(({ model }) => model === fault.model) === index,
);
const otherFaults = cases.faults.filter((fault) => !firstFaults.includes(fault));

/** The explorations of the full run. */
const large: readonly { readonly model: string; readonly bounds: readonly string[] }[] = [
  { model: 'epochs', bounds: ['PEOPLE=4', 'START=3', 'CHANGES=2', 'RESTARTS=0'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=1', 'CHANGES=2', 'RESTARTS=0', 'AGES=1'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=2', 'CHANGES=2', 'RESTARTS=1'] },
  { model: 'epochs', bounds: ['PEOPLE=3', 'START=2', 'CHANGES=3', 'RESTARTS=0', 'LOSSES=0'] },
  { model: 'heal', bounds: ['PEOPLE=3', 'WRITES=1', 'CUTS=0', 'TIMEOUTS=0'] },
  { model: 'heal', bounds: ['PEOPLE=2', 'WRITES=2', 'CUTS=2', 'TIMEOUTS=1', 'RESTARTS=1'] },
  { model: 'links', bounds: ['CRASHES=1', 'DAYS=1', 'PREKEYS=2'] },
  { model: 'links', bounds: ['LIES=1', 'DAYS=1', 'PREKEYS=2'] },
  { model: 'links', bounds: ['LIES=1', 'DAYS=1', 'PERIODS=0', 'THEFTS=1', 'PREKEYS=2'] },
  { model: 'links', bounds: ['LIES=2', 'PREKEYS=3'] },
  { model: 'links', bounds: ['RESTORES=1', 'PREKEYS=2'] },
  { model: 'links', bounds: ['RESTORES=1', 'COPIES=1'] },
  { model: 'links', bounds: ['KEYS=2', 'LIES=1', 'CRASHES=1'] },
  { model: 'links', bounds: ['CRASHES=1', 'DAYS=1', 'FORGETS=2'] },
  { model: 'links', bounds: ['KEYS=2', 'FORGETS=2'] },
];

async function findsFault({ model, name, breaks, bounds }: (typeof cases.faults)[number]): Promise<void> {
  expect((await explore(model, [...(bounds ?? boundsOf(model)), name])).broken).toBe(breaks);
}

optional(need, probe)('spin', () => {
  test.each(Object.keys(small))('finds no fault in a small room: %s', async (model) => {
    const { broken, isComplete, states } = await explore(model, boundsOf(model));
    expect({ broken, isComplete }).toEqual({ broken: null, isComplete: true });
    expect(states).toBeGreaterThan(10_000);
  });

  test.each(firstFaults)('finds the planted fault $name in $model', findsFault);
});

onlyInFullRun('the other planted faults of the models')('spin', () => {
  test.each(otherFaults)('finds the planted fault $name in $model', findsFault);
});

onlyInFullRun('the exploration of larger rooms by spin')('spin', () => {
  test.each(large)('finds no fault in a larger room: $model with $bounds', async ({ model, bounds }) => {
    const { broken, isComplete, states, depth } = await explore(model, bounds, { level: '-O1' });
    expect({ broken, isComplete }).toEqual({ broken: null, isComplete: true });
    console.log(`${model} ${bounds.join(' ')}: ${states} states, ${depth} steps at most`);
  });
});

const trails = cases.faults.flatMap(({ trail, bounds = [], ...fault }) =>
  trail === undefined ? [] : [{ ...fault, trail, bounds }],
);

onlyInFullRun('the replay of trails')('spin', () => {
  test.each(trails)('$model with $name breaks on its trail, and not without the fault', async (fault) => {
    const { model, name, breaks, bounds, trail } = fault;
    const faulty = await explore(model, [...bounds, name], { trail });
    const sound = await explore(model, bounds, { trail });
    expect([faulty.broken, sound.broken]).toEqual([breaks, null]);
  });
});

describe('the planted faults', () => {
  test('cover every property of each model but that of impossible cases', () => {
    const broken = new Set(cases.faults.map(({ breaks }) => breaks));
    expect([...broken, 'impossible-case'].sort()).toEqual(Object.keys(cases.properties).sort());
  });
});
