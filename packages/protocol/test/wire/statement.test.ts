import { expect, test } from 'vitest';
import { enrolStatement, loginStatement, prekeyStatement, renewStatement, toHex } from '../../src/index.ts';

test('statements of different purposes, connections, servers, users or contents differ', () => {
  const place = { serverId: 'ca', nonce: 'n', channel: 'c' };
  const prekey = { user: 'alice', prekey: 'prekey', madeAt: 1 };
  const all = [
    loginStatement(place, 'alice'),
    loginStatement(place, 'bob'),
    loginStatement({ ...place, nonce: 'm' }, 'alice'),
    loginStatement({ ...place, channel: 'd' }, 'alice'),
    loginStatement({ ...place, serverId: 'cb' }, 'alice'),
    enrolStatement(place, 'alice', 'request'),
    enrolStatement(place, 'alice', 'other'),
    renewStatement(place, 'alice', 'request'),
    prekeyStatement('ca', prekey),
    prekeyStatement('cb', prekey),
    prekeyStatement('ca', { ...prekey, user: 'bob' }),
    prekeyStatement('ca', { ...prekey, prekey: 'other' }),
    prekeyStatement('ca', { ...prekey, madeAt: 2 }),
  ].map(({ domain, data }) => `${JSON.stringify(domain)} ${toHex(data)}`);
  expect(new Set(all).size).toBe(all.length);
});

test('the statement of a prekey names its suite', () => {
  const { data } = prekeyStatement('ca', { user: 'alice', prekey: 'AAAA', madeAt: 1 });
  expect(new TextDecoder().decode(data)).toBe('{"user":"alice","suite":"X-Wing","prekey":"AAAA","madeAt":1}');
});
