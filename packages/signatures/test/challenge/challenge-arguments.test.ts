/** Parts of a challenge that are none are refused with a code, in programs that no compiler has checked. */
import { rejectedCode, thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { answerChallenge, createMemoryChallengeStore, issueChallenge, verifyChallenge } from '../../src/index.ts';

const terms = { purpose: 'login' };
const answer = { ...terms, username: 'alice' };
const challenge = 'A'.repeat(43);
const none: never[] = [undefined, null, {}, 'x'] as never[];

test.each(none)('a signer, a store and a verifier need their methods: %j', async (value) => {
  expect(thrownCode(() => answerChallenge(value, challenge, answer))).toBe('invalid-argument');
  expect(await rejectedCode(issueChallenge(value, { ...terms, lifetimeMs: 1_000, now: 0 }))).toBe('invalid-argument');
  const check = { ...answer, challenge, answer: new Uint8Array(8), now: 0 };
  expect(await rejectedCode(verifyChallenge(value, { ...check, verifier: undefined }))).toBe('invalid-argument');
  if (value === undefined) return;
  const store = createMemoryChallengeStore(1);
  expect(await rejectedCode(verifyChallenge(store, { ...check, verifier: value }))).toBe('invalid-argument');
});
