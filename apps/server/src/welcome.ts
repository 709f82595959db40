/** What the server prints once it listens. */
import { formatInvitationLine } from '@chat/protocol';
import type { Address } from '@chat/server-core';
import type { ServerRecord } from './server-record.ts';

export interface Welcome {
  readonly version: string;
  readonly record: ServerRecord;
  /** As bound. */
  readonly enrolment: Address;
  readonly chat: Address;
  readonly invitation: string | undefined;
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

export function welcome({ version, record, enrolment, chat, invitation }: Welcome): string {
  const line = lineOf(record, invitation);
  return `chat-server ${version}

listening    enrolment on ${shown(enrolment)}, chat on ${shown(chat)}
CA           ${grouped(record.caFingerprint, '             ')}
policy       ${policies[record.policy]}

To join, paste this line:
  ${line}
With the client of this project:
  npx --yes pnpm@12 --filter cli start '${line}'
`;
}
