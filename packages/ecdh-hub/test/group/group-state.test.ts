/** States as JSON: a state is equal after writing and reading, and other texts are refused. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../src/encoding/base64url.ts';
import { clientCreateKeys, KeyHub, MemberState } from '../../src/index.ts';
import { after, createGroup, founded, groupName, testUser } from '../support/group-setting.ts';
import { invalidPoints } from '../support/invalid-points.ts';
import { rosterHash } from '../support/roster-reference.ts';
import { outcomeOf, suites } from '../support/setting.ts';

type Fields = Record<string, unknown>;

const [alice, bob, carol] = [testUser('alice'), testUser('bob'), testUser('carol')];
const first = createGroup([alice, bob]);
const [member] = founded([alice, bob], first) as [MemberState];
const other = first.hub.rekey();

/** Each type of text with the function that reads it. */
const texts: [string, string, (text: string) => unknown][] = [
  ['hub', JSON.stringify(first.hub), (text) => KeyHub.parse(text)],
  ['member', JSON.stringify(member), (text) => MemberState.parse(text, alice.keys)],
  ['group', first.hub.snapshot(), (text) => MemberState.enter(text, 'alice', alice.keys)],
];

describe.each(suites)('%s', (suite) => {
  const [alice, bob] = [testUser('alice', suite), testUser('bob', suite)];
  const first = createGroup([alice, bob], suite);
  const [member] = founded([alice, bob], first) as [MemberState];

  test('a hub continues from its stored state', () => {
    const parsed = KeyHub.parse(JSON.stringify(first.hub));
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(first.hub));
    expect(parsed.key()).toEqual(first.hub.key());
    expect(after(member, parsed.rekey()).key()).toHaveLength(32);
  });

  test('a member continues from its stored state: before the first epoch, with the key and without', () => {
    const begun = MemberState.found(groupName, 'alice', alice.keys);
    const lacking = begun.apply(first.announcement).member;
    for (const state of [begun, lacking, member]) {
      const parsed = MemberState.parse(JSON.stringify(state), alice.keys);
      expect(JSON.stringify(parsed)).toBe(JSON.stringify(state));
      expect(parsed.key()).toEqual(state.key());
    }
  });
});

test('a snapshot holds no secret, and a state holds no private key', () => {
  const secret = String(JSON.parse(JSON.stringify(first.hub)).secret);
  expect(secret).toHaveLength(43);
  for (const snapshot of [first.hub.snapshot(), member.snapshot()]) {
    expect(snapshot).not.toContain(secret);
    expect(snapshot).not.toContain('secret');
  }
  expect(JSON.stringify(member)).not.toContain(toBase64url(alice.keys.privateKey));
});

test.each(suites)('a member of %s needs a pair whose halves belong together', (suite) => {
  const [keys, other] = [clientCreateKeys(suite), clientCreateKeys(suite)];
  const { hub, announcement, wraps } = KeyHub.create({
    name: 'room',
    suite,
    members: [{ id: 'alice', publicKey: keys.publicKey }],
  });
  const state = MemberState.found('room', 'alice', keys).apply(announcement, wraps[0]?.wrap).member;
  const mixed = { ...keys, privateKey: other.privateKey };
  const reads: (() => unknown)[] = [
    () => MemberState.found('room', 'alice', mixed),
    () => MemberState.enter(hub.snapshot(), 'alice', mixed),
    () => MemberState.parse(JSON.stringify(state), mixed),
  ];
  for (const read of reads) expect(thrownCode(read)).toBe('invalid-private-key');
  expect(MemberState.parse(JSON.stringify(state), keys).key()).toEqual(hub.key());
});

/** The group in a parsed state, and all objects in the state. */
const groupIn = (state: Fields) => (state['type'] === 'ecdh-hub group' ? state : state['group']) as Fields;
const rosterIn = (state: Fields) => groupIn(state)['roster'] as Fields;
const membersIn = (state: Fields) => rosterIn(state)['members'] as Fields[];
const objectsIn = (state: Fields) => [state, ...new Set([groupIn(state), rosterIn(state), ...membersIn(state)])];

/** Values that the hashes of a group cannot have. */
const notHashes = [
  null,
  7,
  '',
  'x',
  {},
  'A'.repeat(42),
  `${'A'.repeat(42)}=`,
  `${'A'.repeat(43)}=`,
  `${'A'.repeat(42)}B`,
];
/** For each field of a group, values that it cannot have. */
const wrongValues: [string, unknown[]][] = [
  ['name', [null, 7, {}, '', 'é'.repeat(65), '\ud800']],
  ['suite', [null, 7, {}, '', 'P-521', 'constructor', 'P-384']],
  ['epoch', [null, -1, 0, 1.5, 2 ** 32, '1', {}]],
  ['context', notHashes],
  ['commitment', notHashes],
  ['roster', [null, 7, {}, '', []]],
];

describe.each(texts)('a %s is refused', (type, text, parse) => {
  const codeAfter = (change: (state: Fields) => void) => {
    const state: Fields = JSON.parse(text);
    change(state);
    return outcomeOf(() => parse(JSON.stringify(state)));
  };

  test('not if it is unchanged', () => {
    expect(codeAfter(() => {})).toBe('none');
  });

  test('if it is not JSON, or not JSON of a state', () => {
    for (const wrong of ['', '{', 'null', '7', '[]', '{}', '"hub"', text.slice(1), `${text}x`]) {
      expect(thrownCode(() => parse(wrong))).toBe('invalid-state');
    }
    expect(thrownCode(() => parse(undefined as never))).toBe('invalid-state');
  });

  test('if it has another type or version', () => {
    for (const [otherType, otherText] of texts) {
      if (otherType !== type) expect(thrownCode(() => parse(otherText))).toBe('invalid-state');
    }
    for (const v of [0, 2, '1', null]) expect(codeAfter((state) => Object.assign(state, { v }))).toBe('invalid-state');
  });

  test('if an object at any depth has an additional field, or lacks one', () => {
    for (const [index, fields] of objectsIn(JSON.parse(text)).entries()) {
      expect(codeAfter((state) => Object.assign(objectsIn(state)[index] ?? {}, { more: 1 }))).toBe('invalid-state');
      for (const name of Object.keys(fields)) {
        const without = codeAfter((state) => void Reflect.deleteProperty(objectsIn(state)[index] ?? {}, name));
        expect(without, name).toBe('invalid-state');
      }
    }
    expect(thrownCode(() => parse(text.replace('{', '{"__proto__":{},')))).toBe('invalid-state');
  });

  test.each(wrongValues)('if it has a wrong %s', (name, values) => {
    for (const value of values) {
      const code = codeAfter((state) => Object.assign(groupIn(state), { [name]: value }));
      expect(code, `${value}`).toBe('invalid-state');
    }
  });

  test('if its members are no list', () => {
    for (const members of [null, 7, 'alice', {}, { length: 2 }]) {
      expect(codeAfter((state) => Object.assign(rosterIn(state), { members }))).toBe('invalid-state');
    }
    for (const each of [null, 7, 'alice', []]) {
      expect(codeAfter((state) => membersIn(state).splice(0, 1, each as never))).toBe('invalid-state');
    }
    expect(codeAfter((state) => Object.assign(membersIn(state)[0] ?? {}, { publicKey: 7 }))).toBe('invalid-state');
  });

  test('if its members do not match the roster’s hash', () => {
    expect(codeAfter((state) => membersIn(state).reverse())).toBe('invalid-state');
    expect(codeAfter((state) => membersIn(state).pop())).toBe('invalid-state');
    expect(codeAfter((state) => membersIn(state).push({ ...membersIn(state)[0] }))).toBe('invalid-state');
    expect(codeAfter((state) => Object.assign(membersIn(state)[0] ?? {}, { id: 'mallory' }))).toBe('invalid-state');
    expect(codeAfter((state) => Object.assign(membersIn(state)[0] ?? {}, { id: 7 }))).toBe('invalid-state');
    const { publicKey } = testUser('mallory').keys;
    const change = { publicKey: toBase64url(publicKey) };
    expect(codeAfter((state) => Object.assign(membersIn(state)[0] ?? {}, change))).toBe('invalid-state');
  });
});

test('a key of another epoch is refused', () => {
  const { secret } = JSON.parse(JSON.stringify(other.hub));
  for (const [type, text, parse] of texts) {
    if (type !== 'group')
      expect(thrownCode(() => parse(JSON.stringify({ ...JSON.parse(text), secret })))).toBe('invalid-state');
  }
});

test('a member who is listed twice is refused, even if the roster’s hash matches', () => {
  const twice = [alice.member, alice.member];
  const hash = toBase64url(rosterHash(twice));
  const members = twice.map(({ id, publicKey }) => ({ id, publicKey: toBase64url(publicKey) }));
  const text = JSON.stringify({ ...JSON.parse(first.hub.snapshot()), roster: { members, hash } });
  expect(thrownCode(() => MemberState.enter(text, 'alice', alice.keys))).toBe('invalid-state');
});

test('a name that is none is refused, even if everything else matches', () => {
  for (const id of ['', 'é'.repeat(65), '\ud800']) {
    const entering = MemberState.enter(first.hub.snapshot(), 'carol', carol.keys);
    const text = JSON.stringify({ ...JSON.parse(JSON.stringify(entering)), id });
    expect(
      thrownCode(() => MemberState.parse(text, carol.keys)),
      'the own id',
    ).toBe('invalid-state');

    const members = [{ id, publicKey: toBase64url(alice.keys.publicKey) }];
    const hash = toBase64url(rosterHash([{ id, publicKey: alice.keys.publicKey }]));
    const snapshot = JSON.stringify({ ...JSON.parse(first.hub.snapshot()), roster: { members, hash } });
    expect(
      thrownCode(() => MemberState.enter(snapshot, 'carol', carol.keys)),
      'on the roster',
    ).toBe('invalid-state');
  }
});

test('the greatest number of an epoch is read', () => {
  const snapshot = JSON.stringify({ ...JSON.parse(first.hub.snapshot()), epoch: 2 ** 32 - 1 });
  expect(MemberState.enter(snapshot, 'carol', carol.keys).epoch).toBe(2 ** 32 - 1);
});

test('a key is refused if its user is not in the group', () => {
  const text = JSON.stringify({ ...JSON.parse(JSON.stringify(member)), id: 'mallory' });
  expect(thrownCode(() => MemberState.parse(text, alice.keys))).toBe('invalid-state');
});

test.each(invalidPoints)('a member’s %s key that is not a point is refused: %s', (suite, _, publicKey) => {
  const alice = testUser('alice', suite);
  const snapshot = JSON.parse(createGroup([alice], suite).hub.snapshot());
  snapshot.roster.members[0].publicKey = toBase64url(publicKey);
  expect(thrownCode(() => MemberState.enter(JSON.stringify(snapshot), 'alice', alice.keys))).toBe('invalid-public-key');
});

test('changed texts are refused, or read as their contents', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:0129aAzZ-_\\ \u0000é')), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(fc.constantFrom(...texts), changes, ([, text, parse], places) => {
      const letters = [...text];
      for (const [place, letter] of places) letters[place % letters.length] = letter;
      const damaged = letters.join('');
      const code = outcomeOf(() => {
        const read = parse(damaged);
        if (damaged.includes('ecdh-hub group')) return;
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(damaged));
      });
      expect(['none', 'invalid-state', 'invalid-public-key']).toContain(code);
    }),
    { numRuns: 600 },
  );
});

test('any JSON is refused', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(...texts), (text, [, , parse]) => {
      expect(thrownCode(() => parse(text))).toBe('invalid-state');
    }),
  );
});

describe('base64url', () => {
  test('equals the encoding of Node, and decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64url(text, 'it', bytes.length)).toEqual(bytes);
      }),
    );
  });

  test('refuses every other text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.nat(8), (text, size) => {
        const code = outcomeOf(() => fromBase64url(text, 'it', size));
        const bytes = Buffer.from(text, 'base64url');
        expect(code).toBe(bytes.length === size && bytes.toString('base64url') === text ? 'none' : 'invalid-state');
      }),
      { numRuns: 1000 },
    );
  });
});
