/** Tests that every implementation of `SegmentFiles` must pass, for any test runner: `segmentFilesContract(test, open)`. */
import { MessageStoreError } from '../errors.ts';
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

async function requireDamaged(reading: Promise<unknown>): Promise<void> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  requireEqual(error instanceof MessageStoreError ? error.code : error, 'damaged');
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
    await requireDamaged(files.read({ file: fileKey('a').file, key: fileKey('b').key }, firstPlace));
  },
  async 'reports a file that is missing as damaged'(files) {
    await requireDamaged(files.read(fileKey('a'), firstPlace));
  },
  async 'removes all files but those that are kept'(files) {
    for (const digit of ['a', 'b', 'c']) await files.write(fileKey(digit), blocks);
    await files.removeOthers(new Set([fileKey('b').file, fileKey('d').file]));
    requireEqual(await textsIn(files, fileKey('b')), ['one', '', 'the third']);
    await requireDamaged(files.read(fileKey('a'), firstPlace));
    await requireDamaged(files.read(fileKey('c'), firstPlace));
  },
  async 'has nothing to remove before the first file'(files) {
    await files.removeOthers(new Set());
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
