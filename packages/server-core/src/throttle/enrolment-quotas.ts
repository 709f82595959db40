/** How often certificates are issued: renewals by user, new names by host and in all. */
import { ProtocolError, type UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import { Quota } from './quota.ts';
import { liveSize, seconds } from './token-bucket.ts';

/** The limits that apply to enrolment and renewal. */
export type EnrolmentLimits = Pick<
  ServerLimits,
  'renewalsPerHour' | 'keyRenewalsPerDay' | 'newNamesPerHostAndHour' | 'newNamesPerHour'
>;

const limitReached = (message: string) => new ProtocolError('limit-reached', message);

/** One name for the quota of all hosts together. */
const everyHost = '*';

/** The quotas of the enrolment port. */
export class EnrolmentQuotas {
  readonly #limits: EnrolmentLimits;
  readonly #clock: () => number;
  readonly #renewals: Quota;
  readonly #keyRenewals: Quota;
  readonly #attempts: Quota;
  readonly #newNames: Quota;

  constructor(limits: EnrolmentLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#renewals = new Quota(liveSize(seconds.hour, () => limits.renewalsPerHour));
    this.#keyRenewals = new Quota(liveSize(seconds.day, () => limits.keyRenewalsPerDay));
    this.#attempts = new Quota(liveSize(seconds.hour, () => limits.newNamesPerHostAndHour));
    this.#newNames = new Quota(liveSize(seconds.hour, () => limits.newNamesPerHour));
  }

  /**
   * Counts a certificate for a user who has proved the registered key. Other requesters cannot use up a user's quota.
   *
   * @throws ProtocolError `limit-reached`
   */
  countRenewal(user: UserName): void {
    if (this.#renewals.take(user, this.#clock())) return;
    const { renewalsPerHour } = this.#limits;
    throw limitReached(`You can renew your certificate ${renewalsPerHour} times an hour: try again later.`);
  }

  /**
   * Counts a renewal of an identity key, which the owner of the registered key has signed.
   *
   * @throws ProtocolError `limit-reached`
   */
  countKeyRenewal(user: UserName): void {
    if (this.#keyRenewals.take(user, this.#clock())) return;
    const { keyRenewalsPerDay } = this.#limits;
    throw limitReached(`You can renew your identity key ${keyRenewalsPerDay} times a day: try again later.`);
  }

  /**
   * Counts an attempt to enrol a new name, whatever its outcome: each one shows whether a name is taken.
   *
   * @param host address or network of the requester
   * @throws ProtocolError `limit-reached`
   */
  countAttempt(host: string): void {
    const now = this.#clock();
    if (!this.#attempts.take(host, now)) {
      const { newNamesPerHostAndHour } = this.#limits;
      throw limitReached(
        `This server accepts ${newNamesPerHostAndHour} enrolments an hour from one address: try again later.`,
      );
    }
    if (!this.#newNames.has(everyHost, now)) {
      throw limitReached('This server has accepted as many new users as it accepts in an hour: try again later.');
    }
  }

  /** Counts a name that has been bound to a key. */
  countNewName(): void {
    this.#newNames.take(everyHost, this.#clock());
  }
}
