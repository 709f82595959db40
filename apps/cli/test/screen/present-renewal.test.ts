/** The texts for renewals of identity keys. */
import { describe, expect, test } from 'vitest';
import { present } from '../../src/screen/present.ts';
import { fingerprint, inRoom, scene } from '../support/samples.ts';

describe('the text', () => {
  test('of a renewed key shows both keys, who has signed, and that the safety number is another one', () => {
    const seen = 'cd'.repeat(32);
    const renewed = { kind: 'identity-renewed', user: 'bob', known: fingerprint, seen, verified: true } as const;
    const text = present(renewed, scene) ?? '';
    expect(text).toMatch(/^!! bob's identity key was renewed\. It is signed by the key that you have verified\.\n/);
    expect(text).toMatch(/old key:\n\s+\S* ?ABAB[\s\S]*new key:\n\s+\S* ?CDCD/);
    expect(text).toMatch(/The new key counts as verified, and the safety number is another one\./);
    expect(text).toMatch(/If bob knows nothing of it, another person has that key: tell the operator/);
    const unverified = present({ ...renewed, verified: false }, scene);
    expect(unverified).toMatch(/signed by the key that you have seen before\./);
    expect(unverified).not.toContain('verified');
    expect(present({ ...renewed, user: 'alice' }, scene)).toMatch(/^!! Your identity key was renewed/);
  });

  test('of a room that has a renewed key names the user, or says that it is the own one', () => {
    const renewed = { kind: 'key-renewed', seq: 1, at: 0, fingerprint, before: ['cd'.repeat(32)] } as const;
    expect(present(inRoom({ ...renewed, user: 'bob' }), scene)).toMatch(
      /bob uses a renewed identity key in this room \(key ABAB/,
    );
    expect(present(inRoom({ ...renewed, user: 'alice' }), scene)).toMatch(/this room has your renewed identity key/);
    expect(present({ kind: 'renewal-complete' }, scene)).toMatch(/all of your rooms have your renewed identity key/);
  });

  test('of a refusal for a renewed key says whether another person has it, or the own renewal is to be finished', () => {
    const refused = (code: string) => present({ kind: 'refused', code, reason: 'm' }, scene);
    expect(refused('key-renewed')).toMatch(/^!! Your identity key was renewed.* If not, another person has your key/);
    expect(refused('renewal-unfinished')).toMatch(/^!! The server has your new identity key.* start it again/);
    expect(refused('renewal-unfinished')).not.toMatch(/another person/);
  });
});
