/** Which of the places of a setting wins, and what differs between two configurations. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { changesOf, liveConfiguration } from '../../src/configuration/configuration.ts';
import { configured, filePath } from '../support/configured.ts';

describe('a setting', () => {
  const file = 'backups = 4\n';
  const environment = { CHAT_BACKUPS: '5', CHAT_LOG_JSON: 'true', CHAT_POLICY: '' };

  test('comes from its option, else from its variable, else from the file, else from its default', () => {
    const places = [
      configured({ backups: '6' }, environment, file),
      configured({}, environment, file),
      configured({}, {}, file),
      configured(),
    ].map((configuration) => configuration.get('backups'));
    expect(places).toEqual([
      { text: '6', value: 6, from: 'option', where: '--backups' },
      { text: '5', value: 5, from: 'environment', where: 'CHAT_BACKUPS' },
      { text: '4', value: 4, from: 'file', where: `${filePath}:1` },
      { text: '7', value: 7, from: 'default', where: null },
    ]);
  });

  test('that is a switch has a variable, and an empty variable counts as not set', () => {
    const configuration = configured({}, environment, 'log-json = false\npolicy = "closed"\n');
    expect(configuration.get('log-json')).toMatchObject({ value: true, from: 'environment' });
    expect(configuration.get('policy')).toMatchObject({ value: 'closed', from: 'file' });
  });

  test('with a wrong value in the environment is refused', () => {
    expect(thrownCode(() => configured({}, { CHAT_IDLE_TIMEOUT: '1s' }))).toBe('usage');
    expect(thrownCode(() => configured({}, { CHAT_LOG_JSON: '1' }))).toBe('usage');
  });
});

test('two configurations differ in values, not in texts, and some differences need a restart', () => {
  const before = configured({}, {}, 'keep-bytes = "1G"\nbackups = 3\nhost = "127.0.0.1"\n');
  const after = configured({}, {}, 'keep-bytes = "1024M"\nkeep-days = 9\nhost = "127.0.0.2"\n');
  expect(changesOf(before, after)).toEqual({
    changed: [
      { name: 'keep-days', before: null, after: '9' },
      { name: 'backups', before: '3', after: '7' },
    ],
    restart: [{ name: 'host', before: '127.0.0.1', after: '127.0.0.2' }],
  });
  const live = liveConfiguration(before, after);
  expect([live.get('host')?.value, live.get('backups')?.value]).toEqual(['127.0.0.1', 7]);
});
