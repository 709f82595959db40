/** Files between clients: whole at every size, over cuts at every request, and never altered, misplaced or overwritten. */
import { chmodSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobBytesOf, limits, paddedFileBytes } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, FileClient, FileWorld, lost } from '../support/file-world.ts';

/** Sends a file from one client and saves it at another one. */
async function pass(world: FileWorld, bytes: Buffer, name = 'report.pdf'): Promise<FileClient> {
  const [alice, bob] = [new FileClient(world, 'alice', []), new FileClient(world, 'bob', [])];
  const { id } = await alice.files.send('lobby', world.source(name, bytes), { text: 'look' });
  const { seq, why } = await alice.end(id);
  if (why !== null) throw new Error(why.reason);
  await bob.files.save('lobby', seq ?? 0, bob.folder);
  await bob.end();
  return bob;
}

describe('a file', () => {
  const [piece, chunk] = [limits.blobPieceBytes, 65_536];
  test.each([0, 1, 4_096, 4_097, piece - 1, piece, chunk - 1, chunk, chunk + 1, 3 * chunk, 300_001])(
    'of %i bytes arrives as it was sent',
    async (size) => {
      const world = new FileWorld();
      const bob = await pass(world, bytesOf(size));
      expect(bob.saved()).toEqual({ 'report.pdf': bytesOf(size) });
      expect(world.messages).toMatchObject([
        { text: 'look', file: { size, name: 'report.pdf', type: 'application/pdf' } },
      ]);
      const [blob] = [...world.disk.blobs.values()];
      expect(blob?.data.length).toBe(blobBytesOf(size));
      expect(bob.events.at(-1)).toMatchObject({ state: 'done', path: join(bob.folder, 'report.pdf') });
      if (process.platform !== 'win32') expect(statSync(join(bob.folder, 'report.pdf')).mode & 0o777).toBe(0o600);
    },
  );

  test('is padded to few sizes, by 12 % at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: limits.fileBytes }), (size) => {
        const padded = paddedFileBytes(size);
        expect(padded).toBeGreaterThanOrEqual(size);
        expect(padded).toBeLessThanOrEqual(Math.max(4_096, size * 1.12));
        expect(paddedFileBytes(padded)).toBe(padded);
        expect(blobBytesOf(size)).toBeLessThanOrEqual(limits.blobBytes);
      }),
    );
    expect(blobBytesOf(limits.fileBytes)).toBe(limits.blobBytes);
    expect(new Set(Array.from({ length: 100_000 }, (_, size) => paddedFileBytes(size))).size).toBeLessThan(100);
  });

  test('is sent once with one id, and another ciphertext has another key', async () => {
    const world = new FileWorld();
    const alice = new FileClient(world, 'alice', []);
    const path = world.source('a.txt', bytesOf(10));
    const cid = 'cd'.repeat(16);
    const [first, again] = [
      await alice.files.send('lobby', path, { cid }),
      await alice.files.send('lobby', path, { cid }),
    ];
    expect(again.id).toBe(first.id);
    await alice.end(first.id);
    await alice.end((await alice.files.send('lobby', path)).id);
    expect(world.messages).toHaveLength(2);
    const [one, other] = world.messages.map(({ file }) => file);
    for (const field of ['blob', 'key', 'hash'] as const) expect(one?.[field]).not.toBe(other?.[field]);
  });
});

describe('a cut', () => {
  const bytes = bytesOf(400_000);

  test.each(['before', 'after'] as const)(
    '%s any request is made up for, also by a program that starts anew',
    async (when) => {
      const whole = new FileWorld();
      await pass(whole, bytes);
      for (let at = 1; at <= whole.requests.length; at++) {
        const world = new FileWorld();
        let [alice, bob] = [new FileClient(world, 'alice', []), new FileClient(world, 'bob', [])];
        const cut = new Promise<void>((resolve) => {
          world[when] = (count) => {
            if (count < at) return;
            resolve();
            throw lost();
          };
        });
        const heal = () => {
          world[when] = () => undefined;
        };
        const restarts = at % 2 === 0;
        await alice.files.send('lobby', world.source('report.pdf', bytes));
        await Promise.race([cut, alice.end()]);
        if (world.messages.length === 0) {
          if (restarts) alice = await alice.restart('alice');
          heal();
          alice.files.connected();
        }
        await alice.end();
        await bob.files.save('lobby', 1, bob.folder);
        await Promise.race([cut, bob.end()]);
        if (Object.keys(bob.saved()).length === 0 && restarts) bob = await bob.restart('bob');
        heal();
        bob.files.connected();
        await bob.end();
        expect(bob.saved(), `cut at ${at}`).toEqual({ 'report.pdf': bytes });
        expect(world.messages, `cut at ${at}`).toHaveLength(1);
      }
    },
  );

  test('in an upload costs only what was under way', async () => {
    const world = new FileWorld();
    const alice = new FileClient(world, 'alice', []);
    world.before = (count) => {
      if (count === 5) throw lost();
    };
    await alice.files.send('lobby', world.source('report.pdf', bytes));
    await alice.end();
    const needed = Math.ceil(blobBytesOf(bytes.length) / limits.blobPieceBytes);
    expect(world.requests.filter((each) => each === 'blob-append').length).toBeLessThanOrEqual(needed + 8);
  });

  test('after which the encrypted copy is gone encrypts the file anew, with another key', async () => {
    const world = new FileWorld();
    let alice = new FileClient(world, 'alice', []);
    world.before = (count) => {
      if (count >= 3) throw lost();
    };
    await alice.files.send('lobby', world.source('report.pdf', bytes));
    while (world.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
    const [before] = alice.files.stored;
    truncateSync(join(world.folder('alice-transfers'), before?.spool ?? ''), 10);
    world.before = () => undefined;
    alice = await alice.restart('alice');
    await alice.end();
    expect(world.messages[0]?.file.key).not.toBe(before?.file.key);
    expect((await pass(world, bytes)).saved()).toHaveProperty(['report.pdf']);
  });
});

describe('a hostile server', () => {
  const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
  const other = bytesOf(100_001);
  const attacks: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
    'alters a byte': flip,
    'sends fewer bytes': (bytes) => bytes.subarray(1),
    'sends more bytes': (bytes) => Buffer.concat([bytes, bytes.subarray(0, 1)]),
    'sends other bytes': (bytes) => bytesOf(bytes.length),
    'sends nothing': () => new Uint8Array(0),
  };

  test.each(Object.entries(attacks))('that %s is found, and nothing is saved', async (_, attack) => {
    const world = new FileWorld();
    world.alter = (operation, answer) =>
      operation === 'blob-read' ? { bytes: attack((answer as { bytes: Uint8Array }).bytes) } : answer;
    const bob = await pass(world, other);
    expect(bob.events.at(-1)).toMatchObject({ state: 'failed', why: { code: 'file-altered' } });
    expect(bob.saved()).toEqual({});
  });

  test('that gives another blob of the same size is found', async () => {
    const world = new FileWorld();
    await pass(world, bytesOf(100_000), 'first.pdf');
    const [first] = [...world.disk.blobs.values()];
    world.alter = (operation, answer) =>
      operation === 'blob-read' && world.messages.length === 2
        ? { bytes: first?.data.slice(0, limits.blobPieceBytes) }
        : answer;
    const bob = await pass(world, bytesOf(100_002), 'second.pdf');
    expect(bob.events.at(-1)).toMatchObject({ state: 'failed', why: { code: 'file-altered' } });
    expect(Object.keys(bob.saved())).toEqual(['first.pdf']);
  });

  test('that has deleted the file, or knows no files, is named', async () => {
    const world = new FileWorld();
    const bob = await pass(world, bytesOf(10), 'a.txt');
    world.disk.blobs.clear();
    await bob.files.save('lobby', 1, bob.folder);
    expect(await bob.end(2)).toMatchObject({ state: 'failed', why: { code: 'file-gone' } });
    world.before = () => {
      throw Object.assign(lost(), { code: 'unknown-operation' });
    };
    await bob.files.save('lobby', 1, bob.folder);
    expect(await bob.end(3)).toMatchObject({ state: 'failed', why: { code: 'files-unsupported' } });
  });
});

describe('saving', () => {
  test('replaces no file and follows no link, and numbers the name', async () => {
    const world = new FileWorld();
    const bob = new FileClient(world, 'bob', []);
    writeFileSync(join(bob.folder, 'report.pdf'), 'mine');
    symlinkSync('/nonexistent', join(bob.folder, 'report (1).pdf'));
    await pass(world, bytesOf(5));
    await bob.files.save('lobby', 1, bob.folder);
    await bob.end(1);
    expect((await bob.files.list()).at(-1)?.path).toBe(join(bob.folder, 'report (3).pdf'));
  });

  test('takes a new name in a folder, and refuses a folder that is not there', async () => {
    const world = new FileWorld();
    const bob = await pass(world, bytesOf(5));
    await bob.files.save('lobby', 1, join(bob.folder, 'mine.bin'));
    expect((await bob.end(2)).path).toBe(join(bob.folder, 'mine.bin'));
    expect(await rejectedCode(bob.files.save('lobby', 1, join(bob.folder, 'no/such/file')))).toBe('folder-unusable');
    expect(await rejectedCode(bob.files.save('lobby', 9, bob.folder))).toBe('unknown-message');
  });

  test('in a folder that takes nothing fails, and says why', async () => {
    if (process.getuid?.() === 0) return;
    const world = new FileWorld();
    const bob = await pass(world, bytesOf(5));
    const folder = join(bob.folder, 'closed');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    await bob.files.save('lobby', 1, folder);
    expect(await bob.end(2)).toMatchObject({ state: 'failed', why: { code: 'folder-unusable' } });
  });
});

describe('sending', () => {
  test('refuses what is no file, is missing or is too large', async () => {
    const world = new FileWorld();
    const alice = new FileClient(world, 'alice', []);
    const large = world.source('large', Buffer.alloc(0));
    truncateSync(large, limits.fileBytes + 1);
    for (const path of [large, world.folder('sources'), join(world.folder('sources'), 'missing'), '/dev/null']) {
      expect(await rejectedCode(alice.files.send('lobby', path)), path).toBe('file-unusable');
    }
    expect(
      await rejectedCode(alice.files.send('lobby', world.source('a', bytesOf(1)), { text: 'x'.repeat(16_385) })),
    ).toBe('message-too-long');
    expect(alice.files.stored).toEqual([]);
  });

  test('can be cancelled: the server forgets the bytes, and so does the client', async () => {
    const world = new FileWorld();
    const alice = new FileClient(world, 'alice', []);
    world.before = (count) => {
      if (count >= 4) throw lost();
    };
    const { id } = await alice.files.send('lobby', world.source('report.pdf', bytesOf(400_000)));
    while (world.requests.length < 4) await new Promise((resolve) => setImmediate(resolve));
    world.before = () => undefined;
    await alice.files.cancel(id);
    expect(await alice.end(id)).toMatchObject({ state: 'cancelled' });
    expect(await rejectedCode(alice.files.cancel(id))).toBe('no-transfer');
    await alice.files.close();
    expect(world.messages).toEqual([]);
    expect(alice.files.stored).toEqual([]);
    expect(world.disk.blobs.size).toBe(0);
  });
});
