/** Requests to append, in the fixed layout and in CBOR: what the schema refuses is refused, whatever the frame is. */
import { encodeFrame } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../support/test-client.ts';
import { testServer } from '../support/test-server.ts';

describe('an append', () => {
  const hash = 'ab'.repeat(32);
  const entry = { type: 'message', payload: Uint8Array.of(1), by: hash, signature: Uint8Array.of(3) };
  const sound = { room: hash, cid: 'cd'.repeat(16), entry };

  test.each<[string, object]>([
    ['another field', { ...sound, more: 1 }],
    ['no room', { cid: sound.cid, entry }],
    ['a room that is no hash', { ...sound, room: 'den' }],
    ['an id that is too short', { ...sound, cid: 'cd'.repeat(15) }],
    ['another field in the entry', { ...sound, entry: { ...entry, more: 1 } }],
    ['an unknown type', { ...sound, entry: { ...entry, type: 'speech' } }],
    ['a text as its payload', { ...sound, entry: { ...entry, payload: 'hello' } }],
    ['no signature', { ...sound, entry: { ...entry, signature: new Uint8Array(0) } }],
    ['a signature that is too long', { ...sound, entry: { ...entry, signature: new Uint8Array(121) } }],
    ['a version of the protocol', { ...sound, version: 1 }],
  ])('with %s is refused, because only a request without it has the fixed layout', async (_, fields) => {
    await using at = await testServer();
    const client = await at.login(await at.citizen('alice'));
    expect(encodeFrame({ id: 1, op: 'append', ...fields })[4]).toBe(1);
    expect(await outcomeOf(client.ask('append', fields))).toMatch(/^(malformed-request|unsupported-version)$/);
    expect(await outcomeOf(client.ask('append', sound))).toBe('unknown-room');
  });

  test('in its fixed layout gets the answer of every request before the login and at the other port', async () => {
    await using at = await testServer();
    const who = await at.citizen('alice');
    expect(encodeFrame({ id: 1, op: 'append', ...sound })[4]).toBe(2);
    expect(await outcomeOf((await at.connect(who)).ask('append', sound))).toBe('not-now');
    expect(await outcomeOf((await at.connectToEnrol()).ask('append', sound))).toBe('unknown-operation');
  });
});
