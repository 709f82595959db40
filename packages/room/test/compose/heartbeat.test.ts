/** Heartbeats as their readers judge them, and the comparison of a member's head with the log. */
import {
  type HeartbeatPayload,
  heartbeatDomain,
  heartbeatEvery,
  LogHashes,
  limits,
  toBase64url,
  utf8,
} from '@chat/protocol';
import { otherSignature } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { compareHead, composeHeartbeat, composeRemove, readHeartbeat } from '../../src/index.ts';
import { crypto, Log, Person, three } from '../support/people.ts';

const minute = 60_000;

describe('a heartbeat', () => {
  test('counts only as a member signed it, for this room', () => {
    const { alice, bob, mallory, log } = three();
    const other = new Log(mallory, 'other');
    mallory.state = alice.state;
    const heartbeat = composeHeartbeat(bob.author, bob.state, minute);
    expect(readHeartbeat(alice.state, heartbeat, crypto)).toEqual({
      v: 1,
      type: 'heartbeat',
      room: log.roomId,
      author: 'bob',
      head: bob.state.head,
      every: minute,
      at: bob.now,
    });

    const signed = (person: Person, content: Partial<HeartbeatPayload>, room = log.roomId) => {
      const payload = JSON.stringify({ ...JSON.parse(heartbeat.payload), ...content });
      const signature = toBase64url(person.signer.sign(heartbeatDomain(room), utf8(payload)));
      return { payload, by: person.signer.fingerprint, signature };
    };
    const high = toBase64url(otherSignature(Buffer.from(heartbeat.signature, 'base64url')));
    const wrong = [
      { ...heartbeat, payload: `${heartbeat.payload} ` },
      { ...heartbeat, by: mallory.signer.fingerprint },
      { ...heartbeat, signature: high },
      signed(mallory, {}),
      { ...signed(mallory, {}), by: bob.signer.fingerprint },
      signed(bob, {}, other.roomId),
      signed(bob, { room: other.roomId }),
      signed(bob, { every: minute - 1 }),
      signed(bob, { every: heartbeatEvery(limits.roomMembers) + 1 }),
      signed(bob, { type: 'knock' as 'heartbeat' }),
      signed(new Person('bob'), {}),
    ];
    expect(wrong.map((each) => readHeartbeat(alice.state, each, crypto))).toEqual(wrong.map(() => null));

    log.append(composeRemove(alice.author, alice.state, 'bob'));
    expect(readHeartbeat(alice.state, heartbeat, crypto)).toBeNull();
    expect(() => composeHeartbeat(bob.author, bob.state, minute)).toThrow(
      expect.objectContaining({ code: 'not-a-member' }),
    );
  });

  test('is sent each minute in small rooms, and eight times a minute by all members of a large one', () => {
    expect([1, 2, 8].map(heartbeatEvery)).toEqual([minute, minute, minute]);
    for (const members of [9, 20, 50, 100, 1_000, limits.roomMembers]) {
      expect((members * minute) / heartbeatEvery(members)).toBeLessThanOrEqual(8);
      expect((members * minute) / heartbeatEvery(members)).toBeGreaterThan(7.99);
    }
    expect(heartbeatEvery(1_000_000)).toBe(heartbeatEvery(limits.roomMembers));
  });
});

test("a member's head is compared with the log as far as this member has read it and remembers it", () => {
  const { alice, bob, log } = three();
  const early = bob.state.head;
  log.say(alice, 'one');
  const { head } = alice.state;
  const unknown = 'd'.repeat(64);
  expect(compareHead(alice.state, head)).toBe('same');
  expect(compareHead(alice.state, early)).toBe('same');
  expect(compareHead(alice.state, { ...head, hash: unknown })).toBe('fork');
  expect(compareHead(alice.state, { ...early, hash: unknown })).toBe('fork');
  expect(compareHead(alice.state, { seq: head.seq + 1, hash: unknown })).toBe('ahead');
  expect(compareHead({ head, recentHashes: LogHashes.of([head.hash]) }, early)).toBe('too-old');
});
