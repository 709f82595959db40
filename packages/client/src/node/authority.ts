/** Fetches the certificate authority of a server before the client trusts it. The user, or a pin, decides about it. */
import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { certificateFingerprint } from '@chat/mini-ca';
import { type ResultOf, toBase64url } from '@chat/protocol';
import { createRoomCrypto } from '@chat/room';
import {
  type AuthorityChain,
  type AuthorityTools,
  chainTo,
  type Root,
  statementVerifier,
} from '../connection/authority-chain.ts';
import { greet } from '../connection/connection.ts';
import { ClientError } from '../errors.ts';
import { systemScheduler } from './scheduler.ts';
import { type Endpoint, linkOver, openSocket } from './tls-link.ts';

/** The certificate authority of a server. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate: 64 characters of lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The fingerprint of the server's first authority, which names the server whatever authority it has. */
  readonly serverId: string;
  /** The authorities from the first one on, with this one pinned. */
  readonly chain: AuthorityChain;
}

/** Reads the certificate of an authority: signed by itself, with a key on P-384. */
function readRoot(certificate: string): Root | null {
  try {
    const parsed = new X509Certificate(certificate);
    const { publicKey } = parsed;
    const isRoot = parsed.ca && parsed.verify(publicKey) && publicKey.asymmetricKeyDetails?.namedCurve === 'secp384r1';
    if (!isRoot) return null;
    const pem = parsed.toString();
    return {
      certificate: pem,
      fingerprint: certificateFingerprint(pem),
      key: toBase64url(publicKey.export({ type: 'spki', format: 'der' })),
    };
  } catch {
    return null;
  }
}

/** Reads and verifies certificates of authorities and what they have signed. */
export const authorityTools: AuthorityTools = { readRoot, verify: statementVerifier(createRoomCrypto().verify) };

const notAServer = ({ host, port }: Endpoint): ClientError =>
  new ClientError(
    'not-a-chat-server',
    `The server at ${host}:${port} does not show a certificate authority of its own: check host and port.`,
  );

/** The server's own certificate, and what it shows of its authorities. */
async function ask(endpoint: Endpoint): Promise<{ leaf: X509Certificate; shown: ResultOf<'get-authority'> }> {
  // Not verified on purpose: the result is what later connections are verified against.
  const socket = await openSocket(endpoint, { rejectUnauthorized: false });
  // `getPeerX509Certificate` of Node 24.21 loses the memory of the certificates that follow.
  const { raw } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  const leaf = raw === undefined ? undefined : new X509Certificate(raw);
  const ignore = () => undefined;
  const link = linkOver(socket, endpoint, '');
  const { connection } = await greet(link, 'welcome', systemScheduler, { push: ignore, closed: ignore });
  try {
    if (leaf === undefined) throw notAServer(endpoint);
    return { leaf, shown: await connection.request('get-authority', {}) };
  } finally {
    connection.close();
  }
}

/** Returns the fingerprints of the authorities that the server shows, the one that has issued its certificate first. */
function candidates(leaf: X509Certificate, { first, successions }: ResultOf<'get-authority'>): readonly string[] {
  const roots = [first, ...successions.map(({ certificate }) => certificate)].flatMap((each) => readRoot(each) ?? []);
  const issuer = roots.findLast(({ certificate }) => leaf.verify(new X509Certificate(certificate).publicKey));
  return issuer === undefined ? [] : [issuer.fingerprint, ...roots.map(({ fingerprint }) => fingerprint)];
}

/**
 * Fetches the certificate of the authority from the enrolment port at `endpoint`. It proves nothing yet: the caller compares the
 * fingerprint, and every later connection is verified against this certificate.
 *
 * @param expected the fingerprints that the caller accepts. If the server has had one of them, that one is returned, else its present
 *   one. Default: none
 * @throws ClientError `unreachable`, `not-a-chat-server`
 */
export async function fetchAuthority(endpoint: Endpoint, expected: readonly string[] = []): Promise<Authority> {
  const { leaf, shown } = await ask(endpoint);
  const [present, ...all] = candidates(leaf, shown);
  if (present === undefined) throw notAServer(endpoint);
  const trusted = expected.find((fingerprint) => all.includes(fingerprint)) ?? present;
  const chain = chainTo(trusted, shown, authorityTools, systemScheduler.now());
  if (chain === null) throw notAServer(endpoint);
  return authorityOf(chain);
}

/** Returns the pinned authority of a chain. */
function authorityOf(chain: AuthorityChain): Authority {
  const first = readRoot(chain.first);
  const pems = [chain.first, ...chain.successions.map(({ certificate }) => certificate)];
  const pinned = pems.map(readRoot).find((root) => root?.fingerprint === chain.pinned);
  if (first == null || pinned == null) throw new Error('The chain does not contain the pinned authority.');
  return { certificate: pinned.certificate, fingerprint: pinned.fingerprint, serverId: first.fingerprint, chain };
}
