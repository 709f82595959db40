/** Logging in: the certificate says who connects, the directory which key they have, and the signature proves it. */
import { loginStatement, ProtocolError, type RequestOf, type ResultOf } from '@chat/protocol';
import { signedBy } from '../identity/registered-user.ts';
import type { ChatCall } from './chat-call.ts';

export async function login(request: RequestOf<'login'>, call: ChatCall): Promise<ResultOf<'login'>> {
  const peer = await call.peer;
  const { person, certified } = peer;
  if (request.user !== person.user) {
    throw new ProtocolError(
      'login-refused',
      `The certificate is ${person.user}'s and the login ${request.user}'s: use the certificate of the one who logs in.`,
    );
  }
  if (!signedBy(person.verifier, loginStatement(call.challenge, person.user), request.signature)) {
    throw new ProtocolError(
      'login-refused',
      'The signature does not match the registered key and this connection: sign the nonce of this very connection.',
    );
  }
  call.admit(peer);
  return { user: person.user, fingerprint: person.fingerprint, certificateExpiresAt: certified.expiresAt };
}
