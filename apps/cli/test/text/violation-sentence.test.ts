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
    'wrong-create': true,
    'already-a-member': true,
    removed: true,
    'unknown-member': true,
    'not-allowed': true,
    'wrong-epoch': true,
    'wrong-key': true,
    'stale-key': true,
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
});
