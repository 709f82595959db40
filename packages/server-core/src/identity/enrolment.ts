/** Enrolment binds a user name to an identity key, once. Enrolment and renewal issue certificates to the owner of that key. */
import { createHash } from 'node:crypto';
import {
  chainFrom,
  enrolStatement,
  type Fingerprint,
  fingerprintOfKey,
  keysOfChain,
  ProtocolError,
  type RequestOf,
  renewStatement,
  type UserName,
} from '@chat/protocol';
import type { Verifier } from '@chat/signatures';
import { type Directory, type Registration, storedRenewals } from '../ports/directory.ts';
import { type EnrolmentLimits, EnrolmentQuotas } from '../throttle/enrolment-quotas.ts';
import type { Certificates } from './certificates.ts';
import { earlierKeyError, type KeyReader, verifiedChain, verifierOf } from './key-chain.ts';
import { accessRevokedError, findUser, isSignedBy, notProvedError, requireProof } from './registered-user.ts';

/** Who may enrol: every user, users with an invitation, or no new user. */
export type EnrolmentPolicy = 'open' | 'invite' | 'closed';

/** Values that bind a signed statement to one connection to one server. */
export interface Challenge {
  /** The server id: fingerprint of the server's first CA certificate. */
  readonly serverId: string;
  readonly nonce: string;
  /** The connection's TLS exporter value in base64url. */
  readonly channel: string;
}

/** The connection of an enrolment. */
export interface EnrolmentPeer extends Challenge {
  /** The client's address or network, by which new names are counted. */
  readonly host: string;
}

/** Options of `Enrolment`. `clock` returns milliseconds. */
export interface EnrolmentOptions {
  readonly directory: Directory;
  readonly certificates: Pick<Certificates, 'checkRequest' | 'issueClient'>;
  /** Who may enrol at first. */
  readonly policy: EnrolmentPolicy;
  readonly clock: () => number;
  readonly limits: EnrolmentLimits;
  /** Called when a user has another key, with the one before. Resolves when no session and no link of that one is left. */
  readonly keyRenewed: (user: UserName, before: Fingerprint) => Promise<void>;
  /** Reads identity keys. Default: `verifierOf`, for keys of P-384. */
  readonly readKey?: KeyReader;
}

/** Enrols users and renews their certificates, as the policy allows. */
export class Enrolment {
  readonly #options: EnrolmentOptions;
  readonly #quotas: EnrolmentQuotas;
  readonly #readKey: KeyReader;
  /** Who may enrol. It may be changed at any time. */
  policy: EnrolmentPolicy;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
    this.policy = options.policy;
    this.#readKey = options.readKey ?? verifierOf;
    this.#quotas = new EnrolmentQuotas(options.limits, options.clock);
  }

  /**
   * Binds the name to the key, unless it is bound already, and issues a certificate.
   *
   * @returns PEM
   * @throws ProtocolError `login-refused`, `certificate-request-refused`, `user-name-taken`, `access-revoked`,
   *   `enrolment-closed`, `invitation-required`, `invitation-refused`, `malformed-request`, `limit-reached`
   */
  async enrol(request: RequestOf<'enrol'>, peer: EnrolmentPeer): Promise<string> {
    const { directory, certificates } = this.#options;
    const verifier = this.#requireVerifier(request.identity);
    const statement = enrolStatement(peer, request.user, request.request);
    if (!(await isSignedBy(verifier, statement, request.signature))) throw notProvedError();
    const { user } = request;
    const known = await directory.findAccount(user);
    const isKnown = known?.fingerprint === verifier.fingerprint;
    if (isKnown) {
      if (known.revoked !== null) throw accessRevokedError(user);
      this.#quotas.countRenewal(user);
    } else this.#quotas.countAttempt(peer.host);
    // Checked first, so that a request which gets no certificate binds no name and uses up no invitation.
    const checked = certificates.checkRequest({ user, fingerprint: verifier.fingerprint }, request.request);
    if (!isKnown) await this.#register(request, verifier);
    return certificates.issueClient(checked);
  }

  /**
   * Issues another certificate, whether the last one has expired or not.
   *
   * @returns PEM
   * @throws ProtocolError `login-refused`, `certificate-request-refused`, `access-revoked`,
   *   `limit-reached`
   */
  async renew(request: RequestOf<'renew'>, challenge: Challenge): Promise<string> {
    const { directory, certificates } = this.#options;
    const found = await findUser(directory, request.user);
    const statement = renewStatement(challenge, request.user, request.request);
    const user = await requireProof(found, statement, request.signature).catch(async (error: unknown) => {
      const [latest] = await directory.renewalsOf(request.user, 1);
      const before = latest === undefined ? null : this.#readKey(latest.previous);
      const isBefore = before !== null && (await isSignedBy(before, statement, request.signature));
      throw found !== null && isBefore ? earlierKeyError(found) : error;
    });
    this.#quotas.countRenewal(user.user);
    return certificates.issueClient(certificates.checkRequest(user, request.request));
  }

  /**
   * Binds the name to the last key of the chain, if the chain leads on from the registered key, and issues a certificate for it. A
   * client that did not receive the answer asks again, and so does one whose server was restored from a backup.
   *
   * @returns PEM
   * @throws ProtocolError `login-refused`, `certificate-request-refused`, `access-revoked`, `limit-reached`
   */
  async renewKey({ user, request, signature, ...chain }: RequestOf<'renew-key'>, peer: EnrolmentPeer): Promise<string> {
    const { directory, certificates, keyRenewed } = this.#options;
    // First what does not depend on the user, so that a stranger does not learn whether the name is registered.
    const verifier = verifiedChain(chain, { serverId: peer.serverId, user }, this.#readKey);
    const isProved = verifier !== null && (await isSignedBy(verifier, renewStatement(peer, user, request), signature));
    const account = isProved ? await directory.findAccount(user) : null;
    if (!isProved || account === null) throw notProvedError();
    const { fingerprint: before } = account;
    const isRegistered = before === verifier.fingerprint;
    const rest = chainFrom(chain, before);
    if (!isRegistered && rest === null) throw notProvedError();
    if (account.revoked !== null) throw accessRevokedError(user);
    if (isRegistered) this.#quotas.countRenewal(user);
    else this.#quotas.countKeyRenewal(user);
    const { fingerprint, publicKey: identity } = verifier;
    const checked = certificates.checkRequest({ user, fingerprint }, request);
    if (!isRegistered && rest !== null) {
      const outcome = await directory.renewKey(user, {
        ...{ before, fingerprint, identity },
        renewals: storedRenewals(rest),
      });
      if (outcome === 'revoked') throw accessRevokedError(user);
      // Another renewal was faster, or a user has the new key already.
      if (outcome === 'refused') throw notProvedError();
    }
    // Also after a repetition: the first request may have been cut off before.
    for (const key of keysOfChain(chain).slice(0, -1)) await keyRenewed(user, fingerprintOfKey(key));
    return certificates.issueClient(checked);
  }

  async #register({ user, invitation }: RequestOf<'enrol'>, verifier: Verifier): Promise<void> {
    const { directory, clock } = this.#options;
    const { fingerprint, publicKey: identity } = verifier;
    const account = { user, fingerprint, identity, enrolledAt: clock() };
    const hash = invitation === undefined ? null : createHash('sha256').update(invitation).digest('hex');
    this.#requireAdmission(invitation);
    let registration = await directory.register(account, hash);
    // An open server takes an invitation because a name may be kept for it, and enrols without a valid one, too.
    if (this.policy === 'open' && isRefusedInvitation(registration)) {
      registration = await directory.register(account, null);
    }
    requireRegistered(registration, user);
    if (registration === 'registered') this.#quotas.countNewName();
  }

  #requireVerifier(identityKey: string): Verifier {
    const verifier = this.#readKey(identityKey);
    if (verifier !== null) return verifier;
    throw new ProtocolError(
      'malformed-request',
      'identity: must be a P-384 public key as SubjectPublicKeyInfo in base64url.',
    );
  }

  /** Requires what the policy requires of every new user. */
  #requireAdmission(token: string | undefined): void {
    const { policy } = this;
    if (policy === 'closed') {
      throw new ProtocolError('enrolment-closed', 'This server accepts no new users: contact its operator.');
    }
    if (policy === 'invite' && token === undefined) {
      throw new ProtocolError(
        'invitation-required',
        'New users need an invitation here: ask the operator of this server for an invitation line.',
      );
    }
  }
}

const isRefusedInvitation = (registration: Registration): boolean =>
  registration === 'invitation-refused' || registration === 'invitation-for-another';

function requireRegistered(registration: Registration, user: UserName): void {
  if (registration === 'revoked') throw accessRevokedError(user);
  if (registration === 'taken') {
    throw new ProtocolError('user-name-taken', `${user} is registered with another key: choose another name.`);
  }
  if (registration === 'reserved') {
    throw new ProtocolError(
      'user-name-taken',
      `${user} is kept for a user whom the operator has invited: use that invitation line, or choose another name.`,
    );
  }
  if (registration === 'invitation-for-another') {
    throw new ProtocolError(
      'invitation-refused',
      `This invitation is for one user name, which is not ${user}: enrol under the name that it was made for.`,
    );
  }
  if (registration === 'invitation-refused') {
    throw new ProtocolError(
      'invitation-refused',
      'This invitation is unknown, used or expired: ask the operator of this server for a new one.',
    );
  }
}
