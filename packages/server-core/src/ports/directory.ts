/** Storage port for accounts, enrolment invitations, and the owner of each client certificate. */
import type { PermanentRevocationReason } from '@chat/mini-ca';
import type { Fingerprint, Identity, KeyChain, KeyRenewal, ProfileRun, UserName } from '@chat/protocol';

/** An account at its enrolment. */
export interface NewAccount extends Identity {
  /** SubjectPublicKeyInfo of the identity key, DER. */
  readonly identity: Uint8Array;
  /** Milliseconds. */
  readonly enrolledAt: number;
}

/** A stored account. */
export interface Account extends NewAccount {
  /** Null for an account that is not revoked. */
  readonly revoked: Revoked | null;
}

/** Time and reason of an account's revocation. */
export interface Revoked {
  /** Milliseconds. */
  readonly at: number;
  readonly reason: PermanentRevocationReason;
}

/** An enrolment invitation to add. */
export interface NewInvitation {
  /** SHA-256 of the token in hexadecimal. The token itself is never stored. */
  readonly tokenHash: string;
  /** Milliseconds. */
  readonly expiresAt: number;
  /** The one name that it enrols. While the invitation is open, no other one enrols under that name. Default: it enrols any name. */
  readonly user?: UserName;
  /** How many users it enrols. Default: 1. */
  readonly uses?: number;
}

/** An enrolment invitation that is open. */
export interface Invitation extends Required<Omit<NewInvitation, 'user'>> {
  /** Null: it enrols any name. */
  readonly user: UserName | null;
  /** How many more users it enrols. */
  readonly uses: number;
}

/** A client certificate and its owner. The certificate itself is in the CA's ledger. */
export interface HeldCertificate {
  /** Serial number as the ledger has it. */
  readonly serial: string;
  readonly user: UserName;
  /** Milliseconds. */
  readonly notAfter: number;
}

/** Outcome of `Directory.register`. */
export type Registration =
  /** The name is bound to the key now, and the invitation is used up. */
  | 'registered'
  /** The name was bound to this key before. No invitation is used up. */
  | 'known'
  /**
   * The name is bound to another key, which may be revoked; or a room has it as a member's or invited user's with another key,
   * which members have given back to a server that was restored from a backup.
   */
  | 'taken'
  /** A name of this key is revoked, or was until it was freed. */
  | 'revoked'
  /** The invitation is unknown, used, or expired at `enrolledAt`. */
  | 'invitation-refused'
  /** The invitation is for another name. */
  | 'invitation-for-another'
  /** An invitation for this name is open, and the request came without it. */
  | 'reserved';

/** A renewal of an account's key, as it is stored. */
export interface StoredRenewal extends KeyRenewal {
  /** The key before: SubjectPublicKeyInfo in base64url. */
  readonly previous: string;
}

/** Returns the renewals of a chain, each with the key before it. */
export const storedRenewals = ({ first, renewals }: KeyChain): readonly StoredRenewal[] =>
  renewals.map((renewal, index) => ({ ...renewal, previous: renewals[index - 1]?.key ?? first }));

/** Returns the chain that stored renewals make; null when there are none. */
export function chainOf(stored: readonly StoredRenewal[]): KeyChain | null {
  const [first] = stored;
  return first === undefined
    ? null
    : { first: first.previous, renewals: stored.map(({ previous: _, ...renewal }) => renewal) };
}

/** The renewals with which an account gets another key. */
export interface AccountRenewal {
  /** The fingerprint of the key that the account has. */
  readonly before: Fingerprint;
  /** The renewals that lead on from that key. */
  readonly renewals: readonly StoredRenewal[];
  /** Fingerprint and SubjectPublicKeyInfo (DER) of the last key. */
  readonly fingerprint: Fingerprint;
  readonly identity: Uint8Array;
}

/** Outcome of `Directory.renewKey`. */
export type RenewalOutcome =
  /** The account has the new key. */
  | 'renewed'
  /** The account is revoked. */
  | 'revoked'
  /** The account has another key than the renewals lead on from, or more renewals, or an account has the new key already. */
  | 'refused';

/** Every change is durable when its promise resolves, and atomic also when calls race. */
export interface Directory {
  findAccount(user: UserName): Promise<Account | null>;
  /** Returns accounts ordered by name, from the first name after `after` on. */
  listAccounts(after: UserName | null, limit: number): Promise<readonly Account[]>;
  /**
   * Binds a name to a key, once. Outcomes are checked in this order: `revoked`, `known`, `invitation-refused`,
   * `invitation-for-another`, `taken`, `reserved`, `registered`. So only the owner of a key learns that it is revoked, and without an invitation, where one is required,
   * no requester learns which names are taken.
   *
   * @param invitation hash of the token that is required; null when none is
   */
  register(account: NewAccount, invitation: string | null): Promise<Registration>;
  /**
   * Gives an account another key, and stores the renewals that lead to it. Deletes the user's prekey and knocks, which the key before
   * has signed.
   */
  renewKey(user: UserName, renewal: AccountRenewal): Promise<RenewalOutcome>;
  /** Returns the latest renewals of an account's key in their order: at most `limit`. */
  renewalsOf(user: UserName, limit: number): Promise<readonly StoredRenewal[]>;
  addInvitation(invitation: NewInvitation): Promise<void>;
  /** Returns the invitations that are neither used up nor expired at `at` (milliseconds), those that expire first at the front: at most `limit`. */
  openInvitations(at: number, limit: number): Promise<readonly Invitation[]>;
  /**
   * Withdraws an invitation: it enrols no user any more.
   *
   * @returns false when there is none with this hash, or it was used up
   */
  withdrawInvitation(tokenHash: string): Promise<boolean>;
  /**
   * Marks this account and every other account with the same key as revoked, permanently, and deletes their knocks. An account
   * that was revoked before keeps its time and reason.
   *
   * @returns all accounts with that key, ordered by name; empty for an unknown name
   */
  revokeAccount(user: UserName, revoked: Revoked): Promise<readonly Account[]>;
  /**
   * Frees the names of a revoked account's key: deletes these accounts with their prekeys, renewals, runs and owned certificates, and
   * remembers their keys, also those before a renewal, so that none of them registers again.
   *
   * @returns the names, ordered; empty for an unknown name and for one that is not revoked
   */
  freeNames(user: UserName, at: number): Promise<readonly UserName[]>;
  /** Returns all revoked accounts, ordered by name. */
  revokedAccounts(): Promise<readonly Account[]>;
  /**
   * Records the owner of a certificate. Only the `maxKept` certificates of the user that were recorded last are kept: what counts is
   * the order of the calls, not the dates of the certificates.
   *
   * @returns false, and nothing is recorded, when the user is unknown or revoked; the certificate MUST NOT be issued then
   */
  assignCertificate(certificate: HeldCertificate, maxKept: number): Promise<boolean>;
  /**
   * Makes this the user's latest run, unless the latest run so far is another one than this and the `earlier` ones.
   *
   * @returns null when it is the latest run now; otherwise when the other run began, in milliseconds, and nothing is changed
   */
  enterRun(user: UserName, run: ProfileRun, at: number): Promise<number | null>;
  /** Returns the serial numbers of the user's certificates that are kept, expired ones too, in the order of `assignCertificate`. */
  certificatesOf(user: UserName): Promise<readonly string[]>;
  /** Forgets the owners of the certificates that expired before `before` (milliseconds). */
  forgetCertificates(before: number): Promise<void>;
}
