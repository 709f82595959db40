/** `chat recovery` and `chat recover` in scripts. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { setUp } from '../support/run-command.ts';
import { fingerprint } from '../support/samples.ts';

test('shows that there is no phrase, makes one in a file, backs up, and ends it', async () => {
  const { client, profiles, run, printed } = setUp();
  const file = join(temporaryFolder().path, 'phrase');
  await run('recovery');
  expect(printed()).toMatch(/^You have no recovery phrase.*chat recovery new/);
  expect(await rejectedCode(run('recovery', 'new'))).toBe('usage');
  await run('recovery', 'new', '--phrase-file', file);
  expect((await readFile(file, 'utf8')).trim().split(' ')).toHaveLength(24);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(profiles.done).toEqual(['start recovery of alice']);
  expect(printed()).toMatch(/recovery phrase was made at .*\nThe latest backup is number 1, of .*, with 1\.5 MB\./);
  expect(await rejectedCode(run('recovery', 'new', '--phrase-file', file))).toBe('phrase-file');
  await run('recovery', 'now', '--json');
  expect(JSON.parse(printed())).toMatchObject({ recovery: { latest: { number: 1 }, failure: null } });
  expect(await rejectedCode(run('recovery', 'end'))).toBe('usage');
  await run('recovery', 'end', '--yes');
  expect(client.recoveryState).toBeNull();
});

test('says what a backup lacks, and why the latest attempt failed', async () => {
  const { client, run, printed } = setUp();
  const latest = { number: 2, at: 0, bytes: 5_000, left: { files: 3, bytes: 70_000_000 } };
  client.recoveryState = { madeAt: 0, latest, failure: { code: 'storage-full', reason: 'No space.' } };
  await run('recovery');
  expect(printed()).toMatch(
    /with 5\.0 kB\.\nThe oldest messages are not in it \(3 files, 70 MB\).*failed\. No space\./s,
  );
});

test('refuses words that are no phrase before anything else, and a machine without a name', async () => {
  const { profiles, run } = setUp('', { CHAT_PASSWORD: 'password', CHAT_USER: 'alice' });
  const file = join(temporaryFolder().path, 'phrase');
  await writeFile(file, 'one two three');
  const line = `chat://host:9998#${fingerprint}`;
  expect(await rejectedCode(run('recover', line, '--phrase-file', file))).toBe('not-a-phrase');
  expect(await rejectedCode(run('recover', line, '--phrase-file', `${file}.none`))).toBe('phrase-file');
  expect(profiles.done).toEqual([]);
  const nameless = setUp();
  expect(await rejectedCode(nameless.run('recover', line, '--phrase-file', file))).toBe('usage');
});
