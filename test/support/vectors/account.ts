/** What is written down of a room: its entries, its keys, and all that was computed on the way. */
import {
  emptyLogHash,
  entryDomain,
  entryHash,
  nextLogHash,
  parsePayload,
  toBase64url,
  toHex,
  utf8,
  wrapsDigest,
} from '@chat/protocol';
import { domainSeparated } from '@chat/signatures';
import type { Table } from './table.ts';

/** Every entry with what it is signed as, its hash, and the log's hash after it. */
function entriesOf({ room, log }: Table) {
  let logHash = emptyLogHash(room);
  return log.map(({ seq, at, entry }) => {
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type: entry.type, hash });
    const domain = entryDomain(entry.type, room);
    return { seq, at, entry, domain, signed: toHex(domainSeparated(domain, utf8(entry.payload))), hash, logHash };
  });
}

/** Every epoch with its secret, and all that was handed out. */
function epochsOf({ room, log, wraps, recording }: Table) {
  const derived = (info: string) => recording.derivations.find((each) => each.info === info);
  return log.flatMap(({ seq, entry }) => {
    const payload = entry.type === 'epoch' ? parsePayload('epoch', entry.payload) : null;
    if (payload === null) return [];
    const { number, kind } = payload;
    const handed = wraps.get(number) ?? [];
    const secret = derived(`chat/1 commitment ${room} ${number}`)?.secret;
    return [{ seq, number, kind, secret, wraps: handed, wrapsDigest: wrapsDigest(handed) }];
  });
}

/** To be called before anything else is made with the room's people. */
export function accountOf(table: Table) {
  const { recording, authority } = table;
  return {
    room: table.room,
    emptyLogHash: emptyLogHash(table.room),
    authority: { key: toBase64url(authority.publicKey), fingerprint: authority.fingerprint },
    people: table.people.map(({ name, signer, prekey }) => ({
      user: name,
      key: toBase64url(signer.publicKey),
      fingerprint: signer.fingerprint,
      prekey: { publicKey: toBase64url(prekey.publicKey), privateKey: toBase64url(prekey.privateKey) },
    })),
    entries: entriesOf(table),
    epochs: epochsOf(table),
    derivations: [...recording.derivations],
    encryptions: [...recording.encryptions],
    wrappings: [...recording.wrappings],
  };
}

export type Account = ReturnType<typeof accountOf>;
