/** A server of another version of the protocol: said as such, whatever else its frames hold. */
import { expect, test } from 'vitest';
import { connectMeddled, type Frame } from './support/meddler.ts';
import { Network } from './support/network.ts';

test('a server of another version is named as that, although its greeting has fields that are not known here', async () => {
  await using network = await Network.start();
  const later = (frame: Frame) => (frame['push'] === 'hello' ? { ...frame, version: 2, features: ['threads'] } : frame);
  const connecting = connectMeddled(network, 'alice', { in: (frame) => [later(frame)] });
  await expect(connecting).rejects.toThrow(expect.objectContaining({ code: 'unsupported-version' }));
  await expect(connecting).rejects.toThrow(/uses version 1 .* side version 2: update/);
});
