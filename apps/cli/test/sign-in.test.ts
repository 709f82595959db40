import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { onlyProfile } from '../src/sign-in/choice.ts';
import { givenPassword } from '../src/sign-in/password.ts';
import { signIn } from '../src/sign-in/sign-in.ts';
import { Prompt } from '../src/terminal/prompt.ts';
import { FakeProfiles, profile, ScriptedConsole, settings } from './fakes.ts';
import { fingerprint } from './samples.ts';

const pinned = { host: 'host', port: 9998, fingerprint };
const bare = { host: 'host', port: 9998 };

function context(profiles: FakeProfiles, answers: readonly (string | null)[], options = settings()) {
  const console = new ScriptedConsole(answers);
  return { console, context: { profiles, settings: options, prompt: new Prompt(() => console) } };
}

const failsWith = (code: string) => expect.objectContaining({ code });

describe('with a line', () => {
  test('a newcomer types a name and a password twice, and no password is shown', async () => {
    const profiles = new FakeProfiles();
    const { console, context: c } = context(profiles, ['alice', 'long enough', 'long enough']);
    await expect(signIn({ ...pinned, invitation: 'AAAA' }, c)).resolves.toBe(profiles.client);
    expect(profiles.enrolled).toMatchObject([
      { user: 'alice', password: 'long enough', invitation: 'AAAA', home: '/home' },
    ]);
    expect(console.asked.map(({ kind }) => kind)).toEqual(['question', 'secret', 'secret']);
  });

  test('a name that cannot be, a short password and two that differ are asked for again', async () => {
    const profiles = new FakeProfiles();
    const answers = ['Not A Name', 'alice', 'short', 'long enough', 'long eno gh', 'long enough', 'long enough'];
    const { console, context: c } = context(profiles, answers);
    await signIn(pinned, c);
    expect(profiles.enrolled).toMatchObject([{ user: 'alice', password: 'long enough' }]);
    expect(console.left).toBe(0);
  });

  test('a taken name is asked for again, the password is not', async () => {
    const profiles = new FakeProfiles();
    profiles.taken.add('alice').add('bob');
    const { console, context: c } = context(profiles, ['alice', 'long enough', 'long enough', 'bob', 'carol']);
    await signIn(pinned, c);
    expect(profiles.enrolled).toMatchObject([{ user: 'carol', password: 'long enough' }]);
    expect(console.asked.filter(({ kind }) => kind === 'secret')).toHaveLength(2);
  });

  test('a name that has a profile logs in, and is offered', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(pinned, context(profiles, ['', 'password']).context);
    expect(profiles.opened).toEqual(['alice']);
  });

  test('the same name at another authority is another profile', async () => {
    const profiles = new FakeProfiles(profile('alice', { host: 'elsewhere', authority: 'cd'.repeat(32) }));
    await signIn(pinned, context(profiles, ['alice', 'long enough', 'long enough']).context);
    expect(profiles.opened).toEqual([]);
    expect(profiles.enrolled).toHaveLength(1);
  });

  test('another authority than the line says ends it before anything is typed', async () => {
    const profiles = new FakeProfiles();
    profiles.presented = 'cd'.repeat(32);
    const { console, context: c } = context(profiles, ['alice']);
    await expect(signIn(pinned, c)).rejects.toEqual(failsWith('wrong-authority'));
    expect(console.asked).toEqual([]);
  });

  test('without a fingerprint a person compares it, and only yes goes on', async () => {
    const profiles = new FakeProfiles();
    const yes = context(profiles, ['maybe', 'yes', 'alice', 'long enough', 'long enough']);
    await signIn(bare, yes.context);
    expect(yes.console.shown.join()).toContain('ABAB ABAB');
    await expect(signIn(bare, context(profiles, ['no']).context)).rejects.toEqual(failsWith('authority-not-confirmed'));
    expect(profiles.enrolled).toHaveLength(1);
  });

  test('without a fingerprint a profile of that server remembers it', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(bare, context(profiles, ['alice', 'password']).context);
    profiles.presented = 'cd'.repeat(32);
    await expect(signIn(bare, context(profiles, ['yes']).context)).rejects.toEqual(failsWith('wrong-authority'));
  });

  test('leaving at a prompt makes nothing', async () => {
    const profiles = new FakeProfiles();
    await expect(signIn(pinned, context(profiles, ['alice', null]).context)).rejects.toEqual(failsWith('cancelled'));
    expect(profiles.enrolled).toEqual([]);
  });
});

describe('without a line', () => {
  test('one profile only asks for its password, three times', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    await signIn(null, context(profiles, ['no', 'no', 'password']).context);
    expect(profiles.opened).toEqual(['alice']);
    const thrice = context(profiles, ['no', 'no', 'no', 'password']);
    await expect(signIn(null, thrice.context)).rejects.toEqual(failsWith('wrong-password'));
    expect(thrice.console.left).toBe(1);
  });

  test('several are chosen from, by number or by --user', async () => {
    const profiles = new FakeProfiles(profile('alice'), profile('bob'));
    await signIn(null, context(profiles, ['7', '2', 'password']).context);
    await signIn(null, context(profiles, ['password'], settings({ user: 'alice' })).context);
    expect(profiles.opened).toEqual(['bob', 'alice']);
    const nobody = context(profiles, [], settings({ user: 'carol' })).context;
    await expect(signIn(null, nobody)).rejects.toEqual(failsWith('no-profile'));
  });

  test('none asks for a line', async () => {
    const profiles = new FakeProfiles();
    const line = `chat://host:9998#${fingerprint}`;
    await signIn(null, context(profiles, ['what?', line, 'alice', 'long enough', 'long enough']).context);
    expect(profiles.enrolled).toMatchObject([{ address: { host: 'host', port: 9998 } }]);
  });
});

describe('without a person', () => {
  test('the password comes from the file before the variable, without its line end', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cli-'));
    try {
      const file = join(directory, 'password');
      await writeFile(file, 'from the file \r\n');
      const both = settings({ 'password-file': file }, { CHAT_PASSWORD: 'variable' });
      await expect(givenPassword(both)).resolves.toBe('from the file ');
    } finally {
      await rm(directory, { recursive: true });
    }
    await expect(givenPassword(settings({}, { CHAT_PASSWORD: 'variable' }))).resolves.toBe('variable');
    const missing = settings({ 'password-file': '/nowhere/at/all' });
    await expect(givenPassword(missing)).rejects.toEqual(failsWith('password-file'));
  });

  test('a given password that is wrong, or too short for a new identity, is not asked for again', async () => {
    const profiles = new FakeProfiles(profile('alice'));
    const wrong = context(profiles, ['password'], settings({}, { CHAT_PASSWORD: 'wrong' }));
    await expect(signIn(null, wrong.context)).rejects.toEqual(failsWith('wrong-password'));
    const short = context(profiles, ['bob', 'long enough'], settings({}, { CHAT_PASSWORD: 'short' }));
    await expect(signIn(pinned, short.context)).rejects.toEqual(failsWith('password-too-short'));
    expect(profiles.enrolled).toEqual([]);
  });

  test('where nothing can be hidden no password is asked for', async () => {
    const console = new ScriptedConsole(['password'], false);
    const prompt = new Prompt(() => console);
    const profiles = new FakeProfiles(profile('alice'));
    await expect(signIn(null, { profiles, settings: settings(), prompt })).rejects.toEqual(failsWith('no-password'));
  });

  test('a profile must be the only one that fits', () => {
    const all = [profile('alice'), profile('bob'), profile('bob', { host: 'other' })];
    expect(onlyProfile(all, settings({ user: 'alice' })).user).toBe('alice');
    expect(onlyProfile(all, settings({ user: 'bob', server: 'other:9998' })).host).toBe('other');
    expect(() => onlyProfile(all, settings({ user: 'bob' }))).toThrow(failsWith('which-profile'));
    expect(() => onlyProfile([], settings())).toThrow(failsWith('no-profile'));
  });
});
