/** Signing in with and without an invitation line, at a terminal and in a script. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder, thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { onlyProfile } from '../../src/sign-in/choice.ts';
import { givenPassword } from '../../src/sign-in/password.ts';
import { signIn } from '../../src/sign-in/sign-in.ts';
import { Prompt } from '../../src/terminal/prompt.ts';
import { FakeProfiles, profile, ScriptedConsole, settings } from '../support/fakes.ts';
import { fingerprint } from '../support/samples.ts';

const pinned = { host: 'host', port: 9998, fingerprint };
const bare = { host: 'host', port: 9998 };

function context(profiles: FakeProfiles, answers: readonly (string | null)[], options = settings()) {
  const console = new ScriptedConsole(answers);
  const prompt = new Prompt(() => console);
  return { console, context: { profiles, settings: options, prompt, offersRecovery: false } };
}

describe('with a line', () => {
  test('a new user types a name and a password twice, and no password is shown', async () => {
    const profiles = new FakeProfiles();
    const { console, context: signInContext } = context(profiles, ['alice', 'long enough', 'long enough']);
    await expect(signIn({ ...pinned, invitation: 'AAAA' }, signInContext)).resolves.toBe(profiles.client);
    expect(profiles.enrolled).toMatchObject([
      { user: 'alice', password: 'long enough', invitation: 'AAAA', home: '/home' },
    ]);
    expect(console.asked.map(({ kind }) => kind)).toEqual(['question', 'secret', 'secret']);
  });

  test('an invalid name, a short password and two different passwords are asked for again', async () => {
    const profiles = new FakeProfiles();
    const answers = ['Not A Name', 'alice', 'short', 'long enough', 'long eno gh', 'long enough', 'long enough'];
    const { console, context: signInContext } = context(profiles, answers);
    await signIn(pinned, signInContext);
    expect(profiles.enrolled).toMatchObject([{ user: 'alice', password: 'long enough' }]);
    expect(console.left).toBe(0);
  });

  test('a taken name is asked for again, the password is not', async () => {
    const profiles = new FakeProfiles();
    profiles.taken.add('alice').add('bob');
    const { console, context: signInContext } = context(profiles, [
      'alice',
      'long enough',
      'long enough',
      'bob',
      'carol',
    ]);
    await signIn(pinned, signInContext);
    expect(profiles.enrolled).toMatchObject([{ user: 'carol', password: 'long enough' }]);
    expect(console.asked.filter(({ kind }) => kind === 'secret')).toHaveLength(2);
  });

  test('the name of a revoked user cannot be used, and another one is asked for', async () => {
    const profiles = new FakeProfiles();
    profiles.revoked.add('carol');
    const { console, context: signInContext } = context(profiles, ['carol', 'long enough', 'long enough', 'dave']);
    await signIn(pinned, signInContext);
    expect(profiles.enrolled).toMatchObject([{ user: 'dave' }]);
    expect(console.shown.join()).toMatch(/The name carol cannot be used/);
    expect(console.shown.join()).not.toMatch(/your access/);
  });

  test('the line of a server that has moved changes the profile, and shows both addresses', async () => {
    const profiles = new FakeProfiles(profile('alice', { host: 'old-host', port: 1234 }));
    const { console, context: signInContext } = context(profiles, ['alice', 'password']);
    await signIn(pinned, signInContext);
    expect(profiles.moved).toMatchObject([{ user: 'alice', host: 'host', port: 9998 }]);
    expect(console.shown.join()).toMatch(/old-host:1234.*host:9998/);
    expect(profiles.opened).toEqual(['alice']);
  });

  test('a user with a profile logs in, and the name is suggested', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(pinned, context(profiles, ['', 'password']).context);
    expect(profiles.opened).toEqual(['alice']);
  });

  test('a user with a profile logs in with the invitation of the line, for a server that has lost the account', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn({ ...pinned, invitation: 'AAAA' }, context(profiles, ['', 'password']).context);
    expect(profiles.shownInvitations).toEqual(['AAAA']);
    expect(profiles.enrolled).toEqual([]);
  });

  test('the same name at another authority is another profile', async () => {
    const profiles = new FakeProfiles(profile('alice', { host: 'elsewhere', serverId: 'cd'.repeat(32) }));
    await signIn(pinned, context(profiles, ['alice', 'long enough', 'long enough']).context);
    expect(profiles.opened).toEqual([]);
    expect(profiles.enrolled).toHaveLength(1);
  });

  test('another authority than that of the line is refused before the user types anything', async () => {
    const profiles = new FakeProfiles();
    profiles.presented = 'cd'.repeat(32);
    const { console, context: signInContext } = context(profiles, ['alice']);
    expect(await rejectedCode(signIn(pinned, signInContext))).toBe('wrong-authority');
    expect(console.asked).toEqual([]);
  });

  test('a line that names the renewed authority of the server decides that the profile trusts it', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    profiles.first = fingerprint;
    profiles.presented = 'cd'.repeat(32);
    const { console, context: signInContext } = context(profiles, ['', 'password']);
    await signIn({ ...pinned, fingerprint: 'cd'.repeat(32) }, signInContext);
    expect(profiles.moved).toMatchObject([{ user: 'alice', pinned: 'cd'.repeat(32), serverId: fingerprint }]);
    expect(console.shown.join()).toContain('trusts the one of the line from now on');
    expect(profiles.enrolled).toEqual([]);
  });

  test('without a fingerprint the user compares it, and only yes goes on', async () => {
    const profiles = new FakeProfiles();
    const yes = context(profiles, ['maybe', 'yes', 'alice', 'long enough', 'long enough']);
    await signIn(bare, yes.context);
    expect(yes.console.shown.join()).toContain('ABAB ABAB');
    expect(await rejectedCode(signIn(bare, context(profiles, ['no']).context))).toBe('authority-not-confirmed');
    expect(profiles.enrolled).toHaveLength(1);
  });

  test('without a fingerprint a profile of that server provides it', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(bare, context(profiles, ['alice', 'password']).context);
    profiles.presented = 'cd'.repeat(32);
    expect(await rejectedCode(signIn(bare, context(profiles, ['yes']).context))).toBe('wrong-authority');
  });

  test('without a fingerprint the authority of a profile at another address proves nothing', async () => {
    for (const elsewhere of [{ host: 'elsewhere' }, { port: 1234 }]) {
      const profiles = new FakeProfiles(profile('alice', elsewhere));
      const asked = context(profiles, ['no']);
      expect(await rejectedCode(signIn(bare, asked.context))).toBe('authority-not-confirmed');
      expect(asked.console.shown.join()).toContain('ABAB ABAB');
      expect(profiles.opened).toEqual([]);
    }
  });

  test('leaving at a prompt creates nothing', async () => {
    const profiles = new FakeProfiles();
    expect(await rejectedCode(signIn(pinned, context(profiles, ['alice', null]).context))).toBe('cancelled');
    expect(profiles.enrolled).toEqual([]);
  });
});

describe('without a line', () => {
  test('a single profile asks for its password only, at most three times', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(null, context(profiles, ['no', 'no', 'password']).context);
    expect(profiles.opened).toEqual(['alice']);
    const thrice = context(profiles, ['no', 'no', 'no', 'password']);
    expect(await rejectedCode(signIn(null, thrice.context))).toBe('wrong-password');
    expect(thrice.console.left).toBe(1);
  });

  test('several profiles are chosen from, by number or by --user', async () => {
    const profiles = new FakeProfiles(profile('alice'), profile('bob'));
    await signIn(null, context(profiles, ['7', '2', 'password']).context);
    await signIn(null, context(profiles, ['password'], settings({ user: 'alice' })).context);
    expect(profiles.opened).toEqual(['bob', 'alice']);
    const unknown = context(profiles, [], settings({ user: 'carol' })).context;
    expect(await rejectedCode(signIn(null, unknown))).toBe('no-profile');
  });

  test('a machine without profiles asks for a line', async () => {
    const profiles = new FakeProfiles();
    const line = `chat://host:9998#${fingerprint}`;
    await signIn(null, context(profiles, ['what?', line, 'alice', 'long enough', 'long enough']).context);
    expect(profiles.enrolled).toMatchObject([{ address: { host: 'host', port: 9998 } }]);
  });
});

describe('without a terminal', () => {
  test('the password comes from the file before the variable, without the line end', async () => {
    const file = join(temporaryFolder().path, 'password');
    await writeFile(file, 'from the file \r\n');
    const both = settings({ 'password-file': file }, { CHAT_PASSWORD: 'variable' });
    await expect(givenPassword(both)).resolves.toBe('from the file ');
    await expect(givenPassword(settings({}, { CHAT_PASSWORD: 'variable' }))).resolves.toBe('variable');
    const missing = settings({ 'password-file': '/nowhere/at/all' });
    expect(await rejectedCode(givenPassword(missing))).toBe('password-file');
  });

  test('a given password that is wrong, or too short for a new identity, is not asked for again', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    const wrong = context(profiles, ['password'], settings({}, { CHAT_PASSWORD: 'wrong' }));
    expect(await rejectedCode(signIn(null, wrong.context))).toBe('wrong-password');
    const short = context(profiles, ['bob', 'long enough'], settings({}, { CHAT_PASSWORD: 'short' }));
    expect(await rejectedCode(signIn(pinned, short.context))).toBe('password-too-short');
    expect(profiles.enrolled).toEqual([]);
  });

  test('a console that cannot hide input asks for no password', async () => {
    const console = new ScriptedConsole(['password'], false);
    const prompt = new Prompt(() => console);
    const profiles = new FakeProfiles(profile('alice'));
    expect(await rejectedCode(signIn(null, { profiles, settings: settings(), prompt }))).toBe('no-password');
  });

  test('the profile must be the only one that is selected', () => {
    const all = [profile('alice'), profile('bob'), profile('bob', { host: 'other' })];
    expect(onlyProfile(all, settings({ user: 'alice' })).user).toBe('alice');
    expect(onlyProfile(all, settings({ user: 'bob', server: 'other:9998' })).host).toBe('other');
    expect(thrownCode(() => onlyProfile(all, settings({ user: 'bob' })))).toBe('which-profile');
    expect(thrownCode(() => onlyProfile([], settings()))).toBe('no-profile');
  });
});
