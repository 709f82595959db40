/** Lies about other people's keys, told to whoever asks the directory. */
import { prekeyStatement, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { caFingerprint } from '../simulated/simulated-server.ts';
import { type Lie, ok } from './frame-lies.ts';
import type { Tampering } from './tampered-connection.ts';

/** Answers with other records; a lie is one that differs, and is not about the asker themself. */
function inDirectory(told: { count: number }, change: (record: SignedPrekey) => SignedPrekey | null): Tampering {
  return {
    toClient(frame, asked) {
      const records = ok(frame)?.['prekeys'] as readonly SignedPrekey[] | undefined;
      if (asked?.['op'] !== 'get-prekeys' || records === undefined) return [frame];
      const prekeys = records.flatMap((record) => change(record) ?? []);
      if (JSON.stringify(prekeys) === JSON.stringify(records)) return [frame];
      told.count += 1;
      return [{ ...frame, ok: { prekeys } }];
    },
  };
}

export const swappedPrekey: Lie = ({ server, random }, told) =>
  inDirectory(told, (record) => {
    const [, other] = random.pick([...server.disk.prekeys].filter(([user]) => user !== record.user)) ?? [];
    return other === undefined ? record : { ...record, ...other };
  });

/** A prekey of the server's, signed with a key of its own. */
function forgedBy(signer: Signer, record: SignedPrekey, prekey: string): SignedPrekey {
  const madeAt = record.madeAt + 1;
  const { domain, data } = prekeyStatement(caFingerprint, { user: record.user, prekey, madeAt });
  return { ...record, prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) };
}

export const ownPrekey: Lie = ({ suite }, told) => {
  const prekey = toBase64url(suite.newRoomCrypto().newPrekey().publicKey);
  const signer = suite.newSigner();
  return inDirectory(told, (record) => forgedBy(signer, record, prekey));
};

/** The identity key goes with it: nobody who has seen the true one takes it. */
export const ownIdentity: Lie = ({ suite }, told) => {
  const prekey = toBase64url(suite.newRoomCrypto().newPrekey().publicKey);
  const signer = suite.newSigner();
  const key = toBase64url(signer.publicKey);
  return inDirectory(told, (record) => ({ ...forgedBy(signer, record, prekey), key }));
};

/** The one that was there when this began. */
export const oldPrekey: Lie = ({ server }, told) => {
  const before = new Map(server.disk.prekeys);
  return inDirectory(told, (record) => ({ ...record, ...before.get(record.user) }));
};

export const noPrekeys: Lie = (_, told) => inDirectory(told, () => null);
