/** The text that the server prints once it listens. */
import { formatInvitationLine } from '@chat/protocol';
import type { Address } from '@chat/server-core';
import { shellWord } from '../config/shell-word.ts';
import type { ServerRecord } from '../data/server-record.ts';
import { hoursText } from './invitation.ts';

/** The facts that the text states. */
export interface Welcome {
  readonly version: string;
  readonly record: ServerRecord;
  /** The addresses as bound. */
  readonly enrolment: Address;
  readonly chat: Address;
  /** The invitation line; null when it would hold a token and the output may be kept where others can read it. */
  readonly line: string | null;
  /** The data directory; null when it is the default, so that `invite` needs no `--data`. */
  readonly data: string | null;
  /** True when the programs have names of their own on this machine; false when pnpm starts them in the folder of their sources. */
  readonly isInstalled: boolean;
  /** How many hours an invitation is valid. */
  readonly invitationHours: number;
}

const policies: { readonly [Policy in ServerRecord['policy']]: (hours: number) => string } = {
  open: () => 'open: every user who reaches the enrolment port may enrol',
  invite: (hours) => `invite: each line enrols one user within ${hoursText(hours)}; \`chat-server invite\` prints more`,
  closed: () => 'closed: no new user may enrol',
};

/** Returns an invitation line for a server. */
export function invitationLineOf(record: ServerRecord, invitation?: string): string {
  const { publicHost, enrolmentPort, caFingerprint } = record;
  return formatInvitationLine({
    host: publicHost,
    port: enrolmentPort,
    fingerprint: caFingerprint,
    ...(invitation === undefined ? {} : { invitation }),
  });
}

const addressText = ({ host, port }: Address): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** Groups of four digits, eight groups to a line: users compare them. */
const grouped = (fingerprint: string, indent: string): string =>
  (fingerprint.toUpperCase().match(/.{4}/g) ?? []).join(' ').replace(/^(.{39}) /, `$1\n${indent}`);

function howToJoin({ line, data, isInstalled }: Welcome): string {
  const start = (name: string, app: string) => (isInstalled ? name : `npx --yes pnpm@12 --filter ${app} start`);
  if (line !== null) {
    return `Users join with this line:
  ${line}
and the client of this project:
  ${start('chat', 'cli')} '${line}'
`;
  }
  return `Invitation lines are secret, so the server prints them on a terminal only. Print one with:
  ${start('chat-server', 'server')} invite${data === null ? '' : ` --data ${shellWord(data)}`}
`;
}

/** Returns the text that the server prints once it listens. */
export function welcome(about: Welcome): string {
  const { version, record, enrolment, chat } = about;
  return `chat-server ${version}

listening    enrolment on ${addressText(enrolment)}, chat on ${addressText(chat)}
CA           ${grouped(record.caFingerprint, '             ')}
policy       ${policies[record.policy](about.invitationHours)}

${howToJoin(about)}`;
}
