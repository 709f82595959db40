/** The key of an epoch over links: only the announced key, for one member of one group, in place of its wrap. */
import { thrownCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { lengthPrefixed } from '../../src/encoding/bytes.ts';
import { KeyHub, LinkRecipient, LinkSender, MemberState, type Suite } from '../../src/index.ts';
import { createGroup, founded, testUser, wrapFor } from '../support/group-setting.ts';
import { linkContext } from '../support/link-setting.ts';
import { suites, utf8 } from '../support/setting.ts';

function setting(suite: Suite) {
  const [alice, bob] = [testUser('alice', suite), testUser('bob', suite)];
  const first = createGroup([alice, bob], suite);
  const [a, b] = founded([alice, bob], first) as [MemberState, MemberState];
  const { link: sender, opening } = LinkSender.open({ recipient: bob.keys.publicKey, suite, context: linkContext });
  return { alice, bob, first, a, b, sender, recipient: LinkRecipient.accept(bob.keys, opening, linkContext) };
}

test.each(suites)('%s: a member has each fresh key over one link, also after restarts', (suite) => {
  const { first, ...begun } = setting(suite);
  let [hub, b, sender, recipient] = [first.hub, begun.b, begun.sender, begun.recipient];
  for (let epoch = 2; epoch < 5; epoch++) {
    const next = hub.rekeyLazily();
    const { link, wrap } = next.hub.wrapOver(sender, 'bob');
    expect(wrap).toHaveLength(60);
    const lacking = b.apply(next.announcement);
    expect(lacking.key).toBe('missing');
    const received = lacking.member.receiveOver(recipient, wrap);
    expect(received.member.key()).toEqual(next.hub.key());
    hub = KeyHub.parse(JSON.stringify(next.hub));
    sender = LinkSender.parse(JSON.stringify(link));
    b = received.member;
    recipient = LinkRecipient.parse(JSON.stringify(received.link));
  }
});

describe('over a link', () => {
  const { first, a, b, bob, sender, recipient } = setting('X25519');
  const next = first.hub.rekey();
  const { link, wrap } = next.hub.wrapOver(sender, 'bob');
  const lacking = b.apply(next.announcement).member;

  test('the texts of hub and member are the same as with wraps', () => {
    const { member } = b.apply(next.announcement, wrapFor('bob', next.wraps));
    expect(JSON.stringify(lacking.receiveOver(recipient, wrap).member)).toBe(JSON.stringify(member));
  });

  test('the key of another epoch is refused, and the end does not change', () => {
    const before = JSON.stringify(recipient);
    expect(thrownCode(() => b.receiveOver(recipient, wrap))).toBe('unwrap-failed');
    const later = next.hub.rekey();
    expect(thrownCode(() => lacking.apply(later.announcement).member.receiveOver(recipient, wrap))).toBe(
      'unwrap-failed',
    );
    expect(JSON.stringify(recipient)).toBe(before);
    expect(lacking.receiveOver(recipient, wrap).member.key()).toEqual(next.hub.key());
  });

  test('the key for another member is refused, also under the id of this one', () => {
    const { wrap: forAlice } = next.hub.wrapOver(sender, 'alice');
    expect(thrownCode(() => lacking.receiveOver(recipient, forAlice))).toBe('unwrap-failed');
    const other = testUser('bob', 'X25519', 'another bob');
    const elsewhere = createGroup([other], 'X25519', 'elsewhere').hub.wrapOver(sender, 'bob');
    expect(thrownCode(() => lacking.receiveOver(recipient, elsewhere.wrap))).toBe('unwrap-failed');
  });

  test('another key than the announced one is refused, also in the context of the latest epoch', () => {
    const { group, secret } = JSON.parse(JSON.stringify(next.hub));
    const epoch = new Uint8Array(Buffer.from(group.context, 'base64url'));
    const context = lengthPrefixed([utf8('ecdh-hub epoch over link v1'), epoch, utf8('bob')]);
    const right = sender.wrap(new Uint8Array(Buffer.from(secret, 'base64url')), context);
    expect(right.wrap).toEqual(wrap);
    const { wrap: wrong } = sender.wrap(new Uint8Array(32), context);
    expect(thrownCode(() => lacking.receiveOver(recipient, wrong))).toBe('unwrap-failed');
  });

  test('a key comes once', () => {
    const received = lacking.receiveOver(recipient, wrap);
    expect(thrownCode(() => lacking.receiveOver(received.link, wrap))).toBe('link-step-used');
    const again = next.hub.wrapOver(link, 'bob');
    expect(lacking.receiveOver(received.link, again.wrap).member.key()).toEqual(next.hub.key());
  });

  test('only members are given keys, and only links are accepted', () => {
    expect(thrownCode(() => next.hub.wrapOver(sender, 'carol'))).toBe('unknown-member');
    const removed = a.apply(first.hub.remove(['alice']).announcement).member;
    expect(thrownCode(() => removed.receiveOver(recipient, wrap))).toBe('unknown-member');
    for (const wrong of [null, undefined, {}, recipient, Object.create(LinkSender.prototype)]) {
      expect(thrownCode(() => next.hub.wrapOver(wrong as never, 'bob'))).toBe('invalid-argument');
    }
    for (const wrong of [null, undefined, {}, sender, Object.create(LinkRecipient.prototype)]) {
      expect(thrownCode(() => lacking.receiveOver(wrong as never, wrap))).toBe('invalid-argument');
    }
    expect(MemberState.parse(JSON.stringify(lacking), bob.keys).key()).toBeUndefined();
  });
});
