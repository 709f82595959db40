/**
 * The certificate authority. Each certificate for a request passes the same steps: verify the proof of possession, ask `authorise`,
 * check the rules of the profile, sign, append to the ledger. For a request that `check` has prepared, the proof of possession and
 * the rules come before `authorise`. Only recorded certificates are returned.
 */
import { requireOptions, requireText } from '../arguments.ts';
import { CaError, quoted } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type CheckedRequest, type ParsedRequest, parseRequest } from '../x509/request.ts';
import { randomSerial } from '../x509/serial-number.ts';
import type { IssuedCertificate } from '../x509/signed-certificate.ts';
import {
  type AuthorityOptions,
  type ContextArgument,
  contextOf,
  type Grant,
  requireAuthorityOptions,
  requireGrant,
} from './authority-options.ts';
import { CertificateTemplate, type Subject } from './certificate-template.ts';
import { type CrlOptions, type PermanentRevocationReason, requirePermanentReason, signedCrl } from './create-crl.ts';
import { crossSignedCertificate } from './cross-sign.ts';
import { type Issuer, issuerFrom } from './issuer.ts';
import { type Profile, profiles } from './profile.ts';
import { requireKey, requireLifetime, requireNames } from './profile-rules.ts';
import { type Renewal, requireRenewable, requireRenewal } from './renewal.ts';
import { requireOnlyGranted } from './requested-extras.ts';
import { validityWithin } from './validity.ts';

/**
 * A request that `CertificateAuthority.check` has accepted for a grant. Only the authority that returned it can issue it, and
 * this object's own properties are for information: the authority keeps what it has checked.
 */
export interface PreparedRequest {
  /** The request, whose signature has been verified. */
  readonly request: CheckedRequest;
  /** The grant that was passed to `check`. */
  readonly grant: Grant;
}

/** What the rules have passed. It holds copies, which later changes to the grant's objects do not reach. */
interface CheckedGrant {
  readonly template: CertificateTemplate;
  readonly subject: Subject;
  /** The profile's name. */
  readonly profile: string;
  readonly lifetimeMs: number;
}

interface Prepared {
  readonly parsed: ParsedRequest;
  readonly checked: CheckedGrant;
}

/** Returns a copy to hand out, so that no change to it reaches what is checked and signed. */
function copyOf(info: CheckedRequest): CheckedRequest {
  return { ...info, names: structuredClone(info.names), extensions: [...info.extensions] };
}

/**
 * Issues, renews and revokes certificates, and records all of them in a ledger. `Context` is what `issue` and `renew` pass to
 * `authorise`: by default the grant on which their caller has decided.
 */
export class CertificateAuthority<Context = Grant | null> {
  /** PEM of the CA certificate. */
  readonly certificate: string;
  readonly #issuer: Issuer;
  readonly #ledger: Ledger;
  readonly #authorise: AuthorityOptions<Context>['authorise'];
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #templates = new Map<string, CertificateTemplate>();
  readonly #clock: () => Date;
  readonly #prepared = new WeakMap<PreparedRequest, Prepared>();
  /** Resolves when the revocation list that was started last is done or has failed. */
  #crls: Promise<void> = Promise.resolve();

  /**
   * Creates an authority from a CA certificate and its key.
   *
   * @throws CaError `not-a-ca`, `key-mismatch`, `weak-key`, `unsupported-algorithm`, `FormErrorCode`
   */
  constructor(options: AuthorityOptions<Context>) {
    requireAuthorityOptions(options);
    this.certificate = options.certificate;
    this.#issuer = issuerFrom(options.certificate, options.privateKey);
    this.#ledger = options.ledger;
    this.#authorise = options.authorise;
    this.#profiles = new Map<string, Profile>(Object.entries({ ...profiles, ...options.profiles }));
    this.#clock = options.clock ?? (() => new Date());
  }

  /**
   * Checks whether `issue` would sign this request if `authorise` granted this. Use it before steps that must not happen for a
   * request that is refused later, and pass the result to `issue`. It does not ask `authorise`, and signs and records nothing.
   *
   * @param request PEM or DER
   * @throws CaError as `issue`, except for the codes of the decision and of the ledger
   */
  check(request: string | Uint8Array, grant: Grant): PreparedRequest {
    const parsed = parseRequest(request);
    requireGrant(grant);
    const checked = this.#checkGrant(parsed, grant);
    validityWithin(this.#issuer, { now: this.#clock(), lifetimeMs: checked.lifetimeMs });
    const prepared = Object.freeze({ request: copyOf(parsed.info), grant });
    this.#prepared.set(prepared, { parsed, checked });
    return prepared;
  }

  /**
   * Issues a certificate for the key of the request. What `check` returned is not parsed and verified again; if `authorise`
   * returns the very grant that was checked, the certificate says exactly what was checked then, and any other grant is checked
   * first.
   *
   * @param request PEM, DER, or a result of `check` of this authority
   * @param context passed to `authorise`. Default: null
   * @throws CaError of the request: `FormErrorCode`, `bad-name`, `no-possession`, `weak-key`, `weak-digest`,
   *   `unsupported-algorithm`
   * @throws CaError of the decision: `not-authorised`, and anything that `authorise` throws
   * @throws CaError of the requested names and extensions: `name-not-granted`, `ca-not-allowed`, `purpose-not-allowed`,
   *   `extension-not-allowed`
   * @throws CaError of the profile: `key-not-allowed`, `name-kind-not-allowed`, `wildcard-not-allowed`,
   *   `look-alike-name`, `lifetime-not-allowed`, `path-too-long`
   * @throws CaError `issuer-not-valid`, `bad-argument`; of the ledger `ledger-failed`
   */
  async issue(
    request: string | Uint8Array | PreparedRequest,
    ...context: ContextArgument<Context>
  ): Promise<IssuedCertificate> {
    if (typeof request === 'string' || ArrayBuffer.isView(request)) {
      return this.#issue(parseRequest(request), contextOf(context), null);
    }
    const isObject = typeof request === 'object' && request !== null;
    const prepared = isObject ? this.#prepared.get(request) : undefined;
    if (prepared === undefined) throw new CaError('bad-argument', 'not PEM, DER, or a result of `check` of this CA');
    const grant = await this.#ask(prepared.parsed, contextOf(context), null);
    return this.#sign(grant === request.grant ? prepared.checked : this.#checkGrant(prepared.parsed, grant));
  }

  /**
   * Issues a certificate in place of one that this CA has issued, for the same key or a new one. The key of the old certificate has
   * signed the renewal. `authorise` decides again; `previous` is the grant of the old certificate.
   *
   * @param renewal a result of `createRenewal`
   * @param context passed to `authorise`. Default: null
   * @throws CaError as `issue`
   * @throws CaError `unknown-serial`, `already-revoked`, `expired`, `bad-proof`
   */
  async renew(renewal: Renewal, ...context: ContextArgument<Context>): Promise<IssuedCertificate> {
    requireRenewal(renewal);
    const request = parseRequest(renewal.request);
    const { serial, fingerprint, subject, names } = requireRenewable(renewal, request, this.#clock()).info;
    const entry = await this.#ledger.find(serial);
    if (entry === null || entry.fingerprint !== fingerprint) {
      throw new CaError('unknown-serial', 'this CA has not issued the certificate to be renewed');
    }
    if (entry.revoked !== null) throw new CaError('already-revoked', 'the certificate to be renewed is revoked');
    const { profile, lifetimeMs } = entry;
    const previous = { profile, names: { ...subject, ...names }, lifetimeMs };
    const issued = await this.#issue(request, contextOf(context), previous);
    await this.#requireNotRevoked(serial, issued);
    return issued;
  }

  /**
   * Revokes a certificate permanently. The next list of `createCrl` publishes the revocation.
   *
   * @param serial lower-case hexadecimal
   * @param reason default: `unspecified`
   * @throws CaError `unknown-serial`, `already-revoked`; `bad-argument` for `certificateHold`, which is not permanent
   */
  async revoke(serial: string, reason: PermanentRevocationReason = 'unspecified'): Promise<void> {
    requireText('serial', serial);
    requirePermanentReason(reason);
    await this.#ledger.append({ type: 'revoked', serial, at: this.#clock().getTime(), reason });
  }

  /**
   * Creates a revocation list of all revoked certificates that have not expired (RFC 5280 section 5).
   *
   * @returns PEM
   * @throws CaError `bad-argument`, `issuer-not-valid`; `not-a-ca` when the CA's certificate may not sign lists
   */
  async createCrl(options: CrlOptions = {}): Promise<string> {
    requireOptions('createCrl', options, { lifetimeMs: true });
    // One at a time, because each list needs its own number.
    const crl = this.#crls.then(() => this.#createCrl(options));
    this.#crls = crl.then(
      () => {},
      () => {},
    );
    return crl;
  }

  /**
   * Issues a cross-certificate: a certificate by this CA for the name and key of another root. Peers that trust only this CA accept
   * certificates by the other root if the cross-certificate is sent with them.
   *
   * @param root PEM or DER of a self-signed CA certificate
   * @throws CaError `not-a-ca`, `bad-signature`, `path-too-long`, `issuer-not-valid`, `weak-key`
   */
  async crossSign(root: string | Uint8Array): Promise<IssuedCertificate> {
    const issued = crossSignedCertificate(this.#issuer, root, this.#clock());
    return this.#record(issued, 'cross-signed', issued.notAfter.getTime() - issued.notBefore.getTime());
  }

  async #createCrl(options: CrlOptions): Promise<string> {
    const now = this.#clock();
    const latest = await this.#ledger.latestCrl();
    const number = (latest?.number ?? 0) + 1;
    const state = { now, number, latest, revoked: await this.#ledger.revoked() };
    const { crl, nextUpdate } = signedCrl(this.#issuer, state, options);
    await this.#ledger.append({ type: 'crl', number, at: now.getTime(), nextUpdate: nextUpdate.getTime() });
    return crl;
  }

  async #issue(request: ParsedRequest, context: Context, previous: Grant | null): Promise<IssuedCertificate> {
    const grant = await this.#ask(request, context, previous);
    return this.#sign(this.#checkGrant(request, grant));
  }

  async #ask({ info }: ParsedRequest, context: Context, previous: Grant | null): Promise<Grant> {
    const grant = await this.#authorise({ request: copyOf(info), context, previous });
    if (!grant) throw new CaError('not-authorised', '`authorise` has granted nothing to this request');
    requireGrant(grant);
    return grant;
  }

  /** Applies every rule that does not depend on the time. */
  #checkGrant(request: ParsedRequest, grant: Grant): CheckedGrant {
    const template = this.#template(grant.profile);
    const { profile } = template;
    const lifetimeMs = grant.lifetimeMs ?? profile.lifetimeMs;

    requireKey(profile, request.info.publicKey);
    const names = requireNames(profile, grant.names);
    requireOnlyGranted(profile, names, request);
    requireLifetime(profile, lifetimeMs);
    const subject = { keyType: request.info.keyType, spki: request.spki, names };
    return { template, subject, profile: grant.profile, lifetimeMs };
  }

  /** Every certificate for a request is signed here. */
  async #sign({ template, subject, profile, lifetimeMs }: CheckedGrant): Promise<IssuedCertificate> {
    const validity = validityWithin(this.#issuer, { now: this.#clock(), lifetimeMs });
    const issued = template.certificateFor(subject, validity, randomSerial());
    return this.#record(issued, profile, lifetimeMs);
  }

  /** Revokes the new certificate if the old one was revoked while the renewal was in progress. */
  async #requireNotRevoked(serial: string, issued: IssuedCertificate): Promise<void> {
    const revoked = (await this.#ledger.find(serial))?.revoked;
    if (!revoked) return;
    const { reason } = revoked;
    await this.#ledger.append({ type: 'revoked', serial: issued.serial, at: this.#clock().getTime(), reason });
    throw new CaError('already-revoked', 'the certificate to be renewed was revoked during the renewal');
  }

  /** Appends a certificate to the ledger. No certificate is returned before this resolves. */
  async #record(issued: IssuedCertificate, profile: string, lifetimeMs: number): Promise<IssuedCertificate> {
    await this.#ledger.append({
      type: 'issued',
      serial: issued.serial,
      at: this.#clock().getTime(),
      profile,
      lifetimeMs,
      notBefore: issued.notBefore.getTime(),
      notAfter: issued.notAfter.getTime(),
      fingerprint: issued.fingerprint,
      certificate: Buffer.from(issued.der).toString('base64'),
    });
    return issued;
  }

  #template(name: string): CertificateTemplate {
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const profile = this.#profiles.get(name);
    if (profile === undefined) throw new CaError('bad-argument', `there is no profile ${quoted(name)}`);
    const template = new CertificateTemplate(this.#issuer, profile);
    this.#templates.set(name, template);
    return template;
  }
}
