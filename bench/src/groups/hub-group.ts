/** A group of @chat/ecdh-hub. Its announcements are signed and verified, as its documentation requires. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  clientCreateKeys,
  KeyHub,
  LinkRecipient,
  LinkSender,
  MemberState,
  type NextEpoch,
  type Suite,
} from '@chat/ecdh-hub';
import type { Group, Rekey } from './group.ts';

/** The contender's name. */
export const hubGroupName = '@chat/ecdh-hub';

/** Signatures on the same curve, as in MLS. */
function announcer(suite: Suite) {
  const edwards = suite === 'X25519' || suite === 'X-Wing';
  const { privateKey, publicKey } = edwards
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: suite });
  const digest = edwards ? null : 'sha256';
  const dsaEncoding = 'ieee-p1363';
  return {
    sign: (data: Uint8Array) => sign(digest, data, { key: privateKey, dsaEncoding }),
    verify: (data: Uint8Array, signature: Uint8Array) =>
      verify(digest, data, { key: publicKey, dsaEncoding }, signature),
  };
}

/** The second member is measured, the last one is removed. */
export function hubGroup(suite: Suite, size: number): Group {
  const hubSigner = announcer(suite);
  const keys = Array.from({ length: size }, () => clientCreateKeys(suite));
  const members = keys.map(({ publicKey }, i) => ({ id: `user-${i}`, publicKey }));
  const [observed, leaver] = [members[1], members.at(-1)];
  if (observed === undefined || leaver === undefined || keys[1] === undefined)
    throw new Error('a group has two or more');
  const wrapOf = ({ wraps }: NextEpoch) => wraps.find(({ to }) => to === observed.id)?.wrap;

  const first = KeyHub.create({ name: 'bench', suite, members });
  const { member } = MemberState.found('bench', observed.id, keys[1]).apply(first.announcement, wrapOf(first));
  const newcomer = { id: 'newcomer', publicKey: clientCreateKeys(suite).publicKey };

  function rekey(compose: () => NextEpoch): Rekey {
    const hub = () => {
      const next = compose();
      return { ...next, key: next.hub.key(), signature: hubSigner.sign(next.announcement) };
    };
    const { announcement, signature, wraps, ...composed } = hub();
    const wrap = wrapOf({ announcement, wraps, ...composed });
    const announced = announcement.length + signature.length;
    const wrapped = wraps.reduce((total, one) => total + one.wrap.length, 0);
    return {
      hub,
      member() {
        if (!hubSigner.verify(announcement, signature)) throw new Error('the announcement is not the hub’s');
        const key = member.apply(announcement, wrap).member.key();
        if (key === undefined) throw new Error('the member did not come to the key');
        return key;
      },
      sizes: {
        sent: announced + wrapped,
        downloaded: announced + (wrap?.length ?? 0),
        newcomer: first.hub.snapshot().length + announced + (wraps[0]?.wrap.length ?? 0),
      },
    };
  }

  return {
    name: hubGroupName,
    changes: { add: rekey(() => first.hub.join([newcomer])), remove: rekey(() => first.hub.remove([leaver.id])) },
  };
}

const linkContext = new TextEncoder().encode('bench');

/** The same with X-Wing over links that are open: the part of a room's work that concerns its key. */
export function linkedHubGroup(size: number): Group {
  const suite = 'X-Wing';
  const hubSigner = announcer('P-384');
  const observedKeys = clientCreateKeys(suite);
  // One key pair serves all others, because a link does not depend on whose it is.
  const { publicKey } = clientCreateKeys(suite);
  const members = Array.from({ length: size }, (_, i) => ({
    id: `user-${i}`,
    publicKey: i === 1 ? observedKeys.publicKey : publicKey,
  }));
  const [observed, leaver] = [members[1], members.at(-1)];
  if (observed === undefined || leaver === undefined) throw new Error('a group has two or more');
  const opened = new Map(
    members.map((member) => {
      return [member.id, LinkSender.open({ recipient: member.publicKey, suite, context: linkContext })] as const;
    }),
  );
  const opening = opened.get(observed.id)?.opening ?? new Uint8Array();
  const link = LinkRecipient.accept(observedKeys, opening, linkContext);

  /** Makes a fresh key, and wraps it over the link to each member. */
  const rekey = (from: KeyHub, change: Parameters<KeyHub['rekey']>[0]) => {
    const { hub, announcement, wraps } = from.rekeyLazily(change);
    wraps.return();
    const own = new Map<string, Uint8Array>();
    for (const { id } of hub.members) {
      const to = opened.get(id);
      if (to !== undefined) own.set(id, hub.wrapOver(to.link, id).wrap);
    }
    return { hub, announcement, wraps: own, key: hub.key(), signature: hubSigner.sign(announcement) };
  };
  const first = KeyHub.create({ name: 'bench', suite, members });
  const wrapOfFirst = first.wraps.find(({ to }) => to === observed.id)?.wrap;
  const { member } = MemberState.found('bench', observed.id, observedKeys).apply(first.announcement, wrapOfFirst);
  const removal = () => rekey(first.hub, { removed: [leaver.id] });
  const { announcement, signature, wraps } = removal();
  const wrap = wraps.get(observed.id) ?? new Uint8Array();
  const announced = announcement.length + signature.length;
  const wrapped = [...wraps.values()].reduce((total, one) => total + one.length, 0);
  return {
    name: hubGroupName,
    changes: {
      // A newcomer gets a wrap of X-Wing, and no link saves it.
      add: hubGroup(suite, 2).changes.add,
      remove: {
        hub: removal,
        member() {
          if (!hubSigner.verify(announcement, signature)) throw new Error('the announcement is not the hub’s');
          return member.apply(announcement).member.receiveOver(link, wrap).member.key();
        },
        sizes: { sent: announced + wrapped, downloaded: announced + wrap.length },
      },
    },
  };
}
