/** Lies about renewals of identity keys: in the answers of the directory, and in what the members are shown of a room. */
import { type KeyChain, toBase64url } from '@chat/protocol';
import { makeKeyRenewal } from '@chat/room';
import type { World } from '../run/world.ts';
import { caFingerprint } from '../simulated/simulated-server.ts';
import { type Lie, type LieCount, ok } from './frame-lies.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

/** Answers with another chain, and counts the answers that differ from the true ones. */
function inDirectory(sent: LieCount, change: (chain: KeyChain, user: string) => KeyChain | null): Tampering {
  return {
    toClient(frame, asked) {
      const { first, renewals } = (ok(frame) ?? {}) as Partial<KeyChain>;
      if (asked?.['op'] !== 'get-key-renewals' || first == null || renewals === undefined) return [frame];
      sent.count += 1;
      const changed = change({ first, renewals }, String(asked['user']));
      return [{ ...frame, ok: changed ?? { first: null, renewals: [] } }];
    },
  };
}

/** Conceals all renewals. */
const none: Lie = (_, sent) => inDirectory(sent, () => null);

/** Conceals the latest renewal. */
const older: Lie = (_, sent) =>
  inDirectory(sent, ({ first, renewals }) => (renewals.length < 2 ? null : { first, renewals: renewals.slice(0, -1) }));

/** Leads on to a key of the server's. The key before has not signed that. */
const forged: Lie = ({ suite, time }, sent) => {
  const [after, by] = [suite.newSigner(), suite.newSigner()];
  return inDirectory(sent, ({ first, renewals }, user) => {
    const last = renewals.at(-1);
    const about = { serverId: caFingerprint, number: (last?.number ?? 0) + 1, madeAt: time.now() };
    const next = makeKeyRenewal({ user, before: by, after }, about);
    return { first, renewals: [...renewals, next] };
  });
};

/** Exchanges the signatures of both keys. */
const swapped: Lie = (_, sent) =>
  inDirectory(sent, ({ first, renewals }) => ({
    first,
    renewals: renewals.map((each) => ({ ...each, signature: each.proof, proof: each.signature })),
  }));

const typeIn = (frame: Frame): unknown => (frame['entry'] as Frame | undefined)?.['type'];

/** Withholds every `renew-key` entry from the victims. */
const withheld: Lie = (_, sent) => ({
  toClient(frame) {
    if (frame['push'] !== 'entry' || typeIn(frame) !== 'renew-key') return [frame];
    sent.count += 1;
    return [];
  },
});

/** Acknowledges the victims' own `renew-key` entries and does not append them. */
const swallowed: Lie = ({ server, time }, sent) => ({
  toServer(frame) {
    if (frame['op'] !== 'append' || typeIn(frame) !== 'renew-key') return { on: frame };
    sent.count += 1;
    const head = server.disk.rooms.get(String(frame['room']))?.head ?? 0;
    return { on: null, back: { re: frame['id'], ok: { seq: head + 1, at: time.now() } } };
  },
});

/** Hands out renewals under which a prekey of the server's would count. The rooms of the user have the key before. */
const ownSuccessor: Lie = ({ suite, time }, sent) => {
  const after = suite.newSigner();
  const { toClient } = inDirectory(sent, ({ first, renewals }, user) => {
    const about = { serverId: caFingerprint, number: renewals[0]?.number ?? 1, madeAt: time.now() };
    return { first, renewals: [makeKeyRenewal({ user, before: suite.newSigner(), after }, about)] };
  });
  return {
    toClient(frame, asked) {
      const records = ok(frame)?.['prekeys'] as readonly Frame[] | undefined;
      if (asked?.['op'] !== 'get-prekeys' || records === undefined) return toClient?.(frame, asked) ?? [frame];
      const key = toBase64url(after.publicKey);
      return [{ ...frame, ok: { prekeys: records.map((record) => ({ ...record, key })) } }];
    },
  };
};

/** Name, whether it is provable, whether it is for newcomers, and the lie. */
export const renewalLies: readonly (readonly [name: string, provable: boolean, toNewcomers: boolean, lie: Lie])[] = [
  ['no renewals', false, false, none],
  ['older renewals', false, false, older],
  ['a forged next key', false, false, forged],
  ['exchanged signatures of a renewal', false, false, swapped],
  ['a renewal withheld', false, false, withheld],
  ['a swallowed renewal', false, false, swallowed],
  ["a prekey under a next key of the server's", false, false, ownSuccessor],
];

const renewers = 6;
const longestMs = 20_000;
/** The time that a renewal takes, with the start of the client. */
const renewalMs = 5_000;

/**
 * Lets some users renew their keys soon, so that there is something to lie about. Some of them leave a room before and join it again
 * afterwards: its members see the new key there, without an entry that leads to it, and ask the server.
 */
export function renewSome({ people, random, time }: World): void {
  for (let count = 0; count < renewers; count++) {
    const person = random.pick(people);
    const room = random.chance(0.5) ? random.pick(person?.client?.rooms() ?? [])?.roomName : undefined;
    const beginsMs = random.between(1_000, longestMs);
    if (room !== undefined) {
      time.after(beginsMs - 1_000, () => person?.leave(room));
      time.after(beginsMs + renewalMs, () => person?.join(room));
    }
    time.after(beginsMs, () => person?.renew());
  }
}
