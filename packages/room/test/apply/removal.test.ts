import { decodeMessageContent, fromBase64url, parsePayload, textOfBody } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  applyEntry,
  composeEpoch,
  composeJoin,
  composeMessage,
  composeRemove,
  composeRole,
  isRemovalPending,
  membersOf,
  type RoomState,
  restoredRoom,
  wasRemoved,
} from '../../src/index.ts';
import { messageKey, stepSecret } from '../../src/keys/schedule.ts';
import { crypto, fieldsOf, type Log, Person, signAnything, three, wrappedTo } from '../support/people.ts';

/** Returns every secret that can be derived from the known ones, by as many steps as the room has epochs. */
function reachableSecrets(state: RoomState, epochs: number): Uint8Array[] {
  return Object.entries(state.secrets).flatMap(([number, held]) => {
    const found = [fromBase64url(held)];
    for (let epoch = Number(number) + 1; epoch <= epochs; epoch++) {
      found.push(stepSecret(crypto, found.at(-1) ?? new Uint8Array(), { roomId: state.room, epochNumber: epoch }));
    }
    return found;
  });
}

/** Returns the texts that a user with these states and prekey, all wraps of the server and all entries can decrypt. */
function readable(log: Log, person: Person, states: readonly RoomState[]): string[] {
  const epochs = Math.max(...log.people.map(({ state }) => state.epoch?.number ?? 0));
  const secrets = states.flatMap((state) => reachableSecrets(state, epochs));
  for (const [place, wrap] of log.wraps) {
    const epochNumber = Number(place.split(' ')[0]);
    const opened = log.openings.secretFor(person.prekey, wrap, { roomId: log.roomId, epochNumber });
    if (opened !== null) secrets.push(opened.secret);
  }
  return log.entries.flatMap(({ entry }) => {
    const payload = entry.type === 'message' ? parsePayload('message', entry.payload) : null;
    if (payload === null) return [];
    const keys = Array.from({ length: epochs }, (_, at) => at + 1).flatMap((epoch) =>
      secrets.map((secret) => messageKey(crypto, secret, { roomId: log.roomId, epochNumber: epoch, author: entry.by })),
    );
    const plain = keys.map((key) => crypto.decrypt(key, payload.token)).find((found) => found !== null);
    const content = plain == null ? null : decodeMessageContent(plain);
    return content === null ? [] : [textOfBody(content.body)];
  });
}

describe('a removed user', () => {
  test('cannot read later messages, even with all earlier states and the help of the server', () => {
    const { alice, bob, mallory, log } = three();
    log.say(alice, 'with mallory');
    const before = mallory.state;
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    log.rekey(bob);
    log.say(alice, 'without mallory');
    const carol = new Person('carol');
    log.join(carol, bob);
    log.say(carol, 'nor after a step');

    expect(bob.texts).toEqual(['with mallory', 'without mallory', 'nor after a step']);
    // Control: with Bob's state, the same search finds all texts.
    expect(readable(log, bob, [bob.state])).toEqual(bob.texts);
    expect(readable(log, mallory, [before, mallory.state])).toEqual(['with mallory']);
    expect(mallory.texts).toEqual(['with mallory']);
    const opens = (person: Person) =>
      [...log.wraps].flatMap(([place, wrap]) => {
        const epochNumber = Number(place.split(' ')[0]);
        return log.openings.secretFor(person.prekey, wrap, { roomId: log.roomId, epochNumber })?.epochNumber ?? [];
      });
    expect([opens(mallory), opens(alice), opens(carol)]).toEqual([[3], [4], [5]]);
  });

  test('is informed, keeps the earlier keys, and cannot send messages', () => {
    const { alice, bob, mallory, log } = three();
    const { secrets } = mallory.state;
    const said = composeMessage(mallory.author, mallory.state, 'one last thing');
    const epoch = () =>
      composeEpoch(mallory.author, { ...bob.state, me: mallory.signer.fingerprint }, log.linksOf(mallory));
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    expect(mallory.events.at(-1)).toMatchObject({ kind: 'removed', by: 'alice', user: 'mallory' });
    expect([wasRemoved(mallory.state), wasRemoved(bob.state)]).toEqual([true, false]);
    expect(mallory.state.secrets).toEqual(secrets);
    expect(thrownCode(() => composeMessage(mallory.author, mallory.state, 'x'))).toBe('not-a-member');
    expect(thrownCode(epoch)).toBe('not-a-member');
    log.append(said);
    expect(bob.violations).toEqual(['not-a-member']);
  });

  test('does not block the room: any member makes the fresh key for which messages wait', () => {
    const { alice, bob, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    expect(isRemovalPending(bob.state)).toBe(true);
    expect(thrownCode(() => composeMessage(bob.author, bob.state, 'too early'))).toBe('rekey-pending');
    // Alice, who removed Mallory, is offline: Bob makes the key, for Alice too.
    const proposal = log.propose(bob);
    expect([wrappedTo(proposal), proposal.recipients.map(({ user }) => user).sort()]).toEqual([
      ['alice'],
      ['alice', 'bob'],
    ]);
    log.rekey(bob);
    expect(alice.events.at(-1)).toMatchObject({ kind: 'epoch', reason: 'removal', key: 'wanted' });
    log.say(alice, 'go on');
    expect(bob.texts).toEqual(['go on']);
  });

  test('can join again neither with the same key nor under the same name before a readmission', () => {
    const { alice, bob, mallory, log } = three();
    const join = (person: Person, user = person.user) =>
      log.append(composeJoin({ ...person.author, user }, log.roomId, log.entries.length));
    log.append(composeRole(alice.author, alice.state, { user: 'bob', role: 'moderator' }));
    log.append(composeRemove(bob.author, bob.state, 'mallory'));
    log.rekey(alice);
    join(mallory);
    join(mallory, 'mallory2');
    join(new Person('mallory'));
    expect(alice.violations).toEqual(['removed', 'removed', 'removed']);
    expect(membersOf(alice.state)).toHaveLength(2);

    log.append(composeRole(bob.author, bob.state, { user: 'mallory', role: 'member' }));
    expect(alice.events.at(-1)).toMatchObject({ kind: 'readmitted', by: 'bob', user: 'mallory' });
    expect(membersOf(alice.state)).toHaveLength(2);
    log.people.splice(log.people.indexOf(mallory), 1);
    log.join(mallory, bob);
    log.say(mallory, 'thank you');
    expect(alice.texts).toEqual(['thank you']);
    expect(alice.violations).toHaveLength(3);
    expect(alice.state.members.get(mallory.signer.fingerprint)?.role).toBe('member');
  });

  test('can be readmitted by the owner or a moderator only, and then may only join', () => {
    const { alice, bob, mallory, log } = three();
    const carol = new Person('carol');
    log.join(carol, alice);
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    expect(thrownCode(() => composeRole(carol.author, carol.state, { user: 'mallory', role: 'member' }))).toBe(
      'not-allowed',
    );
    expect(thrownCode(() => composeRole(alice.author, alice.state, { user: 'mallory', role: 'moderator' }))).toBe(
      'unknown-member',
    );
    const readmission = composeRole(alice.author, alice.state, { user: 'mallory', role: 'member' });
    const payload = fieldsOf(readmission.payload);
    const signed = (person: Person, change: object) => {
      log.append(signAnything(person.signer, 'role', log.roomId, { ...payload, author: person.user, ...change }));
    };
    signed(carol, {});
    signed(alice, { role: 'moderator' });
    signed(alice, { user: 'mallory2' });
    signed(mallory, {});
    expect(bob.violations).toEqual(['not-allowed', 'unknown-member', 'unknown-member', 'not-a-member']);
    expect(Object.keys(bob.state.removed.toJSON())).toEqual([mallory.signer.fingerprint]);
  });

  test('stays removed in a state that is stored and read again', () => {
    const { alice, mallory, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const restored = restoredRoom(JSON.parse(JSON.stringify(alice.state)));
    const entry = composeJoin(mallory.author, log.roomId, log.entries.length);
    const { events } = applyEntry(restored, { seq: restored.head.seq + 1, at: 0, entry }, crypto);
    expect(events).toMatchObject([{ kind: 'violation', code: 'removed' }]);
  });
});
