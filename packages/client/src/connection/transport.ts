/** How a client reaches its server and makes keys for its connections. */
import type { Link } from './link.ts';

/** A key for TLS and its certificate, in PEM. */
export interface TlsIdentity {
  readonly privateKey: string;
  readonly certificate: string;
}

export interface Transport {
  /** TLS, the server proven by its pinned authority. Rejects with `ClientError` `unreachable`, `wrong-authority`. */
  openEnrolment(): Promise<Link>;
  /** Mutual TLS. Rejects as above, and with `certificate-refused`. */
  openChat(port: number, identity: TlsIdentity): Promise<Link>;
  /** A new TLS key and the request for its certificate, in PEM. */
  newRequest(user: string): { readonly privateKey: string; readonly request: string };
  /** When a certificate should be renewed, ms since 1970: with jitter, so that clients do not all come at once. */
  renewalTime(certificate: string): number;
}
