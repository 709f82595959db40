/** The benchmarks find their peers, packages and pages, and the load generator speaks the protocol. Figures are not tested. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Operation, operations } from '@chat/protocol';
import { applyEntry, composeCreate, composeEpoch, createRoomCrypto, emptyRoom } from '@chat/room';
import { generateSigner } from '@chat/signatures';
import { onlyInFullRun } from '@chat/testkit';
import { expect, test } from 'vitest';
import type { Attacker, Target } from '../bench/src/abuse/attack.ts';
import { attackRows } from '../bench/src/abuse/attacks.ts';
import { chatRequests, enrolmentRequests } from '../bench/src/abuse/floods.ts';
import { versionOf } from '../bench/src/measure/versions.ts';
import { places } from '../bench/src/places.ts';

test('the folders of the benchmarks exist', () => {
  for (const [name, folder] of Object.entries(places)) expect(existsSync(folder), name).toBe(true);
});

test('the versions of the peers are read from their packages', () => {
  expect(versionOf('fernet')).toMatch(/^\d+\.\d+\.\d+$/);
});

/** An attacker in a room of one member, and a server that does not exist. */
function attackerInRoom(): { readonly attacker: Attacker; readonly target: Target } {
  const signer = generateSigner();
  const crypto = createRoomCrypto();
  const user = 'mallory';
  const author = { user, signer, crypto, now: Date.now() };
  const { roomId, entry } = composeCreate(author, 'den', { join: 'open', history: 'since-join' });
  const nothing = emptyRoom(roomId, signer.fingerprint, { authorities: [] });
  const created = applyEntry(nothing, { seq: 1, at: author.now, entry }, crypto).state;
  const { entry: epoch, state } = composeEpoch(author, created, new Map());
  const den = applyEntry(state, { seq: 2, at: author.now, entry: epoch }, crypto).state;
  return {
    attacker: { user, signer, certificate: '', tlsKey: '', lobby: den, den },
    target: {
      network: 1,
      ports: { enrolment: 1, chat: 1 },
      ca: '',
      caFingerprint: '0'.repeat(64),
      home: '',
      password: '',
      users: [user],
      door: roomId,
      outsider: { user: 'outsider', key: '' },
    },
  };
}

test('the server is flooded with every request of the protocol, and the requests are valid', () => {
  const flooded = attackRows.map(({ name }) => name).filter((name) => name.startsWith('a flood of '));
  expect(flooded.sort()).toEqual(
    Object.keys(operations)
      .map((op) => `a flood of ${op}`)
      .sort(),
  );

  const { attacker, target } = attackerInRoom();
  const place = { serverId: target.caFingerprint, nonce: 'nonce', channel: 'channel' };
  const requests: [string, object][] = [
    ...Object.entries(chatRequests).map(([op, make]): [string, object] => [op, make(attacker, target)()]),
    ...Object.entries(enrolmentRequests).map(([op, make]): [string, object] => [op, make(attacker, place)]),
  ];
  for (const [op, request] of requests) {
    expect(operations[op as Operation].request.safeParse(request).error?.issues, op).toBeUndefined();
  }
});

onlyInFullRun('the load generator')('the load generator', () => {
  test('logs in, sends messages and counts their deliveries', async () => {
    const main = join(import.meta.dirname, '../bench/src/main.ts');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...process.execArgv, main, 'fanout'], {
      env: {
        ...process.env,
        CHAT_BENCH_LOADS: '^append: 1 writers|^fan-out: 10 members, 8 |^set-up',
        CHAT_BENCH_ROUNDS: '1',
        CHAT_BENCH_SECONDS: '0.5',
      },
    });
    expect(stderr).not.toContain('refused');
    const rateOf = (load: string) => Number(new RegExp(`^${load}: chat (\\d+)$`, 'mu').exec(stdout)?.[1]);
    expect(rateOf('append: 1 writers, 1 rooms')).toBeGreaterThan(0);
    expect(rateOf('fan-out: 10 members, 8 in flight')).toBeGreaterThan(0);
    expect(rateOf('set-up: logins')).toBeGreaterThan(0);
  });
});
