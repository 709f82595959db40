/** Certificates for the user's TLS keys: the first one by enrolment, the next ones by renewal. */
import {
  enrolStatement,
  type KeyChain,
  protocolVersion,
  type ResultOf,
  recoverStatement,
  renewStatement,
  toBase64url,
  type UserName,
} from '@chat/protocol';
import type { Signer } from '@chat/room';
import { reactionTo } from '../error-policy.ts';
import { ClientError, explain } from '../errors.ts';
import type { Scheduler } from '../scheduler.ts';
import { type Connection, causeOf, greet } from './connection.ts';
import type { TlsIdentity, Transport } from './transport.ts';

/** A certificate, and the port where the server accepts it. */
export interface Certified {
  readonly tls: TlsIdentity;
  readonly chatPort: number;
}

interface Applicant {
  readonly user: UserName;
  readonly signer: Signer;
}

type Ask = (
  connection: Connection,
  place: { readonly serverId: string; readonly nonce: string; readonly channel: string },
  request: string,
) => Promise<{ readonly certificate: string }>;

const ignore = () => undefined;

/** A client at the enrolment port. */
export interface EnrolmentClient {
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  /** The latest TLS key and certificate, if there are any: the server keeps places for clients with a valid one. */
  readonly latest?: TlsIdentity | undefined;
}

async function obtain({ transport, scheduler, latest }: EnrolmentClient, user: UserName, ask: Ask): Promise<Certified> {
  const link = await transport.openEnrolment(latest);
  const { connection, greeting } = await greet(link, 'welcome', scheduler, { push: ignore, closed: ignore });
  try {
    const { privateKey, request } = transport.newRequest(user);
    const place = { serverId: connection.serverId, nonce: greeting.nonce, channel: connection.channel };
    const { certificate } = await ask(connection, place, request);
    return { tls: { privateKey, certificate }, chatPort: greeting.chatPort };
  } catch (error) {
    throw causeOf(error);
  } finally {
    connection.close();
  }
}

/**
 * Opens the head of the user's backup with the key of the recovery phrase.
 *
 * @throws ProtocolError the server's refusal
 */
export async function openRecovery(
  { transport, scheduler }: EnrolmentClient,
  { user, signer }: Applicant,
): Promise<ResultOf<'open-recovery'>> {
  const link = await transport.openEnrolment();
  const { connection, greeting } = await greet(link, 'welcome', scheduler, { push: ignore, closed: ignore });
  try {
    const place = { serverId: connection.serverId, nonce: greeting.nonce, channel: connection.channel };
    const { domain, data } = recoverStatement(place, user);
    const signature = toBase64url(signer.sign(domain, data));
    return await connection.request('open-recovery', { version: protocolVersion, user, signature });
  } catch (error) {
    throw causeOf(error);
  } finally {
    connection.close();
  }
}

/** Asks the enrolment port for the chat port. */
export async function findChatPort({ transport, scheduler, latest }: EnrolmentClient): Promise<number> {
  const link = await transport.openEnrolment(latest);
  const { connection, greeting } = await greet(link, 'welcome', scheduler, { push: ignore, closed: ignore });
  connection.close();
  return greeting.chatPort;
}

/**
 * Enrols the user, which binds the user name to the identity key.
 *
 * @throws ProtocolError the server's refusal
 */
export function enrolIdentity(
  transport: Transport,
  scheduler: Scheduler,
  { user, signer }: Applicant,
  invitation: string | undefined,
): Promise<Certified> {
  return obtain({ transport, scheduler }, user, (connection, place, request) => {
    const { domain, data } = enrolStatement(place, user, request);
    return connection.request('enrol', {
      version: protocolVersion,
      user,
      identity: toBase64url(signer.publicKey),
      request,
      ...(invitation === undefined ? {} : { invitation }),
      signature: toBase64url(signer.sign(domain, data)),
    });
  });
}

/** What `enrolAgain` needs. */
export interface EnrolmentAgain extends Applicant, Pick<EnrolmentClient, 'transport' | 'scheduler'> {
  readonly invitation?: string | undefined;
}

/**
 * Enrols the user with the same key after the server has refused the login, because it may have lost the account.
 *
 * @param refusal of the login
 * @throws ClientError `enrolment-lost` if that takes an invitation
 * @throws ProtocolError `access-revoked` for a key whose name was freed; the refusal of the login, if the server does not enrol the user either
 */
export async function enrolAgain(
  { transport, scheduler, invitation, ...applicant }: EnrolmentAgain,
  refusal: unknown,
): Promise<Certified> {
  try {
    return await enrolIdentity(transport, scheduler, applicant, invitation);
  } catch (error) {
    const { code } = explain(error);
    if (code === 'invitation-required' || code === 'invitation-refused') throw enrolmentLost(applicant.user, error);
    // The operator has freed the user's name for another key.
    if (code === 'access-revoked') throw error;
    throw reactionTo('enrol', error) === 'give-up' ? refusal : error;
  }
}

const enrolmentLost = (user: UserName, cause: unknown): ClientError =>
  new ClientError(
    'enrolment-lost',
    `The server does not know ${user} any more, as after a restore from a backup: ask its operator for a new invitation line, and start chat with it. Your key, your name and your rooms stay.`,
    { cause },
  );

/** Obtains a certificate for a new TLS key. It works after the previous certificate has expired, too. */
export function renewCertificate(at: EnrolmentClient, { user, signer }: Applicant): Promise<Certified> {
  return obtain(at, user, (connection, place, request) => {
    const { domain, data } = renewStatement(place, user, request);
    return connection.request('renew', {
      version: protocolVersion,
      user,
      request,
      signature: toBase64url(signer.sign(domain, data)),
    });
  });
}

/**
 * Binds the user name to the signer's key, to which the renewals lead from the registered one, and obtains a certificate for it. It may
 * be repeated after an unknown outcome, and when the server has lost the renewal.
 *
 * @throws ProtocolError the server's refusal
 */
export function renewIdentityKey(
  at: EnrolmentClient,
  { user, signer }: Applicant,
  { first, renewals }: KeyChain,
): Promise<Certified> {
  return obtain(at, user, (connection, place, request) => {
    const { domain, data } = renewStatement(place, user, request);
    return connection.request('renew-key', {
      version: protocolVersion,
      user,
      first,
      renewals: [...renewals],
      request,
      signature: toBase64url(signer.sign(domain, data)),
    });
  });
}
