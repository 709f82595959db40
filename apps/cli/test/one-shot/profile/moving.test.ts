/** `chat export`, `import`, `take-back` and `logout` in scripts. */
import { PassThrough } from 'node:stream';
import { ClientError, type Stored } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../../../src/one-shot/profile/content.ts';
import type { RunContext } from '../../../src/run-context.ts';
import { Prompt } from '../../../src/terminal/prompt.ts';
import { asCommandError } from '../../../src/text/error-sentence.ts';
import { FakeProfiles, profile, ScriptedConsole, settings } from '../../support/fakes.ts';
import { setUp } from '../../support/run-command.ts';

const sentenceOf = (running: Promise<void>): Promise<string> =>
  running.then(
    () => 'no error',
    (error: unknown) => asCommandError(error).message,
  );

describe('export and take-back', () => {
  test('say where the profile is, what to do at the new place, and how to take it back', async () => {
    const { profiles, run, printed } = setUp();
    await run('export', '/tmp/alice.export');
    expect(printed()).toMatch(
      /is in \/tmp\/alice\.export.*closed here.*chat import FILE.*chat logout.*chat take-back/s,
    );
    await run('take-back', '--yes');
    expect(profiles.done).toEqual(['export alice to /tmp/alice.export', 'take back alice']);
  });

  test('say when the system does not confirm that the file would survive a power cut', async () => {
    const { profiles, run, printed, reported } = setUp();
    profiles.isSynced = false;
    await run('export', '/tmp/alice.export');
    expect(reported()).toMatch(/after a power cut the export may have the name \/tmp\/alice\.export\.\*\.new/);
    expect(printed()).toMatch(/closed here/);
  });

  test('take back nothing without a confirmation', async () => {
    const { profiles, run } = setUp();
    expect(await rejectedCode(run('take-back'))).toBe('usage');
    expect(profiles.done).toEqual([]);
  });
});

describe('import', () => {
  test('claims the profile at the server', async () => {
    const { client, profiles, run, printed } = setUp();
    await run('import', '/tmp/alice.export');
    expect(profiles.done).toEqual(['import /tmp/alice.export into /home']);
    expect(printed()).toMatch(/is imported.*in use here now.*Delete the file/s);
    expect([client.connects, client.closed]).toEqual([['connect'], true]);
  });

  test('says that the profile is not claimed yet when the server is away', async () => {
    const { client, run, printed } = setUp();
    client.failures.push(new ClientError('unreachable', 'Nothing answers.'));
    await run('import', '/tmp/alice.export');
    expect(printed()).toMatch(/is imported.*Nothing answers\. The first start of chat with a connection claims/s);
    expect(client.closed).toBe(true);
  });

  test('of an export that is older than another use says that the server does not let it in', async () => {
    const { client, run } = setUp();
    client.failures.push(new ProtocolError('used-elsewhere', 'This profile is in use elsewhere since 1970.'));
    const sentence = await sentenceOf(run('import', '/tmp/alice.export'));
    expect(sentence).toMatch(/^The profile is imported, and the server does not let it in\. .*copy of this profile/);
  });

  test('that another start opens first says that the profile is imported, and not to import it again', async () => {
    const { profiles, run, printed } = setUp();
    profiles.openFailure = new ClientError('profile-in-use', 'It is open.');
    expect(await sentenceOf(run('import', 'x'))).toMatch(
      /^The profile is imported, and could not be opened .* is in use on this machine.*Do not import it again/,
    );
    expect(printed()).toMatch(/^The profile alice@host:9998 is imported/);
  });

  test('reports a renewal of the identity key that was begun before the export', async () => {
    const { client, run, reported } = setUp();
    client.begunRenewal = 'unfinished';
    await run('import', 'x');
    expect(reported()).toMatch(/renewal of your identity key was cut off/);
  });

  test('refuses a wrong password with a sentence', async () => {
    const { run } = setUp('', { CHAT_PASSWORD: 'no' });
    expect(await sentenceOf(run('import', 'x'))).toMatch(/^The password for the export is wrong/);
  });
});

describe('logout', () => {
  const content = {
    rooms: { r1: { name: 'lobby', outbox: [{}, {}] }, r2: { name: 'd-1', peer: 'bob', outbox: [] } },
  } as unknown as Stored;

  test('names the rooms and what would be lost, and erases nothing without a confirmation', async () => {
    const { profiles, run, reported } = setUp();
    profiles.content = content;
    expect(await rejectedCode(run('logout'))).toBe('usage');
    expect(reported()).toMatch(
      /member of your rooms: @bob, lobby\. 2 of your messages wait to be sent, and are lost\./,
    );
    expect(profiles.done).toEqual([]);
  });

  test('says that a given password is wrong, and goes on without', async () => {
    const { profiles, run, reported } = setUp('', { CHAT_PASSWORD: 'no' });
    profiles.content = content;
    expect(await rejectedCode(run('logout'))).toBe('usage');
    expect(reported()).toMatch(/^The password for alice is wrong.*You stay a member of its rooms/s);
  });

  test('asks again after a wrong password, three times at most, and goes on without one', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    profiles.content = content;
    const tty = Object.assign(new PassThrough(), { isTTY: true });
    const context = { ...{ profiles, settings: settings() }, ...{ stdin: tty, stderr: tty } } as unknown as RunContext;
    const answered = async (...answers: string[]) => {
      const console = new ScriptedConsole(answers);
      return { found: await contentOf(profile('alice'), context, new Prompt(() => console)), console };
    };
    const second = await answered('no', 'password');
    expect([second.found, second.console.shown]).toEqual([content, [expect.stringMatching(/for alice is wrong/)]]);
    expect(await answered('')).toMatchObject({ found: null, console: { shown: [] } });
    expect(await answered('no', 'no', 'no', 'password')).toMatchObject({ found: null, console: { left: 1 } });
  });

  test('names what a link in the profile leads to, because that is not erased', async () => {
    const { profiles, run, reported } = setUp();
    profiles.linked = ['/mnt/other\u001b[2J/messages'];
    await run('logout', '--yes');
    const text = reported();
    expect(text).toMatch(/A link in the profile led to \/mnt\/other.*\/messages, which was not erased/);
    expect(text).not.toContain('\u001b');
  });

  test('needs no password, and says so much as it can', async () => {
    const { profiles, run, printed, reported } = setUp('', {});
    expect(await rejectedCode(run('logout'))).toBe('usage');
    expect(reported()).toMatch(/You stay a member of its rooms/);
    await run('logout', '--yes');
    expect(profiles.done).toEqual(['erase alice']);
    expect(printed()).toMatch(/is erased\. The name alice stays taken at the server/);
  });
});
