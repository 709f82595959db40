/** Tests that every implementation of `SegmentFiles` must pass, for any test runner: `segmentFilesContract(test, open)`. */
import { MessageStoreError, type MessageStoreErrorCode } from '../errors.ts';
import type { FileKey, SegmentFiles } from '../files/segment-files.ts';

/** The files under test. There are none at first. */
export interface SegmentFilesSubject {
  readonly files: SegmentFiles;
  /** Releases what the test has used. The contract calls it after each test. */
  close(): Promise<void>;
}

/** The function that declares a test: `test` of node:test, vitest, jest and others. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

const fileKey = (digit: string): FileKey => ({ file: digit.repeat(32), key: digit.toUpperCase().repeat(43) });
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function requireEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, and found ${JSON.stringify(actual)}`);
  }
}

const reasonOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (reason: unknown) => reason,
  );

async function requireCode(reading: Promise<unknown>, code: MessageStoreErrorCode): Promise<void> {
  const error = await reasonOf(reading);
  requireEqual(error instanceof MessageStoreError ? error.code : error, code);
}

/** Returns blocks of which the second one cannot be had: a write of them fails after the first. */
function failingBlocks(error: Error): readonly Uint8Array[] {
  const failing = [new Uint8Array(300 * 1024), new Uint8Array(1)];
  Object.defineProperty(failing, 1, {
    get: () => {
      throw error;
    },
  });
  return failing;
}

const blocks = ['one', '', 'the third'].map(bytesOf);
const firstPlace = { index: 0, offset: 0, bytes: 3 };
const places = [firstPlace, { index: 1, offset: 3, bytes: 0 }, { index: 2, offset: 3, bytes: 9 }];

async function textsIn(files: SegmentFiles, key: FileKey): Promise<readonly string[]> {
  const read = await Promise.all(places.map((place) => files.read(key, place)));
  return read.map((block) => new TextDecoder().decode(block));
}

const checks: Readonly<Record<string, (files: SegmentFiles) => Promise<void>>> = {
  async 'returns each block that was written'(files) {
    await files.write(fileKey('a'), blocks);
    requireEqual(await textsIn(files, fileKey('a')), ['one', '', 'the third']);
  },
  async 'returns bytes that the caller may change'(files) {
    await files.write(fileKey('a'), blocks);
    for (const place of places) (await files.read(fileKey('a'), place)).fill(0);
    requireEqual(await textsIn(files, fileKey('a')), ['one', '', 'the third']);
  },
  async 'opens no file with the key of another'(files) {
    await files.write(fileKey('a'), blocks);
    await files.write(fileKey('b'), blocks);
    await requireCode(files.read({ file: fileKey('a').file, key: fileKey('b').key }, firstPlace), 'damaged');
  },
  async 'reports a file that is missing'(files) {
    await requireCode(files.read(fileKey('a'), firstPlace), 'missing');
    await files.write(fileKey('b'), blocks);
    await requireCode(files.read(fileKey('a'), firstPlace), 'missing');
  },
  async 'leaves no file when a write fails'(files) {
    const error = new Error('no space');
    requireEqual((await reasonOf(files.write(fileKey('a'), failingBlocks(error)))) === error, true);
    await requireCode(files.read(fileKey('a'), { index: 0, offset: 0, bytes: 300 * 1024 }), 'missing');
    await files.write(fileKey('a'), blocks);
    requireEqual(await textsIn(files, fileKey('a')), ['one', '', 'the third']);
  },
  async 'removes all files but those that are kept'(files) {
    for (const digit of ['a', 'b', 'c']) await files.write(fileKey(digit), blocks);
    const kept = new Set([fileKey('b').file, fileKey('d').file]);
    await files.removeOthers((file) => kept.has(file));
    requireEqual(await textsIn(files, fileKey('b')), ['one', '', 'the third']);
    await requireCode(files.read(fileKey('a'), firstPlace), 'missing');
    await requireCode(files.read(fileKey('c'), firstPlace), 'missing');
  },
  async 'removes no file that is written and kept from after the call on'(files) {
    await files.write(fileKey('a'), blocks);
    const kept = new Set<string>();
    const removal = files.removeOthers((file) => kept.has(file));
    kept.add(fileKey('b').file);
    await Promise.all([removal, files.write(fileKey('b'), blocks)]);
    requireEqual(await textsIn(files, fileKey('b')), ['one', '', 'the third']);
  },
  async 'has nothing to remove before the first file'(files) {
    await files.removeOthers(() => false);
  },
};

/** Declares the tests for files that `open` creates. */
export function segmentFilesContract(test: TestFunction, open: () => Promise<SegmentFilesSubject>): void {
  for (const [name, check] of Object.entries(checks)) {
    test(name, async () => {
      const subject = await open();
      try {
        await check(subject.files);
      } finally {
        await subject.close();
      }
    });
  }
}
