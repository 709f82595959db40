/** Who is who: user names and their identity keys, invitations, and the ledger of issued certificates. */
import type { Fingerprint, UserName } from '@chat/protocol';

export interface Account {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo of the identity key, DER. */
  readonly identity: Uint8Array;
  readonly enrolledAt: number;
}

export interface Invitation {
  /** SHA-256 of the token, hex: the token itself is never stored. */
  readonly tokenHash: string;
  readonly expiresAt: number;
}

export interface IssuedCertificate {
  /** Hex. */
  readonly serial: string;
  /** Null for the server's own. */
  readonly user: UserName | null;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly issuedAt: number;
}

export type Registration = 'registered' | 'known' | 'taken' | 'invitation-refused';

export interface Directory {
  findAccount(user: UserName): Promise<Account | null>;
  /**
   * Binds a name to a key, once. In one step, durable when it resolves:
   * `known` when the name has this very key already (nothing is used up), `taken` when it has another,
   * `invitation-refused` when `invitation` is given and is not there, used or expired at `account.enrolledAt`,
   * else `registered`, and the invitation is used up.
   */
  register(account: Account, invitation: string | null): Promise<Registration>;
  addInvitation(invitation: Invitation): Promise<void>;
  /** MUST be durable before the certificate is handed out. Throws when the serial was recorded before. */
  recordCertificate(certificate: IssuedCertificate): Promise<void>;
}
