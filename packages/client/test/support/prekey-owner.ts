/** The owner of prekeys that a server may show. */
import {
  type PublicIdentity,
  prekeyStatement,
  prekeySuite,
  type SignedPrekey,
  toBase64url,
  utf8,
} from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import type { FakeServer } from './fake-server.ts';
import { authority, type IsolatedClient } from './isolated-client.ts';

/** A user with an identity key and nothing else. */
export class Person {
  readonly signer = generateSigner();
  readonly user: string;

  constructor(user: string) {
    this.user = user;
  }

  get identity(): PublicIdentity {
    const { publicKey, fingerprint } = this.signer;
    return { user: this.user, fingerprint, key: toBase64url(publicKey) };
  }

  record(madeAt: number, { serverId = authority.serverId, seed = madeAt, bytes = 1_216 } = {}): SignedPrekey {
    const prekey = toBase64url(new Uint8Array(bytes).fill(seed));
    const { domain, data } = prekeyStatement(serverId, { user: this.user, prekey, madeAt });
    const signature = toBase64url(this.signer.sign(domain, data));
    return { user: this.user, key: this.identity.key, suite: prekeySuite, prekey, madeAt, signature };
  }

  /** As version 3 of the protocol has signed prekeys. */
  withoutSuite(madeAt: number): SignedPrekey {
    const record = this.record(madeAt);
    const { domain } = prekeyStatement(authority.serverId, record);
    const data = utf8(JSON.stringify({ user: this.user, prekey: record.prekey, madeAt }));
    return { ...record, signature: toBase64url(this.signer.sign(domain, data)) };
  }
}

/** Lets the server show this prekey of a person, or none, and a client look it up for a room. Returns what it takes and what it refuses. */
export async function lookUp(
  { server, who, owner, roomId }: { server: FakeServer; who: IsolatedClient; owner: Person; roomId: string },
  record: SignedPrekey | null,
) {
  const { user, identity, signer } = owner;
  if (record === null) server.prekeys.delete(user);
  else server.prekeys.set(user, record);
  const { prekeys, refused } = await who.directory.find(roomId, [identity]);
  return {
    taken: prekeys.get(signer.fingerprint)?.[0] ?? null,
    wrong: refused.map(({ code, user: of }) => `${code} ${of}`),
  };
}
