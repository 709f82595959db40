/** Many clients, one honest server, faults from a seed: all clients converge, and no user reads what is for others. */
import { onlyInFullRun } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { isServersLoss } from './checks/lost-keys.ts';
import { leaked } from './checks/readers.ts';
import { honestRun } from './run/honest-run.ts';
import { fewSeeds, manySeeds, nameOf, replay } from './run/seeds.ts';

async function hold(seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const { faults } = await honestRun(seed);
    expect(faults, replay(seed, 'test/simulation/simulation.test.ts')).toEqual([]);
  }
}

/** What a check of leaks looks at, with one stored payload. */
function storing(payload: Uint8Array): Parameters<typeof leaked>[0] {
  const disk = {
    logs: new Map([['room', [{ entry: { payload } }]]]),
    wraps: new Map(),
    knocks: new Map(),
    prekeys: new Map(),
  };
  const world = {
    server: { disk },
    forks: [],
    people: [{ held: new Set(['\x00secret\xff']) }],
    derivations: { contents: new Map([['key', { text: 'said in private' }]]), byLabel: new Map() },
  };
  return world as unknown as Parameters<typeof leaked>[0];
}

test.each([
  ['a text', Buffer.from('...said in private...')],
  ['a secret', Buffer.from('...\x00secret\xff', 'latin1')],
  ['a secret in base64url', Buffer.from(Buffer.from('\x00secret\xff', 'latin1').toString('base64url'))],
])('the checks find %s in the bytes that a server stores', (_, payload) => {
  expect(leaked(storing(payload))).toHaveLength(1);
  expect(leaked(storing(payload.map((byte) => byte ^ 1)))).toEqual([]);
});

describe('a report that a key was withheld', () => {
  const report = {
    kind: 'trouble',
    code: 'key-withheld',
    reason: 'p7 has made a key for south that neither this client nor the members whom it asked have received: ...',
  } as const;
  const place = { roomId: 'room', roomName: 'south', epoch: 5, since: 0 } as const;
  const people = [2, 6, 7].map((number) => ({ user: `p${number}`, id: `key of p${number}` }));
  const epochs = [{ number: 5, isStep: false, recipients: new Map(people.map((each) => [each.id, 1])) }];

  /** @param lost the users whose wraps the server has lost */
  function isTrue(asked: readonly string[], lost: readonly string[]): boolean {
    const world = {
      ...{ people, logs: () => [{ room: 'room', epochs, renewals: [] }] },
      lost: new Set(lost.map((user) => `room 5 key of ${user}`)),
    };
    const events = [{ kind: 'key-wanted', ...place, asked } as const, report];
    const person = { events, id: 'key of p6' };
    return isServersLoss(world as unknown as Parameters<typeof isServersLoss>[0], person, report);
  }

  test('is true if the server has lost the wraps of the user and of all who were asked', () => {
    expect(isTrue(['p2'], ['p2', 'p6'])).toBe(true);
    // The author comes last, and has no wrap.
    expect(isTrue(['p2', 'p7'], ['p2', 'p6'])).toBe(true);
  });

  test.each([
    ['of the user', ['p2']],
    ['of one who was asked', ['p6']],
  ])('is an alarm if the server has the wrap %s', (_, lost) => {
    expect(isTrue(['p2'], lost)).toBe(false);
  });
});

describe('with an honest server', () => {
  test(`${nameOf(fewSeeds)}: all clients converge, without an alarm or a step by hand`, () => hold(fewSeeds));

  test('a seed runs the same twice, and another one differently', async () => {
    const [first, second, other] = [await honestRun(7), await honestRun(7), await honestRun(8)];
    expect(second.trace).toBe(first.trace);
    expect(other.trace).not.toBe(first.trace);
  });
});

onlyInFullRun('many seeds with an honest server')('in the full run', () => {
  for (const seeds of manySeeds('honest')) test(`${nameOf(seeds)}: all clients converge`, () => hold(seeds));
});
