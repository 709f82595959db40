/** The recovery phrase of a new user: offered, shown, asked back. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { makePhrase } from '../../src/sign-in/recovery-phrase.ts';
import { signIn } from '../../src/sign-in/sign-in.ts';
import { Prompt } from '../../src/terminal/prompt.ts';
import { FakeProfiles, profile, ScriptedConsole, settings } from '../support/fakes.ts';
import { fingerprint } from '../support/samples.ts';

const line = { host: 'host', port: 9998, fingerprint };

function enrolling(answers: readonly string[], canHide = true) {
  const profiles = new FakeProfiles();
  const console = new ScriptedConsole(['alice', ...answers], canHide);
  const withPassword = settings({}, { CHAT_PASSWORD: 'password' });
  return { profiles, console, context: { profiles, settings: withPassword, prompt: new Prompt(() => console) } };
}

test('a new user who wants no phrase goes on at once, and without a terminal nothing is asked', async () => {
  const { profiles, console, context } = enrolling(['no']);
  await signIn(line, context);
  expect(console.asked.map(({ prompt }) => prompt)).toEqual(['Your name: ', expect.stringMatching(/Make one now\?/)]);
  expect(profiles.done).toEqual([]);
  const script = enrolling([], false);
  await signIn(line, script.context);
  expect(script.console.asked).toHaveLength(1);
});

test('a phrase is shown until some of its words come back, and the profile is opened anew with it', async () => {
  const words = Array.from({ length: 24 }, (_, index) => `word${index + 1}`);
  const profiles = new FakeProfiles();
  const answers = ['wrong', 'WORD1', 'word13', 'word19'];
  const console = new ScriptedConsole(answers);
  const drawn = [0.9, 0.5, 0, 0, 0.75, 0.5];
  const random = () => drawn.shift() ?? 0;
  expect(await makePhrase(profiles, new Prompt(() => console), random)).toBe(words.join(' '));
  expect(console.asked.map(({ prompt }) => prompt)).toEqual(['Word 1: ', 'Word 1: ', 'Word 13: ', 'Word 19: ']);
  expect(console.shown.filter((text) => text.includes('24 word24'))).toHaveLength(2);
});

test('a new user who leaves while the phrase is shown has enrolled, and has no phrase', async () => {
  const { profiles, console, context } = enrolling(['yes']);
  const enrol = async () => {
    profiles.all.push(profile('alice'));
    return profiles.client;
  };
  expect(await rejectedCode(signIn(line, { ...context, profiles: Object.assign(profiles, { enrol }) }))).toBe(
    'cancelled',
  );
  expect(console.shown.join('\n')).toMatch(/Write these words on paper/);
  expect(profiles.done).toEqual([]);
  expect(profiles.client.closed).toBe(true);
});
