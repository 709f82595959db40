/** Enrols users and renews their certificates, as a client does. */
import { createCertRequest, createKeyPair, privateKeyToPem } from '@chat/mini-ca';
import {
  enrolStatement,
  type KeyChain,
  type KeyRenewal,
  keyRenewalStatement,
  protocolVersion,
  recoverStatement,
  renewStatement,
  toBase64url,
} from '@chat/protocol';
import { generateSigner, type Signer } from '@chat/signatures';
import type { Author } from './entries.ts';
import type { TestClient } from './test-client.ts';
import type { TestServer } from './test-server.ts';

/** Creates a user with a new identity key. */
export const author = (user: string): Author => ({ user, signer: generateSigner() });

/** Creates a request for a new TLS key, and the signed statement for it. */
export async function statementFor(
  at: TestServer,
  client: TestClient,
  { user, signer }: Author,
  statement: typeof enrolStatement,
) {
  const { nonce } = await client.first('welcome');
  const keys = createKeyPair('ec', 'P-256');
  const request = createCertRequest(keys, { commonName: user });
  const { domain, data } = statement({ serverId: at.server.serverId, nonce, channel: client.channel }, user, request);
  const signature = toBase64url(signer.sign(domain, data));
  return { keys, fields: { version: protocolVersion, user, request, signature } };
}

/** Enrols over a new connection or the given one. Returns the certificate and its key. */
export async function enrol(at: TestServer, who: Author, invitation?: string, client?: TestClient) {
  const connection = client ?? (await at.connectToEnrol());
  const { keys, fields } = await statementFor(at, connection, who, enrolStatement);
  const identity = toBase64url(who.signer.publicKey);
  const { certificate } = await connection.request('enrol', {
    ...fields,
    identity,
    ...(invitation === undefined ? {} : { invitation }),
  });
  return { ...who, certificate, key: privateKeyToPem(keys.privateKey) };
}

/** Renews the certificate over a new connection. */
export async function renew(at: TestServer, who: Author) {
  const connection = await at.connectToEnrol();
  const { keys, fields } = await statementFor(at, connection, who, renewStatement);
  const { certificate } = await connection.request('renew', fields);
  return { ...who, certificate, key: privateKeyToPem(keys.privateKey) };
}

/** Opens the head of the user's backup over a new connection, with the user's key as that of the recovery phrase. */
export async function openRecovery(at: TestServer, { user, signer }: Author) {
  const connection = await at.connectToEnrol();
  const { nonce } = await connection.first('welcome');
  const { domain, data } = recoverStatement({ serverId: at.server.serverId, nonce, channel: connection.channel }, user);
  const signature = toBase64url(signer.sign(domain, data));
  return connection.request('open-recovery', { version: protocolVersion, user, signature });
}

/** Renews the identity key over a new connection. Returns the user with the new key, its certificate and the chain of renewals. */
export async function renewKey(at: TestServer, who: Author, next: Signer = generateSigner(), chain?: KeyChain) {
  const connection = await at.connectToEnrol();
  const { user, signer } = who;
  const { first, renewals } = chain ?? { first: toBase64url(signer.publicKey), renewals: [] };
  const options = { serverId: at.server.serverId, number: (renewals.at(-1)?.number ?? 0) + 1, madeAt: 1_000 };
  const renewal = renewalOf({ user, before: signer, after: next }, options);
  const { keys, fields } = await statementFor(at, connection, { user, signer: next }, renewStatement);
  const longer = { first, renewals: [...renewals, renewal] };
  const { certificate } = await connection.request('renew-key', { ...fields, ...longer });
  return { user, signer: next, certificate, key: privateKeyToPem(keys.privateKey), chain: longer };
}

interface RenewalOptions {
  readonly serverId: string;
  readonly number: number;
  readonly madeAt: number;
}

/** Makes a renewal that both keys have signed. */
export function renewalOf(
  { user, before, after }: { readonly user: string; readonly before: Signer; readonly after: Signer },
  { serverId, ...fields }: RenewalOptions,
): KeyRenewal {
  const key = toBase64url(after.publicKey);
  const { domain, data } = keyRenewalStatement(serverId, { ...fields, user, previous: before.fingerprint, key });
  const [signature, proof] = [before, after].map((signer) => toBase64url(signer.sign(domain, data)));
  return { ...fields, key, signature: signature ?? '', proof: proof ?? '' };
}
