/** Who is at fault when the own wrap does not lead to the secret of its epoch. */
import { fromBase64url } from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import { acceptWrap, composeRemove, judgeWrap } from '../../src/index.ts';
import { crypto, three, withBadWraps } from '../support/people.ts';

/** Returns a room in which Alice has made epoch 4, and Bob has read it without its wrap. */
function withoutWrap(bad = false) {
  const room = three();
  const { alice, bob, log } = room;
  log.append(composeRemove(alice.author, alice.state, 'mallory'));
  const proposal = log.propose(alice);
  const published = bad ? withBadWraps(alice, proposal) : proposal;
  alice.state = proposal.state;
  log.putWraps(4, published);
  log.wraps.delete(`4 ${bob.signer.fingerprint}`);
  log.append(published.entry);
  bob.events.length = 0;
  const proof = log.proof(bob, 4);
  if (proof?.wrap == null) throw new Error('no proof');
  return { ...room, proof: { ...proof, wrap: proof.wrap } };
}

describe('a wrap that does not lead to the secret', () => {
  test("is its author's fault if the epoch commits to it", () => {
    const { bob, proof, log } = withoutWrap(true);
    expect(log.openings.unwrap(bob, proof.wrap, { roomId: log.roomId, epochNumber: 4 })).toBe('failed');
    expect(judgeWrap(bob.state, 4, proof)).toMatchObject({ code: 'wrong-key', user: 'alice' });
  });

  test("is the server's fault if the epoch does not, whatever the server has altered", () => {
    const { bob, alice, log, proof } = withoutWrap();
    const altered = [
      { ...proof, wrap: proof.wrap.map((byte) => byte ^ 1) },
      { ...proof, wrap: null },
      { ...proof, index: 1 - proof.index },
      { ...proof, size: proof.size + 1 },
      { ...proof, path: proof.path.map((byte) => byte ^ 1) },
      { ...proof, path: new Uint8Array() },
      log.proof(alice, 4),
      null,
    ];
    for (const each of altered)
      expect(judgeWrap(bob.state, 4, each)).toMatchObject({ kind: 'violation', code: 'wrong-wrap', user: null });
    expect(judgeWrap(bob.state, 3, proof)).toMatchObject({ code: 'wrong-wrap' });
    expect(judgeWrap(bob.state, 4, proof)).toMatchObject({ code: 'wrong-key' });
  });

  test('is no breach if the author made none, as for a user without a prekey', () => {
    const { alice, bob, log } = three();
    log.append(composeRemove(alice.author, alice.state, 'mallory'));
    const draft = log.propose(alice);
    const none = { ...draft, slots: new Uint8Array(draft.slots.length) };
    log.known.delete(bob);
    alice.sent = new Map();
    const proposal = log.propose(alice);
    expect(proposal.slots).toEqual(none.slots);
    alice.state = proposal.state;
    log.putWraps(4, proposal);
    log.append(proposal.entry);
    expect(bob.violations).toEqual([]);
    expect(judgeWrap(bob.state, 4, log.proof(bob, 4))).toBeNull();
  });
});

test('a secret is accepted only if it matches the commitment of an epoch that the log has shown', () => {
  const { alice, bob } = withoutWrap();
  const secret = fromBase64url(alice.state.secrets[4] ?? '');
  const other = fromBase64url(bob.state.secrets[3] ?? '');
  expect(acceptWrap(bob.state, { epochNumber: 4, secret: other }, crypto)).toBeNull();
  expect(acceptWrap(bob.state, { epochNumber: 5, secret }, crypto)).toBeNull();
  expect(acceptWrap(bob.state, { epochNumber: 4, secret }, crypto)?.secrets[4]).toBe(alice.state.secrets[4]);
});
