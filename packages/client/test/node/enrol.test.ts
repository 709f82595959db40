/** Enrolment of a new profile: what a user waits for is one derivation from the password. */
import { createHook } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { listProfiles, openProfile } from '../../src/node/index.ts';
import { password, TestNetwork } from '../support/test-network.ts';

/** Counts the runs of scrypt in this process until the result is called. */
function countDerivations(): () => number {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST') count += 1;
    },
  }).enable();
  return () => {
    hook.disable();
    return count;
  };
}

test('derives from the password once, and so does each start after it', async () => {
  await using network = await TestNetwork.start();
  const atEnrolment = countDerivations();
  const { client } = await network.enrol('alice');
  expect(atEnrolment()).toBe(1);
  await client.close();
  const [profile] = await listProfiles(network.home);
  if (profile === undefined) throw new Error('no profile');
  const atStart = countDerivations();
  const opened = await openProfile(profile, password);
  expect(atStart()).toBe(1);
  expect(opened.fingerprint).toBe(client.fingerprint);
  await opened.close();
});
