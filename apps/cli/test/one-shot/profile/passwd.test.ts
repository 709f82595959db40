/** `chat passwd` in scripts. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { asCommandError } from '../../../src/text/error-sentence.ts';
import { setUp } from '../../support/run-command.ts';

const variables = { CHAT_PASSWORD: 'password', CHAT_NEW_PASSWORD: 'another password' };

describe('passwd', () => {
  test('takes both passwords from the environment, and says what still opens with the old one', async () => {
    const { profiles, run, printed } = setUp('', variables);
    await run('passwd');
    expect(profiles.rekeyed).toEqual(['alice another password']);
    expect(printed()).toMatch(/^The password of alice@host:9998 is changed\. Copies, backups .* old one/);
  });

  test('takes the new password from a file, which wins', async () => {
    const path = join(temporaryFolder().path, 'new');
    await writeFile(path, 'from the file\n');
    const { profiles, run } = setUp('', variables);
    await run('passwd', '--new-password-file', path);
    const other = setUp('', { ...variables, CHAT_NEW_PASSWORD_FILE: path });
    await other.run('passwd');
    expect([profiles.rekeyed, other.profiles.rekeyed]).toEqual([['alice from the file'], ['alice from the file']]);
  });

  test.each([
    ['a wrong password', { CHAT_PASSWORD: 'no' }, 'wrong-password', /password for alice is wrong/],
    ['a short one', { CHAT_NEW_PASSWORD: 'short' }, 'password-too-short', /at least 8 characters/],
    ['the same one', { CHAT_NEW_PASSWORD: 'password' }, 'same-password', /nothing was changed/],
    ['none, without a terminal', { CHAT_NEW_PASSWORD: '' }, 'no-password', /--new-password-file/],
    ['no file', { CHAT_NEW_PASSWORD_FILE: '/none' }, 'password-file', /Cannot read the password file/],
  ])('refuses %s with a sentence, and changes nothing', async (_, more, code, sentence) => {
    const { profiles, run } = setUp('', { ...variables, ...more });
    const running = run('passwd');
    expect(await rejectedCode(running)).toBe(code);
    expect(asCommandError(await running.catch((error: unknown) => error)).message).toMatch(sentence);
    expect(profiles.rekeyed).toEqual([]);
  });
});
