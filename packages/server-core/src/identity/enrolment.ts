/** Enrolment: a name is bound to an identity key once, and whoever holds that key is given certificates from then on. */
import { createHash } from 'node:crypto';
import { enrolStatement, fromBase64url, ProtocolError, type RequestOf, renewStatement } from '@chat/protocol';
import { importVerifier, SignatureError, type Verifier } from '@chat/signatures';
import type { Directory, Registration } from '../ports/directory.ts';
import type { Certificates } from './certificates.ts';
import { accessRevokedError, findRegisteredUser, signedBy } from './registered-user.ts';

export type EnrolmentPolicy = 'open' | 'invite' | 'closed';

/** What binds a statement to one connection to one server. */
export interface Challenge {
  /** Fingerprint of the server's CA certificate. */
  readonly ca: string;
  readonly nonce: string;
  /** The connection's TLS exporter value in base64url. */
  readonly channel: string;
}

const badSignature = () =>
  new ProtocolError(
    'login-refused',
    'The signature does not match this identity key and this connection: sign the nonce of this very connection.',
  );

export class Enrolment {
  readonly #directory: Directory;
  readonly #certificates: Certificates;
  readonly #policy: EnrolmentPolicy;
  readonly #clock: () => number;

  constructor(directory: Directory, certificates: Certificates, policy: EnrolmentPolicy, clock: () => number) {
    this.#directory = directory;
    this.#certificates = certificates;
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Binds the name to the key, unless that was done before, and answers with a certificate in PEM. */
  async enrol(request: RequestOf<'enrol'>, challenge: Challenge): Promise<string> {
    const verifier = identityOf(request.identity);
    const statement = enrolStatement(challenge, request.user, request.request);
    if (!signedBy(verifier, statement, request.signature)) throw badSignature();
    const holder = { user: request.user, fingerprint: verifier.fingerprint };
    // A name is not bound, nor an invitation used up, for a request that gets no certificate.
    const checked = this.#certificates.checkRequest(holder, request.request);

    const known = await findRegisteredUser(this.#directory, request.user);
    if (known?.fingerprint !== verifier.fingerprint) await this.#register(request, verifier);
    return this.#certificates.issueClient(checked);
  }

  /** Another certificate in PEM, whether the last one has expired or not. */
  async renew(request: RequestOf<'renew'>, challenge: Challenge): Promise<string> {
    const person = await findRegisteredUser(this.#directory, request.user);
    if (person === null) {
      throw new ProtocolError('unknown-user', `Nobody is registered here as ${request.user}: enrol first.`);
    }
    const statement = renewStatement(challenge, request.user, request.request);
    if (!signedBy(person.verifier, statement, request.signature)) throw badSignature();
    return this.#certificates.issueClient(this.#certificates.checkRequest(person, request.request));
  }

  async #register({ user, invitation }: RequestOf<'enrol'>, verifier: Verifier): Promise<void> {
    const { fingerprint, publicKey: identity } = verifier;
    const account = { user, fingerprint, identity, enrolledAt: this.#clock() };
    refuse(await this.#directory.register(account, this.#invitation(invitation)), user);
  }

  /** The hash of the invitation that must be used up; null when none is needed. */
  #invitation(token: string | undefined): string | null {
    if (this.#policy === 'open') return null;
    if (this.#policy === 'closed') {
      throw new ProtocolError('enrolment-closed', 'This server takes no new members: ask whoever runs it.');
    }
    if (token === undefined) {
      throw new ProtocolError(
        'invitation-required',
        'New members need an invitation here: ask whoever runs this server for an invitation line.',
      );
    }
    return createHash('sha256').update(token).digest('hex');
  }
}

function identityOf(key: string): Verifier {
  try {
    return importVerifier(fromBase64url(key));
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new ProtocolError('malformed-request', 'identity: a P-384 public key as SubjectPublicKeyInfo in base64url.');
  }
}

function refuse(registration: Registration, user: string): void {
  if (registration === 'revoked') throw accessRevokedError(user);
  if (registration === 'taken') {
    throw new ProtocolError('user-name-taken', `${user} is registered with another key: choose another name.`);
  }
  if (registration === 'invitation-refused') {
    throw new ProtocolError(
      'invitation-refused',
      'This invitation is unknown, used or expired: ask whoever runs this server for a new one.',
    );
  }
}
