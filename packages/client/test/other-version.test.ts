/** A server of another version of the protocol is reported as such, whatever its frames contain. */
import { protocolVersion } from '@chat/protocol';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { connectClient, type Frame } from './support/test-client.ts';
import { TestNetwork } from './support/test-network.ts';

test.each([
  { version: protocolVersion - 1, older: 'server' },
  { version: protocolVersion + 1, older: 'client' },
])('names the side to update when the server uses version $version', async ({ version, older }) => {
  await using network = await TestNetwork.start();
  const other = (frame: Frame) => (frame['push'] === 'hello' ? { ...frame, version, features: ['threads'] } : frame);
  const connecting = connectClient(network, 'alice', { in: (frame) => [other(frame)] });
  expect(await rejectedCode(connecting)).toBe('unsupported-version');
  await expect(connecting).rejects.toThrow(new RegExp(`update the ${older}\\.$`));
});
