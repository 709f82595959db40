/** A login for one purpose: no run, no reconnection, and nothing that the server pushes is read. */
import { loginStatement, protocolVersion, toBase64url, type UserName } from '@chat/protocol';
import type { Signer } from '@chat/room';
import { type Connection, causeOf, greet } from './connection.ts';
import type { Certified, EnrolmentClient } from './enrolment.ts';

const ignore = () => undefined;

/**
 * Logs in. The caller closes the connection.
 *
 * @throws ProtocolError the server's refusal
 */
export async function loginOnce(
  { transport, scheduler }: Pick<EnrolmentClient, 'transport' | 'scheduler'>,
  { user, signer }: { readonly user: UserName; readonly signer: Signer },
  { tls, chatPort }: Certified,
): Promise<Connection> {
  const link = await transport.openChat(chatPort, tls);
  const { connection, greeting } = await greet(link, 'hello', scheduler, { push: ignore, closed: ignore });
  const place = { serverId: connection.serverId, nonce: greeting.nonce, channel: connection.channel };
  const { domain, data } = loginStatement(place, user);
  try {
    const signature = toBase64url(signer.sign(domain, data));
    await connection.request('login', { version: protocolVersion, user, signature });
    return connection;
  } catch (error) {
    connection.close();
    throw causeOf(error);
  }
}
