import { toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import {
  applyEntry,
  composeJoin,
  composeMessage,
  composeRenewKey,
  composeRole,
  emptyRoom,
  invitedOf,
  isRemovalPending,
  makeKeyRenewal,
  membersOf,
  type Signer,
} from '../../src/index.ts';
import { crypto, type Log, Person, serverId, three } from '../support/people.ts';

/** Returns an entry with a chain of renewals from the first of these keys to the last one. */
function renewalOf(
  log: Log,
  user: string,
  keys: readonly Signer[],
  { at = serverId, start = 1 }: { readonly at?: string; readonly start?: number } = {},
) {
  const renewals = keys.slice(1).map((after, index) => {
    const before = keys[index] ?? after;
    return makeKeyRenewal({ user, before, after }, { serverId: at, number: start + index, madeAt: 1 });
  });
  const [first, last] = [keys[0] ?? generateSigner(), keys.at(-1) ?? generateSigner()];
  const author = { user, signer: last, crypto, now: 1 };
  return composeRenewKey(author, log.roomId, { first: toBase64url(first.publicKey), renewals });
}

test('a renewed key keeps role, joining position and author chain, and the room gets a fresh key', () => {
  const { alice, bob, log } = three();
  log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
  log.say(bob, 'before');
  const [before] = alice.state.members.values().filter(({ user }) => user === 'bob');
  const old = bob.signer.fingerprint;
  log.renewKey(bob);
  const { fingerprint } = bob.signer;
  expect(alice.events.at(-1)).toMatchObject({ kind: 'key-renewed', user: 'bob', fingerprint, before: [old] });
  const key = toBase64url(bob.signer.publicKey);
  expect(alice.state.members.named('bob')).toEqual({ ...before, fingerprint, key, earlierKeys: [old] });
  expect([alice.state.members.has(old), bob.state.me, isRemovalPending(bob.state)]).toEqual([false, fingerprint, true]);
  expect(thrownCode(() => composeMessage(bob.author, bob.state, 'early'))).toBe('rekey-pending');
  log.rekey(alice);
  expect(alice.state.epochs[alice.state.epoch?.number ?? 0]?.kind).toBe('fresh');
  log.say(bob, 'after');
  log.say(alice, 'and so on');
  expect(alice.texts).toEqual(['before', 'after', 'and so on']);
  expect(bob.texts).toEqual(alice.texts);
  expect([alice.violations, bob.violations]).toEqual([[], []]);
});

test('what the key before signs counts no more, and the entry does not work twice', () => {
  const { alice, bob, log } = three();
  const old = bob.author;
  const late = composeMessage(old, bob.state, 'late');
  const renewal = log.renewKey(bob);
  log.append(late);
  log.append(renewal.entry);
  log.append(composeJoin({ ...old, user: 'other' }, log.roomId, renewal.seq - 1));
  expect(alice.violations).toEqual(['not-a-member', 'already-a-member', 'replayed']);
});

test('renewals that follow each other work in one entry, from the key that the room has', () => {
  const { alice, bob, log } = three();
  const keys = [generateSigner(), bob.signer, generateSigner(), generateSigner()];
  const entry = renewalOf(log, 'bob', keys);
  log.append(entry);
  expect(alice.events.at(-1)).toMatchObject({
    kind: 'key-renewed',
    fingerprint: keys[3]?.fingerprint,
    before: [keys[1]?.fingerprint, keys[2]?.fingerprint],
  });
});

test('a renewal is rejected that another key has signed, for another user or server, or to a key that a member has', () => {
  const { alice, bob, mallory, log } = three();
  const next = generateSigner();
  const forged = { ...bob.signer, sign: mallory.signer.sign };
  for (const entry of [
    renewalOf(log, 'bob', [forged, next]),
    renewalOf(log, 'bob', [mallory.signer, next]),
    renewalOf(log, 'bob', [bob.signer, next], { at: 'b'.repeat(64) }),
    renewalOf(log, 'alice', [bob.signer, next]),
    renewalOf(log, 'carol', [bob.signer, next]),
    renewalOf(log, 'bob', [bob.signer, alice.signer]),
  ]) {
    log.append(entry);
  }
  const wrong = ['bad-signature', 'bad-signature', 'bad-signature', 'bad-signature'];
  expect(alice.violations).toEqual([...wrong, 'unknown-member', 'already-a-member']);
  expect(alice.state.members.get(bob.signer.fingerprint)?.user).toBe('bob');
});

test('a room of which the client does not know the server takes no renewal', () => {
  const { bob, log } = three();
  log.renewKey(bob);
  let state = emptyRoom(log.roomId, 'f'.repeat(64));
  const events = log.entries.flatMap((logged) => {
    const applied = applyEntry(state, logged, crypto);
    state = applied.state;
    return applied.events;
  });
  expect(events.at(-1)).toMatchObject({ kind: 'violation', code: 'bad-signature', user: 'bob' });
});

test('an invited user and an inviter renew their keys, and the invitation stays', () => {
  const { alice, bob, log } = three();
  const carol = new Person('carol');
  log.invite(bob, carol);
  log.append(renewalOf(log, 'carol', [carol.signer, generateSigner()]));
  log.renewKey(bob);
  expect(invitedOf(alice.state)).toMatchObject([{ user: 'carol', by: bob.signer.fingerprint }]);
  expect(invitedOf(alice.state)[0]?.fingerprint).not.toBe(carol.signer.fingerprint);
  expect(membersOf(alice.state).map(({ user }) => user)).toEqual(['alice', 'bob', 'mallory']);
  expect(alice.violations).toEqual([]);
});
