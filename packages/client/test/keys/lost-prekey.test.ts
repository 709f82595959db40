/** The user's own prekey at a server that was restored from a backup: it gets it again, and the client knows of the loss. */
import { limits, ProtocolError } from '@chat/protocol';
import { beforeEach, expect, test } from 'vitest';
import { IsolatedClient, isolatedAlice } from '../support/isolated-client.ts';

const hour = limits.prekeyAge;
const minute = 60_000;

let { clock, server, alice } = isolatedAlice();

beforeEach(() => {
  ({ clock, server, alice } = isolatedAlice());
});

/** What the client has found of a loss of the server. */
const lossOf = ({ events, vault }: IsolatedClient) => [
  events.filter(({ kind }) => kind === 'server-lost-prekey').length,
  vault.serverLostAt,
];

test.each(['an earlier one', 'none'])(
  'gives its prekey back to a server that has lost it and has %s, and tells the user',
  async (left) => {
    await alice.connect();
    const backup = server.prekeyOf('alice');
    await clock.advance(hour + 20 * minute);
    const own = server.prekeyOf('alice');
    expect(own.madeAt).toBeGreaterThan(backup.madeAt);
    alice.disconnect();
    await alice.connect();
    expect(lossOf(alice)).toEqual([0, undefined]);

    alice.disconnect();
    if (left === 'none') server.prekeys.delete('alice');
    else server.prekeys.set('alice', backup);
    await alice.connect();
    expect(server.prekeyOf('alice')).toMatchObject({ prekey: own.prekey, madeAt: own.madeAt });
    expect(lossOf(alice)).toEqual([1, clock.now()]);
  },
);

test.each(['has not taken', 'does not take back'])('finds no loss of a prekey that the server %s', async (what) => {
  await alice.connect();
  const backup = server.prekeyOf('alice');
  await clock.advance(hour + 20 * minute);
  alice.disconnect();
  server.prekeys.set('alice', backup);
  const [current, ...before] = alice.vault.prekeys;
  const prekeys = current === undefined ? [] : [{ ...current, publishedAt: undefined }, ...before];
  if (what === 'has not taken') alice = new IsolatedClient('alice', clock, server, { ...alice.vault, prekeys });
  else
    server.answers['put-prekey'] = () => {
      throw new ProtocolError('prekey-refused', 'There is a later one.');
    };
  await alice.connect();
  expect(lossOf(alice)).toEqual([0, undefined]);
});
