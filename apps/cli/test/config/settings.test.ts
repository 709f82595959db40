/** The settings of a run, from the environment and the command line. */
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { settingsFrom } from '../../src/config/settings.ts';

describe('settings', () => {
  test('have the directory of the profiles from the environment', () => {
    expect(readEnvironment({}, '/home/a').home).toBe('/home/a/.local/share/chat');
    expect(readEnvironment({ XDG_DATA_HOME: '/data' }, '/home/a').home).toBe('/data/chat');
    expect(readEnvironment({ XDG_DATA_HOME: 'relative' }, '/home/a').home).toBe('/home/a/.local/share/chat');
    expect(readEnvironment({ CHAT_HOME: '/chat', XDG_DATA_HOME: '/data' }, '/home/a').home).toBe('/chat');
  });

  test('come from options first, and an empty variable counts as not set', () => {
    const environment = readEnvironment({ CHAT_USER: 'alice', CHAT_PASSWORD: '', NO_COLOR: '1' }, '/home/a');
    expect(environment).toMatchObject({ user: 'alice', password: null, colours: false });
    expect(settingsFrom(environment, { user: 'bob', home: '/b' })).toMatchObject({ user: 'bob', home: '/b' });
    expect(readEnvironment({ NO_COLOR: '' }, '/').colours).toBe(true);
  });
});
