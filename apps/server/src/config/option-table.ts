/** Every option: which command takes it, its twin in the environment, what it may be, and how help describes it. */
import { isHostName, isIpAddress } from '@chat/mini-ca';
import { formatInvitationLine, parseInvitationLine } from '@chat/protocol';
import { z } from 'zod';
import { revocationReason } from '../commands/revocation-reason.ts';

/** Each command, and what its word is followed by; null for nothing. */
export const commands = {
  start: { operand: null, help: 'start the server; ends on SIGINT or SIGTERM' },
  invite: { operand: null, help: 'print a line with which one person can join' },
  revoke: { operand: 'NAME', help: 'take a person’s access away, at once and for good' },
  users: { operand: null, help: 'list who is registered' },
} as const;
export type CommandName = keyof typeof commands;

export interface OptionRow {
  readonly commands: readonly CommandName[];
  /** Null for a switch that is only on the command line. */
  readonly environment: string | null;
  /** What stands after the option in help; null for a switch. */
  readonly value: string | null;
  /** Completes "it takes ...". */
  readonly takes: string;
  readonly help: string;
}

/** Whether a host can stand in the server's certificate and in the line that people paste: as it is, and be read again. */
export function isUsableHost(host: string): boolean {
  if (!isHostName(host) && !isIpAddress(host)) return false;
  return parseInvitationLine(formatInvitationLine({ host, port: 1 }))?.host === host;
}

const host = z.string().refine(isUsableHost);
const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);

/** The values' schemas; text in, as it stands on a command line. */
export const values = {
  host,
  'enrol-port': port,
  'chat-port': port,
  data: z.string().min(1),
  policy: z.enum(['open', 'invite', 'closed']),
  'public-host': host,
  'log-level': z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  hours: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 8_760),
  reason: revocationReason,
};
export type ValueOption = keyof typeof values;
export type OptionName = ValueOption | 'log-json' | 'json';

const all = Object.keys(commands) as CommandName[];
const start = ['start'] as const;

export const options: Readonly<Record<OptionName, OptionRow>> = {
  host: {
    commands: start,
    environment: 'CHAT_HOST',
    value: 'ADDRESS',
    takes: 'a host name or an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them',
    help: 'where to listen (127.0.0.1: this machine only; 0.0.0.0: everywhere)',
  },
  'enrol-port': {
    commands: start,
    environment: 'CHAT_ENROL_PORT',
    value: 'PORT',
    takes: 'a port from 0 to 65535',
    help: 'port for joining (9998); 0 takes any free one',
  },
  'chat-port': {
    commands: start,
    environment: 'CHAT_CHAT_PORT',
    value: 'PORT',
    takes: 'a port from 0 to 65535',
    help: 'port for the chat (9009); 0 takes any free one',
  },
  data: {
    commands: all,
    environment: 'CHAT_DATA',
    value: 'DIRECTORY',
    takes: 'a directory',
    help: 'where keys and messages are kept (~/.local/share/chat-server)',
  },
  policy: {
    commands: start,
    environment: 'CHAT_POLICY',
    value: 'POLICY',
    takes: 'open, invite or closed',
    help: 'who may join: open, invite or closed (open on loopback, else invite)',
  },
  'public-host': {
    commands: start,
    environment: 'CHAT_PUBLIC_HOST',
    value: 'NAME',
    takes: 'the host name or IP address by which others reach this machine, such as chat.example.org',
    help: 'the host in the line that people paste (the --host, or the machine’s name)',
  },
  'log-level': {
    commands: start,
    environment: 'CHAT_LOG_LEVEL',
    value: 'LEVEL',
    takes: 'debug, info, warn, error or silent',
    help: 'how much goes to standard error (info)',
  },
  'log-json': {
    commands: start,
    environment: null,
    value: null,
    takes: 'no value',
    help: 'log as JSON on a terminal too',
  },
  hours: {
    commands: ['invite'],
    environment: null,
    value: 'N',
    takes: 'a whole number from 1 to 8760',
    help: 'how long the invitation can be used (24)',
  },
  reason: {
    commands: ['revoke'],
    environment: null,
    value: 'REASON',
    takes: `one of ${revocationReason.options.join(', ')}`,
    help: 'why, for the list of revoked certificates (unspecified; a stolen key: keyCompromise)',
  },
  json: {
    commands: ['revoke', 'users'],
    environment: null,
    value: null,
    takes: 'no value',
    help: 'print JSON',
  },
};
