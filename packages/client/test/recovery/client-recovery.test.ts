/** When backups are made, and what the user learns when one is not. */
import { fingerprintOfKey, ProtocolError, toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { ClientEvent } from '../../src/index.ts';
import { createBackupCipher } from '../../src/node/recovery/backup-support.ts';
import type { RecoveryRequest } from '../../src/recovery/backup-upload.ts';
import { ClientRecovery } from '../../src/recovery/client-recovery.ts';
import { emptyStored } from '../../src/storage/stored-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Shelf } from '../support/shelf.ts';

const minute = 60_000;
const key = Buffer.alloc(32, 7).toString('base64url');
const publicKey = toBase64url(generateSigner().publicKey);

let clock: ManualClock;
let shelf: Shelf;
let events: ClientEvent[];
let knocked: Record<string, string>;
let failure: ProtocolError | null;
let isStalled: boolean;
let recovery: ClientRecovery;

beforeEach(() => {
  clock = new ManualClock();
  shelf = new Shelf();
  events = [];
  knocked = {};
  failure = null;
  isStalled = false;
  const request: RecoveryRequest = async (operation, fields) => {
    if (failure !== null) throw failure;
    if (isStalled) await new Promise(() => {});
    const known = { key: fingerprintOfKey(publicKey), number: heads(), bytes: 0, quota: 1e8 };
    return operation === 'get-recovery' ? (known as never) : shelf.request(operation, fields);
  };
  recovery = new ClientRecovery(
    {
      ...{ user: 'alice', serverId: 'f'.repeat(64), scheduler: clock, request, signer: generateSigner() },
      snapshot: () => ({ ...emptyStored, knocked }),
      support: { cipherOf: createBackupCipher, segments: { size: async () => null, read: async () => null } },
      save: async () => {},
      emit: (event) => void events.push(event),
    },
    { key, publicKey, identity: 'AAAA', madeAt: 1, latest: null },
  );
});

const heads = (): number => shelf.order.filter((operation) => operation === 'put-recovery-manifest').length;

/** Lets the user do what a backup has to have. */
function change(): void {
  knocked = { ...knocked, [`den-${Object.keys(knocked).length}`]: 'room' };
  recovery.changed();
}

test('the first backup is made a minute after the login, and the next ones ten minutes apart, whatever changes', async () => {
  recovery.connected();
  await clock.advance(minute - 1);
  expect(heads()).toBe(0);
  await clock.advance(1);
  expect(heads()).toBe(1);
  for (let passed = 0; passed < 10; passed++) {
    change();
    expect(heads()).toBe(1);
    await clock.advance(minute);
  }
  expect(heads()).toBe(2);
  await clock.advance(60 * minute);
  expect(heads()).toBe(2);
});

test('what has changed late is in a backup three minutes later, and what has not changed makes none', async () => {
  recovery.connected();
  await clock.advance(60 * minute);
  expect(heads()).toBe(1);
  recovery.changed();
  await clock.advance(60 * minute);
  expect(heads()).toBe(1);
  change();
  await clock.advance(3 * minute - 1);
  expect(heads()).toBe(1);
  await clock.advance(1);
  expect(heads()).toBe(2);
});

test('no backup is made without a connection, and the next login makes the one that is due', async () => {
  recovery.connected();
  await clock.advance(2 * minute);
  change();
  recovery.disconnected();
  await clock.advance(60 * minute);
  expect(heads()).toBe(1);
  recovery.connected();
  await clock.advance(minute);
  expect(heads()).toBe(2);
});

test('the end of a long run makes the last backup, and waits for it ten seconds at most', async () => {
  recovery.connected();
  await clock.advance(5 * minute);
  expect(recovery.finish()).toBeNull();
  change();
  await recovery.finish();
  expect(heads()).toBe(2);
  change();
  await clock.advance(2 * minute);
  isStalled = true;
  let isOver = false;
  void recovery.finish()?.then(() => {
    isOver = true;
  });
  await clock.advance(9_999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(isOver).toBe(true);
});

test('a failure is reported once, until a backup succeeds', async () => {
  failure = new ProtocolError('recovery-full', 'too much');
  recovery.connected();
  await clock.advance(minute);
  change();
  await clock.advance(60 * minute);
  expect(events).toMatchObject([{ kind: 'trouble', code: 'backup-failed' }]);
  expect(recovery.state()?.failure?.code).toBe('recovery-full');
  expect(await rejectedCode(recovery.backUp())).toBe('recovery-full');
  failure = null;
  await recovery.backUp();
  expect(events.slice(1)).toEqual([{ kind: 'trouble-over', code: 'backup-failed' }]);
  expect(recovery.state()).toMatchObject({ failure: null, latest: { number: 1 } });
});
