/** The login: the certificate names the user, the directory has the user's key, and the signature proves its possession. */
import { loginStatement, ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import { requireProof } from '../identity/registered-user.ts';
import type { ChatCall } from './chat-call.ts';

/** Logs the user in whom the connection's certificate names. */
export async function login(request: RequestOf<'login'>, call: ChatCall): Promise<ResultOf<'login'>> {
  const peer = await call.peer;
  if (peer === null) throw new Error('The guard of the login allows one login.');
  const { user, fingerprint, certificateExpiresAt } = peer;
  if (request.user !== user) {
    throw new ProtocolError(
      'login-refused',
      `The certificate is for ${user} and the login for ${request.user}: connect with the certificate of ${request.user}.`,
    );
  }
  await requireProof(peer, loginStatement(call.challenge, user), request.signature);
  if (peer.hasSupersededCertificate) {
    throw new ProtocolError(
      'certificate-superseded',
      `This server has issued newer certificates for ${user}: renew this one on the enrolment port, then connect again.`,
    );
  }
  const { run } = request;
  if (run !== undefined) await call.services.runs.enter(user, run);
  call.admit(peer, run?.id ?? null);
  return { user, fingerprint, certificateExpiresAt };
}
