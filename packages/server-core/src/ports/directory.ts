/** Who is who: user names and their identity keys, invitations, and whose each certificate is. */
import type { PermanentRevocationReason } from '@chat/mini-ca';
import type { Identity, UserName } from '@chat/protocol';

/** An account as it begins. */
export interface NewAccount extends Identity {
  /** SubjectPublicKeyInfo of the identity key, DER. */
  readonly identity: Uint8Array;
  readonly enrolledAt: number;
}

export interface Account extends NewAccount {
  /** Since when, and why, this name and this key get in no more; null for those that do. */
  readonly revoked: Revoked | null;
}

export interface Revoked {
  readonly at: number;
  readonly reason: PermanentRevocationReason;
}

export interface Invitation {
  /** SHA-256 of the token, hex: the token itself is never stored. */
  readonly tokenHash: string;
  readonly expiresAt: number;
}

/** A client's certificate and whose it is; the certificate itself is in the ledger. */
export interface HeldCertificate {
  /** As the ledger has it. */
  readonly serial: string;
  readonly user: UserName;
  readonly notAfter: number;
}

export type Registration = 'registered' | 'known' | 'taken' | 'revoked' | 'invitation-refused';

/** Every change is durable when it resolves, and made in one step also when calls race. */
export interface Directory {
  findAccount(user: UserName): Promise<Account | null>;
  /** Accounts by name, from the first after `after`. */
  listAccounts(after: UserName | null, limit: number): Promise<readonly Account[]>;
  /**
   * Binds a name to a key, once:
   * `revoked` when the name, or any name of this key, was revoked; `known` when the name has this very key already
   * (nothing is used up), `taken` when it has another, `invitation-refused` when `invitation` is given and is not there,
   * used or expired at `account.enrolledAt`, else `registered`, and the invitation is used up.
   */
  register(account: NewAccount, invitation: string | null): Promise<Registration>;
  addInvitation(invitation: Invitation): Promise<void>;
  /**
   * Takes this account's access away for good, and that of every other name with the same key; nobody of them knocks
   * anywhere any more. What was revoked before keeps its time and reason. Returns all accounts of that key by name, none
   * for an unknown name.
   */
  revokeAccount(user: UserName, revoked: Revoked): Promise<readonly Account[]>;
  /** All that were revoked, by name. */
  revokedAccounts(): Promise<readonly Account[]>;
  /** Notes whose certificate this is. False, and nothing is noted, when their access was revoked: it MUST NOT be handed out. */
  assignCertificate(certificate: HeldCertificate): Promise<boolean>;
  /** Serial numbers of this user's certificates that end after `at`. */
  certificatesOf(user: UserName, at: number): Promise<readonly string[]>;
}
