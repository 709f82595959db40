/** False answers to a client that asks for prekeys of other users. */
import { prekeyStatement, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { caFingerprint } from '../simulated/simulated-server.ts';
import { type Lie, ok } from './frame-lies.ts';
import type { Tampering } from './tampered-connection.ts';

/** Answers with changed records, and counts the answers that differ from the true ones. */
function inDirectory(sent: { count: number }, change: (record: SignedPrekey) => SignedPrekey | null): Tampering {
  return {
    toClient(frame, asked) {
      const records = ok(frame)?.['prekeys'] as readonly SignedPrekey[] | undefined;
      if (asked?.['op'] !== 'get-prekeys' || records === undefined) return [frame];
      const prekeys = records.flatMap((record) => change(record) ?? []);
      if (JSON.stringify(prekeys) === JSON.stringify(records)) return [frame];
      sent.count += 1;
      return [{ ...frame, ok: { prekeys } }];
    },
  };
}

export const swappedPrekey: Lie = ({ server, random }, sent) =>
  inDirectory(sent, (record) => {
    const [, other] = random.pick([...server.disk.prekeys].filter(([user]) => user !== record.user)) ?? [];
    return other === undefined ? record : { ...record, ...other };
  });

/** Returns a prekey that the server has made, signed with its own key. */
function forgedBy(signer: Signer, record: SignedPrekey, prekey: string): SignedPrekey {
  const madeAt = record.madeAt + 1;
  const { domain, data } = prekeyStatement(caFingerprint, { user: record.user, prekey, madeAt });
  return { ...record, prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}

export const ownPrekey: Lie = ({ suite }, sent) => {
  const prekey = toBase64url(suite.newRoomCrypto().newPrekey().publicKey);
  const signer = suite.newSigner();
  return inDirectory(sent, (record) => forgedBy(signer, record, prekey));
};

/** Replaces the identity key too. Clients that have pinned the true one detect it. */
export const ownIdentity: Lie = ({ suite }, sent) => {
  const prekey = toBase64url(suite.newRoomCrypto().newPrekey().publicKey);
  const signer = suite.newSigner();
  const key = toBase64url(signer.publicKey);
  return inDirectory(sent, (record) => ({ ...forgedBy(signer, record, prekey), key }));
};

/** Answers with the prekeys of the time when the attack began. */
export const oldPrekey: Lie = ({ server }, sent) => {
  const before = new Map(server.disk.prekeys);
  return inDirectory(sent, (record) => ({ ...record, ...before.get(record.user) }));
};

export const noPrekeys: Lie = (_, sent) => inDirectory(sent, () => null);
