/** The invitation line, which a user pastes to enrol at a server: `chat://host:port#fingerprint.invitation`. */
import { base64url, fingerprint } from './values.ts';

/** The ports that a server listens on by default. */
export const defaultPorts = { enrolment: 9998, chat: 9009 } as const;

/** The parts of an invitation line. */
export interface InvitationLine {
  /** Host name or IP address, an IPv6 address without brackets. */
  readonly host: string;
  /** Enrolment port. */
  readonly port: number;
  /** Fingerprint of the server's CA, 64 hex characters. Without it the client asks the user to confirm the fingerprint. */
  readonly fingerprint?: string;
  /** Enrolment invitation: a one-time token for a server whose enrolment policy is `invite`. */
  readonly invitation?: string;
}

/** Formats an invitation line. */
export function formatInvitationLine({ host, port, fingerprint: ca, invitation }: InvitationLine): string {
  const address = `chat://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (ca === undefined) return address;
  return `${address}#${ca}${invitation === undefined ? '' : `.${invitation}`}`;
}

/** Parses an invitation line, with or without `chat://` and the port; null when the text is not an invitation line. */
export function parseInvitationLine(text: string): InvitationLine | null {
  const match = /^(?:chat:\/\/)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?(?:#([^#]*))?$/.exec(text.trim());
  const host = match?.[1];
  if (host === undefined) return null;

  const port = Number(match?.[2] ?? defaultPorts.enrolment);
  if (port < 1 || port > 65535) return null;

  const address = { host: host.replace(/^\[|\]$/g, ''), port };
  if (match?.[3] === undefined) return address;

  const [ca = '', invitation, ...rest] = match[3].split('.');
  const digits = ca.toLowerCase().replaceAll(':', '');
  if (rest.length > 0 || !fingerprint.safeParse(digits).success) return null;
  if (invitation === undefined) return { ...address, fingerprint: digits };
  return base64url(100).safeParse(invitation).success ? { ...address, fingerprint: digits, invitation } : null;
}
