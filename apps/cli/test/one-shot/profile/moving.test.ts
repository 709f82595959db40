/** `chat export`, `import`, `take-back` and `logout` in scripts. */
import { ClientError, type Stored } from '@chat/client';
import { ProtocolError } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { asCommandError } from '../../../src/text/error-sentence.ts';
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

  test('needs no password, and says so much as it can', async () => {
    const { profiles, run, printed, reported } = setUp('', {});
    expect(await rejectedCode(run('logout'))).toBe('usage');
    expect(reported()).toMatch(/You stay a member of its rooms/);
    await run('logout', '--yes');
    expect(profiles.done).toEqual(['erase alice']);
    expect(printed()).toMatch(/is erased\. The name alice stays taken at the server/);
  });
});
