import { allPartsOf, entryHash, type PublicIdentity, toBase64url, wrapBytes } from '@chat/protocol';
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import {
  beginEpoch,
  composeEpoch,
  composeInvite,
  composeRemove,
  hubOrder,
  membersOf,
  recipientsOf,
  restoredRoom,
  slotAt,
} from '../../src/index.ts';
import { fieldsOf, Person, signAnything, three, wrappedTo } from '../support/people.ts';

const inviteeOf = ({ user, signer }: Person) => ({ user, key: toBase64url(signer.publicKey), verified: false });

/** Returns the fingerprints of the recipients, as bytes in hex. */
const namesOf = (recipients: readonly PublicIdentity[]) => recipients.map(({ fingerprint }) => fingerprint);

describe('an epoch that is made in parts', () => {
  test('is accepted by all members, in whichever order the slots are filled', () => {
    for (const order of [1, -1]) {
      const { alice, bob, log } = three();
      log.append(composeRemove(alice.author, alice.state, 'mallory'));
      const carol = new Person('carol');
      log.known.add(carol);
      log.append(composeInvite(alice.author, alice.state, inviteeOf(carol)));
      const draft = beginEpoch(alice.author, alice.state);
      expect([draft.epochNumber, draft.kind]).toEqual([4, 'fresh']);
      expect(draft.recipients).toEqual(recipientsOf(alice.state, alice.now));
      const slots = new Uint8Array(wrapBytes * draft.recipients.length);
      const links = log.linksOf(alice);
      for (const [index, { fingerprint }] of [...draft.recipients.entries()].sort(([a], [b]) => order * (a - b))) {
        const link = links.get(fingerprint);
        if (link !== undefined) slots.set(draft.wrap(link).wrap, wrapBytes * index);
      }
      const entry = allPartsOf(draft.finish(slots));
      log.putWraps(4, { recipients: draft.recipients, slots });
      alice.state = { ...alice.state, drafts: draft.drafts };
      log.append(entry);
      log.say(bob, 'go on');
      expect([alice.texts, bob.violations]).toEqual([['go on'], []]);
    }
  });

  test('has one slot for each recipient in the order of fingerprints, and an empty one for its author', () => {
    const { alice, bob, log } = three();
    const proposal = log.propose.bind(log);
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const { recipients, slots } = proposal(alice);
    expect(namesOf(recipients)).toEqual([alice, bob].map(({ signer }) => signer.fingerprint).sort());
    expect(slots).toHaveLength(2 * wrapBytes);
    const own = recipients.findIndex(({ user }) => user === 'alice');
    expect([slotAt(slots, own), slotAt(slots, 1 - own)]).toEqual([null, expect.any(Uint8Array)]);
  });

  test('omits only the recipients without a link', () => {
    const { alice, bob, mallory, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const links = new Map(log.linksOf(alice));
    links.delete(bob.signer.fingerprint);
    expect(wrappedTo(composeEpoch(alice.author, alice.state, links))).toEqual([]);
    expect(
      recipientsOf(alice.state, alice.now)
        .map(({ user }) => user)
        .sort(),
    ).toEqual(['alice', 'bob']);
    expect(membersOf(mallory.state)).toHaveLength(2);
  });

  test('has no recipients while the room needs no new key', () => {
    const { alice, log } = three();
    expect(recipientsOf(alice.state, alice.now)).toEqual([]);
    expect(thrownCode(() => log.propose(alice))).toBe('nothing-to-answer');
  });

  test('takes the steps of its links, which the next epoch does not use again', () => {
    const { alice, bob, log } = three();
    const bobs = bob.signer.fingerprint;
    const before = log.linksOf(alice).get(bobs)?.step ?? 0;
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const first = log.propose(alice);
    expect(first.links.get(bobs)?.step).toBe(before + 1);
    log.rekey(alice);
    expect([alice.sent.get(bobs)?.step, [...bob.received.values()].map(({ step }) => step)]).toEqual([
      before + 2,
      [before + 2],
    ]);
  });
});

describe('an epoch that is proposed more than once', () => {
  test.each([0, 1, 2])('is recognised on the log, whichever proposal the server took (%i)', (taken) => {
    const { alice, bob, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const proposals = [0, 1, 2].map(() => {
      const proposal = log.propose(alice);
      alice.state = proposal.state;
      return proposal;
    });
    const proposal = proposals[taken];
    if (proposal === undefined) throw new Error('no proposal');
    expect(alice.state.drafts).toHaveLength(3);
    log.putWraps(4, proposal);
    log.append(proposal.entry);
    expect(alice.events.at(-1)).toMatchObject({ kind: 'epoch', key: 'held' });
    expect(bob.state.secrets[4]).toBe(alice.state.secrets[4]);
    expect(alice.state.drafts).toEqual([]);
  });

  test('is kept four times at most, and its secret counts for no epoch of another author', () => {
    const { alice, bob, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    for (let i = 0; i < 5; i++) alice.state = log.propose(alice).state;
    expect(alice.state.drafts).toHaveLength(4);
    const payload = fieldsOf(log.propose(bob).entry.payload);
    const commitment = alice.state.drafts[0]?.hash;
    log.append(signAnything(bob.signer, 'epoch', log.roomId, { ...payload, commitment }));
    expect(alice.events.findLast(({ kind }) => kind === 'epoch')).toMatchObject({ key: 'wanted' });
    expect([alice.state.drafts, alice.state.secrets[4]]).toEqual([[], undefined]);
  });

  test('is read from a state that was stored with one draft, by the hash of its entry', () => {
    const { alice, bob, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const { entry, state } = log.propose(alice);
    const { drafts, ...others } = JSON.parse(JSON.stringify(state));
    alice.state = restoredRoom({ ...others, draft: { hash: entryHash(entry), secret: drafts[0].secret } });
    log.append(entry);
    expect(alice.state.secrets[4]).toBe(drafts[0].secret);
    expect([alice.violations, bob.state.epoch?.number]).toEqual([[], 4]);
  });
});

test('a member with two connections appears once in the order of hubs', () => {
  const { alice } = three();
  const order = hubOrder(alice.state, ['bob', 'alice', 'bob']);
  expect(order.map(({ user }) => user)).toEqual(['bob', 'alice']);
});

test('a member invited before the latest epoch and joined after it has the key, and acts like the earlier members', () => {
  const { alice, bob, mallory, log } = three();
  const carol = new Person('carol');
  log.follow(carol, log.invite(alice, carol).seq);
  const order = hubOrder(bob.state, ['carol', mallory.user, 'alice']);
  expect(order.map(({ user }) => user)).toEqual(['carol', 'mallory', 'alice']);
});
