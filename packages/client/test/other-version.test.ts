/** A server of another version of the protocol is reported as such, whatever its frames contain. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { connectClient, type Frame } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

test('names a server of another version as such, although its greeting has unknown fields', async () => {
  await using network = await TestNetwork.start();
  const later = (frame: Frame) => (frame['push'] === 'hello' ? { ...frame, version: 2, features: ['threads'] } : frame);
  const connecting = connectClient(network, 'alice', { in: (frame) => [later(frame)] });
  expect(await rejectedCode(connecting)).toBe('unsupported-version');
  await expect(connecting).rejects.toThrow(/uses version 1 .* side version 2: update/);
});
