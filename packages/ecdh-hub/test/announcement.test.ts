/** The announcement's encoding: strict, so that each announcement has exactly one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBody } from '../src/group/announcement.ts';
import { type Announcement, decodeAnnouncement, type Suite } from '../src/index.ts';
import { createGroup, person } from './group-setting.ts';
import { codeOf, flipBit, hex, seededKeys, suites, utf8 } from './setting.ts';

const encode = ({ commitment, ...body }: Announcement) => Uint8Array.of(...encodeBody(body), ...commitment);
const keysOf = (suite: Suite) => ['one', 'two', 'three'].map((seed) => seededKeys(suite, seed).publicKey);
const publicKeys = { 'P-384': keysOf('P-384'), 'P-256': keysOf('P-256'), X25519: keysOf('X25519') };

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const id = fc.string({ minLength: 1, maxLength: 32, unit: 'grapheme' }).filter((name) => utf8(name).length <= 128);

const announcements = fc.constantFrom(...suites).chain((suite) => {
  const publicKey = fc.constantFrom(...publicKeys[suite]);
  const added = fc.array(fc.record({ id, publicKey }, { noNullPrototype: true }), { maxLength: 3 });
  const fields = {
    suite: fc.constant(suite),
    epoch: fc.integer({ min: 1, max: 0xffff_ffff }),
    previous: hash,
    ephemeralKey: publicKey,
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

test('is the same again when encoded and decoded', () => {
  fc.assert(
    fc.property(announcements, (announcement) => {
      expect(decodeAnnouncement(encode(announcement))).toEqual(announcement);
    }),
  );
});

test('is refused when cut or extended anywhere', () => {
  fc.assert(
    fc.property(announcements, (announcement) => {
      const bytes = encode(announcement);
      for (let length = 0; length < bytes.length; length++) {
        expect(['invalid-announcement', 'invalid-public-key']).toContain(
          codeOf(() => decodeAnnouncement(bytes.subarray(0, length))),
        );
      }
      expect(codeOf(() => decodeAnnouncement(Uint8Array.of(...bytes, 0)))).toBe('invalid-announcement');
    }),
    { numRuns: 30 },
  );
});

/** Whatever is read is read in one way: no bytes but its own encoding give the same announcement. */
function checkReading(bytes: Uint8Array): void {
  const code = codeOf(() => expect(encode(decodeAnnouncement(bytes))).toEqual(new Uint8Array(bytes)));
  expect(['none', 'invalid-announcement', 'invalid-public-key']).toContain(code);
}

test('arbitrary bytes are refused, or are the one encoding of what they say', () => {
  const beginnings = fc.constantFrom<number[]>([], [1, 3, 1, 0, 0, 0, 1], [1, 3, 2, 0, 0, 0, 1], [1, 1, 1], [1, 2, 2]);
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
      checkReading(Uint8Array.of(...beginning, ...rest));
    }),
    { numRuns: 1000 },
  );
});

test('so are announcements with a few bytes changed', () => {
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
  const { hub, announcement } = createGroup([person('alice')]);
  const step = hub.join([person('bob').member]).announcement;
  const changed = (bytes: Uint8Array, offset: number, values: number[]) => {
    const copy = new Uint8Array(bytes);
    copy.set(values, offset);
    return codeOf(() => decodeAnnouncement(copy));
  };

  test.each([
    ['another version', 0, [2]],
    ['an unknown suite', 1, [4]],
    ['kind 0', 2, [0]],
    ['an unknown kind', 2, [3]],
    ['epoch 0', 3, [0, 0, 0, 0]],
    ['an empty id', 75, [0]],
    ['an id that is no UTF-8', 76, [0xff]],
    ['more members than there are', 73, [0xff, 0xff]],
  ])('%s', (_, offset, values) => {
    expect(changed(announcement, offset, values)).toBe('invalid-announcement');
  });

  test('a step that adds nobody, or removes somebody', () => {
    const { added, ...rest } = decodeAnnouncement(step);
    expect(codeOf(() => decodeAnnouncement(encode({ ...rest, added })))).toBe('none');
    expect(codeOf(() => decodeAnnouncement(encode({ ...rest, added: [] })))).toBe('invalid-announcement');
    expect(codeOf(() => decodeAnnouncement(encode({ ...rest, added, removed: ['alice'] })))).toBe(
      'invalid-announcement',
    );
  });

  test('what is no byte array', () => {
    for (const value of [null, undefined, 'AQMB', [...announcement], {}]) {
      expect(codeOf(() => decodeAnnouncement(value as never))).toBe('invalid-announcement');
    }
  });

  test('to be more than the format holds', () => {
    const fields = decodeAnnouncement(announcement);
    const removed = Array.from({ length: 65_536 }, (_, i) => `${i}`);
    expect(codeOf(() => encode({ ...fields, removed }))).toBe('invalid-argument');
    expect(codeOf(() => encode({ ...fields, epoch: 2 ** 32 }))).toBe('invalid-argument');
  });
});

test('decodes from a Buffer into memory of its own', () => {
  const wire = Buffer.from(createGroup([person('alice')]).announcement);
  const decoded = decodeAnnouncement(wire);
  const kept = structuredClone(decoded);
  wire.fill(0);
  expect(decoded).toEqual(kept);
  expect(decoded.previous.constructor).toBe(Uint8Array);
});

/** Made once, then kept: a change here is a change of format and needs another version. */
test('is the format that was frozen', () => {
  const { announcement, wraps } = createGroup([person('alice')]);
  expect(announcement).toEqual(hex(frozen.announcement));
  expect(wraps).toEqual([{ to: 'alice', wrap: hex(frozen.wrap) }]);
  expect(decodeAnnouncement(flipBit(announcement, announcement.length * 8 - 1)).epoch).toBe(1);
});

const frozen = {
  announcement: `010301000000017412d384ce56e4bf223a53b17595922ec10f37214c5ec4f2b895ab3776139ec2a59c278d4d633d44fa
    b25ccd9c67c81d53c6da950a4226c9870ffecabba6ee3d0000000105616c69636532456ddea64339fc727a93c9297be4
    f78a5112055b0d0ccfda8b6bc705e10b1afddb36248802de2278918e705f85436e6c160ac6073b8b42567747ceacf5f9
    ca`,
  wrap: 'c2e38adc6728f14ab31e8c700f12dfc87cb37fb9cad30a7a37b02a0b36988f7065ed0cc64c9c6259e973d708dcfbc4ba',
};
