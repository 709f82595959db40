/** The sentences for violations. */
import { describe, expect, test } from 'vitest';
import type { ViolationCode } from '../../src/client-event.ts';
import { violationSentence } from '../../src/text/violation-sentence.ts';

describe('violations', () => {
  const codes: Record<ViolationCode, true> = {
    'out-of-order': true,
    truncated: true,
    withheld: true,
    malformed: true,
    'bad-signature': true,
    'not-a-member': true,
    'not-invited': true,
    revoked: true,
    'stale-view': true,
    'wrong-prekey': true,
    'early-prekey': true,
    'wrong-create': true,
    'already-a-member': true,
    removed: true,
    'unknown-member': true,
    'room-full': true,
    'not-allowed': true,
    'wrong-epoch': true,
    'wrong-key': true,
    'wrong-wrap': true,
    'stale-key': true,
    'overused-key': true,
    'needless-key': true,
    damaged: true,
    replayed: true,
    'missing-messages': true,
    fork: true,
  };

  test('have a sentence each, which begins with a capital and ends in a full stop', () => {
    const sentences = (Object.keys(codes) as ViolationCode[]).map((code) => violationSentence(code, null));
    expect(new Set(sentences).size).toBe(Object.keys(codes).length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].{60,}\.$/);
    expect(violationSentence('damaged', 'bob')).toContain('bob');
  });

  test.each(['already-a-member', 'removed', 'revoked', 'room-full'] as const)(
    'say of an author neither that the author was invited, nor that the author is no member: %s',
    (code) => {
      const sentence = violationSentence(code, 'bob');
      expect(sentence).toMatch(/^Bob joined .*\binvited a user\b/);
      expect(sentence).not.toMatch(/They are not a member|was invited|were invited/);
    },
  );

  test.each([
    ['not-a-member', 'an entry of an unknown user, who is not a member of this room.'],
    ['wrong-create', 'An unknown user tried to create this room'],
    ['malformed', 'An unknown user sent something'],
    ['bad-signature', 'in the name of an unknown user does not carry their signature. Someone, perhaps the server,'],
  ] as const)('are of an unknown user when no user is known: %s', (code, part) => {
    expect(violationSentence(code, null)).toContain(part);
  });
});
