/** Certificates for the user's TLS keys: the first one by enrolment, the next ones by renewal. */
import { enrolStatement, protocolVersion, renewStatement, toBase64url, type UserName } from '@chat/protocol';
import type { Signer } from '@chat/room';
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
  place: { readonly ca: string; readonly nonce: string; readonly channel: string },
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
    const place = { ca: connection.authority, nonce: greeting.nonce, channel: connection.channel };
    const { certificate } = await ask(connection, place, request);
    return { tls: { privateKey, certificate }, chatPort: greeting.chatPort };
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
