/** The encoding of announcements: strict, so that each announcement has exactly one. */
import { createHash } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcedKeyOf } from '../../src/group/announced-key.ts';
import { encodeBody } from '../../src/group/announcement.ts';
import { type Announcement, decodeAnnouncement, type Suite } from '../../src/index.ts';
import { requireSuite } from '../../src/suite.ts';
import { createGroup, testUser } from '../support/group-setting.ts';
import { curveSuites, flipBit, hex, outcomeOf, seededKeys, seededRandom, suites, utf8 } from '../support/setting.ts';

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const encode = ({ commitment, ...body }: Announcement) => Uint8Array.of(...encodeBody(body), ...commitment);
const keysOf = (suite: Suite) => ['one', 'two', 'three'].map((seed) => seededKeys(suite, seed).publicKey);
const publicKeys = {
  'P-384': keysOf('P-384'),
  'P-256': keysOf('P-256'),
  X25519: keysOf('X25519'),
  'X-Wing': keysOf('X-Wing'),
};

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const id = fc.string({ minLength: 1, maxLength: 32, unit: 'grapheme' }).filter((name) => utf8(name).length <= 128);

const announcements = fc.constantFrom(...suites).chain((suite) => {
  const publicKey = fc.constantFrom(...publicKeys[suite]);
  const added = fc.array(fc.record({ id, publicKey }, { noNullPrototype: true }), { maxLength: 3 });
  const fields = {
    suite: fc.constant(suite),
    epoch: fc.integer({ min: 1, max: 0xffff_ffff }),
    previous: hash,
    ephemeralKey: publicKey.map((key) =>
      announcedKeyOf(suite === 'X-Wing' ? null : key, requireSuite(suite, 'invalid-argument')),
    ),
    added,
    commitment: hash,
  };
  return fc.oneof(
    fc.record(
      { ...fields, kind: fc.constant('fresh' as const), removed: fc.array(id, { maxLength: 3 }) },
      { noNullPrototype: true },
    ),
    fc
      .record(
        { ...fields, kind: fc.constant('step' as const), removed: fc.constant<string[]>([]) },
        { noNullPrototype: true },
      )
      .filter((announcement) => announcement.added.length > 0),
  );
});

test('an announcement is equal after encoding and decoding', () => {
  fc.assert(
    fc.property(announcements, (announcement) => {
      expect(decodeAnnouncement(encode(announcement))).toEqual(announcement);
    }),
  );
});

test('an announcement that is cut or extended is refused', () => {
  fc.assert(
    fc.property(announcements, (announcement) => {
      const bytes = encode(announcement);
      for (let length = 0; length < bytes.length; length++) {
        expect(thrownCode(() => decodeAnnouncement(bytes.subarray(0, length)))).toBe('invalid-announcement');
      }
      expect(thrownCode(() => decodeAnnouncement(Uint8Array.of(...bytes, 0)))).toBe('invalid-announcement');
    }),
    { numRuns: 30 },
  );
});

test('an added key without the form of an uncompressed point is refused', () => {
  const first = createGroup([testUser('alice', 'P-384')], 'P-384');
  const announcement = decodeAnnouncement(first.announcement);
  const [member] = announcement.added;
  if (member === undefined) throw new Error('The announcement adds no member.');
  for (const tag of [0, 2, 3, 5]) {
    const changed = encode({ ...announcement, added: [{ ...member, publicKey: member.publicKey.with(0, tag) }] });
    expect(thrownCode(() => decodeAnnouncement(changed))).toBe('invalid-public-key');
  }
});

/** Requires that the bytes are refused, or that they are the only encoding of the announcement that they decode to. */
function checkReading(bytes: Uint8Array): void {
  const code = outcomeOf(() => expect(encode(decodeAnnouncement(bytes))).toEqual(new Uint8Array(bytes)));
  expect(['none', 'invalid-announcement', 'invalid-public-key']).toContain(code);
}

test('arbitrary bytes are refused, or are the one encoding of their contents', () => {
  const beginnings = fc.constantFrom<number[]>([], [1, 3, 1, 0, 0, 0, 1], [1, 3, 2, 0, 0, 0, 1], [1, 1, 1], [1, 2, 2]);
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
      checkReading(Uint8Array.of(...beginning, ...rest));
    }),
    { numRuns: 1000 },
  );
});

test('changed announcements are refused, or are the one encoding of their contents', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(announcements, changes, (announcement, places) => {
      const bytes = encode(announcement);
      for (const [place, value] of places) bytes[place % bytes.length] = value;
      checkReading(bytes);
    }),
    { numRuns: 1000 },
  );
});

describe('refuses', () => {
  const { hub, announcement } = createGroup([testUser('alice')]);
  const step = hub.join([testUser('bob').member]).announcement;
  const changed = (bytes: Uint8Array, offset: number, values: number[]) => {
    const copy = new Uint8Array(bytes);
    copy.set(values, offset);
    return thrownCode(() => decodeAnnouncement(copy));
  };

  test.each([
    ['another version', 0, [2]],
    ['an unknown suite', 1, [4]],
    ['kind 0', 2, [0]],
    ['an unknown kind', 2, [3]],
    ['epoch 0', 3, [0, 0, 0, 0]],
    ['an empty id', 75, [0]],
    ['an id that is not UTF-8', 76, [0xff]],
    ['a count above the number of members', 73, [0xff, 0xff]],
  ])('%s', (_, offset, values) => {
    expect(changed(announcement, offset, values)).toBe('invalid-announcement');
  });

  test('a step that adds no member, or removes one', () => {
    const { added, ...rest } = decodeAnnouncement(step);
    expect(outcomeOf(() => decodeAnnouncement(encode({ ...rest, added })))).toBe('none');
    expect(thrownCode(() => decodeAnnouncement(encode({ ...rest, added: [] })))).toBe('invalid-announcement');
    expect(thrownCode(() => decodeAnnouncement(encode({ ...rest, added, removed: ['alice'] })))).toBe(
      'invalid-announcement',
    );
  });

  test('a value that is not a byte array', () => {
    for (const value of [null, undefined, 'AQMB', [...announcement], {}]) {
      expect(thrownCode(() => decodeAnnouncement(value as never))).toBe('invalid-announcement');
    }
  });

  test('numbers and counts above the format’s limits', () => {
    const fields = decodeAnnouncement(announcement);
    const removed = Array.from({ length: 65_536 }, (_, i) => `${i}`);
    expect(thrownCode(() => encode({ ...fields, removed }))).toBe('invalid-argument');
    expect(thrownCode(() => encode({ ...fields, epoch: 2 ** 32 }))).toBe('invalid-argument');
  });
});

test('a decoded announcement shares no memory with its Buffer', () => {
  const wire = Buffer.from(createGroup([testUser('alice')]).announcement);
  const decoded = decodeAnnouncement(wire);
  const kept = structuredClone(decoded);
  wire.fill(0);
  expect(decoded).toEqual(kept);
  expect(decoded.previous.constructor).toBe(Uint8Array);
});

/** Computed once and kept. A change here is a change of the format and needs another version. */
describe('the frozen format is unchanged', () => {
  test.each(curveSuites)('%s', (suite) => {
    const { announcement, wraps } = createGroup([testUser('alice', suite)], suite);
    expect(announcement).toEqual(hex(frozen[suite].announcement));
    expect(wraps).toEqual([{ to: 'alice', wrap: hex(frozen[suite].wrap) }]);
    expect(decodeAnnouncement(flipBit(announcement, announcement.length * 8 - 1)).epoch).toBe(1);
  });

  test('X-Wing', () => {
    const { announcement, wraps } = createGroup([testUser('alice', 'X-Wing')], 'X-Wing');
    expect([announcement, wraps[0]?.wrap ?? new Uint8Array()].map(hashOf)).toEqual(frozenHashesOfXWing);
  });

  test('for a removal from a roster', () => {
    const { hub } = createGroup([testUser('alice'), testUser('bob')]);
    const { announcement, wraps } = hub.remove(['bob'], seededRandom('remove'));
    expect(announcement).toEqual(hex(frozenRemoval.announcement));
    expect(wraps).toEqual([{ to: 'alice', wrap: hex(frozenRemoval.wrap) }]);
  });
});

const frozen = {
  'P-384': {
    announcement: `010101000000014dbc32ee9d200a696bd290cf955ca47753f9e1763696b5f424516a5aa1e3f5f203fa08cd6d77c9c092
    17b0c35e1951a3ba8598c186126e7230804c64d85838c7e39cea762dc46bca4723c529f5e108d0840000000105616c69
    636504a72b68ede67e99691e49f6a17220f5ed4d6142b281d9d5c8ede660592dd40775deaca07cce8ab65c3e3ddafb7c
    c7e22f4930cfc32cff81efb8cd36ed06285312c54b07ec1e907693c1677aa432e301b9985ff2a2fafaa5023585b54abf
    204f2a422758d36845c8289cfa4d8daf9bbf3fdf1f6cad5fdcbd23f16223a117304f33`,
    wrap: '927dfb51c42e759042c2bc957fc2a911ecc02e017fce99f5a0ee6d2d8b1a70f0b88ba962bb7c18b03cae2b3a843acaeb',
  },
  'P-256': {
    announcement: `0102010000000164abd6f00d9f4134b023831284372962dc3e773137be90d3f25d760c4036dbfb034d2240d3eaea794b
    28fa051feff2356e1d87abcba1ffa68510f5e41762f6711e0000000105616c696365044acefc3e4bb919e7d0ba71e6f6
    23d2b5726969189599d7ed94b94c999bff4274be4afc3bbc9a259232fb78c8f56f98498bd505a61d237839ecc10c15bd
    588fb8ee8f0aa321397d3a4f8e48c336d17a795ad3cbcf013e15ed4e6db8c3e95206d7`,
    wrap: 'd24e1af94db326df1e8afde1fd1149cd6acf76c59a71ae8b3d6f6638f25551ed6e98131a3421e5d0fec2f0ca1e70dd47',
  },
  X25519: {
    announcement: `010301000000017412d384ce56e4bf223a53b17595922ec10f37214c5ec4f2b895ab3776139ec2a59c278d4d633d44fa
    b25ccd9c67c81d53c6da950a4226c9870ffecabba6ee3d0000000105616c69636532456ddea64339fc727a93c9297be4
    f78a5112055b0d0ccfda8b6bc705e10b1afddb36248802de2278918e705f85436e6c160ac6073b8b42567747ceacf5f9
    ca`,
    wrap: 'c2e38adc6728f14ab31e8c700f12dfc87cb37fb9cad30a7a37b02a0b36988f7065ed0cc64c9c6259e973d708dcfbc4ba',
  },
};

/** SHA-256 of X-Wing's announcement and wrap, which hold a public key and an encapsulation. */
const frozenHashesOfXWing = [
  '3c19707fb461965151f97c5ac4c0cb148e71cafcac9715d43f42e8ab766fc11d',
  '8758b2a84ad23c4604ef6e46e6dce6f8147df03af2544b55c9b12c31158064a1',
];

const frozenRemoval = {
  announcement: `01030100000002c952cb12b989b127ba97410bacc93bd2efc731e4000429d6770d5c57a4a26b049543544f617759d819
    0c28864fe43308ed4343225b2a2501f70c6fb9b192ce63000103626f620000451e45c95c6ef1cb1967fe7275141f8f76
    84547fa0f190ed37004d8e2a123e86`,
  wrap: 'e90e15edb2223363df80357bb49ffee42dc3f802e1e0017af83a76f33ad419e3bfd8daf8e22c2a2157a53efdf17e26ab',
};
