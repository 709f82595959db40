/** What the server prints once it listens. */
import { formatInvitationLine } from '@chat/protocol';
import type { Address } from '@chat/server-core';
import type { ServerRecord } from '../data/server-record.ts';

export interface Welcome {
  readonly version: string;
  readonly record: ServerRecord;
  /** As bound. */
  readonly enrolment: Address;
  readonly chat: Address;
  /** The line to paste; null where it would hold a token and what is printed may be kept for others to read. */
  readonly line: string | null;
  /** The data directory, when `invite` must be told. */
  readonly data: string | null;
}

const policies = {
  open: 'open: whoever can reach the enrolment port may join',
  invite: 'invite: each line admits one person, within 24 hours; `chat-server invite` prints more',
  closed: 'closed: nobody new may join',
} as const;

/** The line to paste. */
export function lineOf({ publicHost, enrolmentPort, caFingerprint }: ServerRecord, invitation?: string): string {
  return formatInvitationLine({
    host: publicHost,
    port: enrolmentPort,
    fingerprint: caFingerprint,
    ...(invitation === undefined ? {} : { invitation }),
  });
}

const shown = ({ host, port }: Address): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** In groups of four, eight to a line: as people compare it. */
const grouped = (fingerprint: string, indent: string): string =>
  (fingerprint.toUpperCase().match(/.{4}/g) ?? []).join(' ').replace(/^(.{39}) /, `$1\n${indent}`);

const quotedForShell = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function joining({ line, data }: Welcome): string {
  if (line !== null) {
    return `To join, paste this line:
  ${line}
With the client of this project:
  npx --yes pnpm@12 --filter cli start '${line}'
`;
  }
  return `To let somebody join, print a line for them; it is a secret, so it is not in what a server prints to a file:
  npx --yes pnpm@12 --filter server start invite${data === null ? '' : ` --data ${quotedForShell(data)}`}
`;
}

export function welcome(about: Welcome): string {
  const { version, record, enrolment, chat } = about;
  return `chat-server ${version}

listening    enrolment on ${shown(enrolment)}, chat on ${shown(chat)}
CA           ${grouped(record.caFingerprint, '             ')}
policy       ${policies[record.policy]}

${joining(about)}`;
}
