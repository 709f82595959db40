/** The settings of a server apart from its limits, and the kinds of values that several commands take. */
import { defaultPorts } from '@chat/protocol';
import { z } from 'zod';
import { logLevels } from '../log-level.ts';
import { days, messages, numberIn, size, takesDays, takesMessages, takesSize } from './amounts.ts';
import { isUsableHost } from './hosts.ts';
import type { SettingTable } from './setting.ts';

const host = z.string().refine(isUsableHost);
const port = {
  value: 'PORT',
  takes: 'a port from 0 to 65535',
  schema: numberIn([0, 65_535]),
} as const;
/** How many hours an invitation may be valid: up to a year. */
export const hours = {
  value: 'N',
  takes: 'a whole number from 1 to 8760',
  schema: numberIn([1, 8_760]),
} as const;

/** The name of a file or directory. A lone - is standard input to many programs, so it must not become one. */
export const path = z
  .string()
  .min(1)
  .refine((text) => text !== '-');
/** The name of a file with a password. */
export const passwordFile = {
  value: 'FILE',
  takes: 'the name of a file whose first line is a password',
  schema: path,
} as const;

/** The option of commands that can print JSON. */
export const json = { value: null, help: 'Print JSON, one object a line.' } as const;

/** The settings apart from the limits. */
export const startOptions = {
  host: {
    value: 'ADDRESS',
    takes: 'a host name or an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them',
    schema: host,
    fallback: '127.0.0.1',
    environment: 'CHAT_HOST',
    help: 'The address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for all networks.',
    topic: 'Network',
    needsRestart: true,
  },
  'enrol-port': {
    ...port,
    fallback: String(defaultPorts.enrolment),
    environment: 'CHAT_ENROL_PORT',
    help: 'The port for enrolment. 0 chooses a free one.',
    topic: 'Network',
    needsRestart: true,
  },
  'chat-port': {
    ...port,
    fallback: String(defaultPorts.chat),
    environment: 'CHAT_CHAT_PORT',
    help: 'The port for the chat. 0 chooses a free one.',
    topic: 'Network',
    needsRestart: true,
  },
  'public-host': {
    value: 'NAME',
    takes: 'the host name or IP address by which others reach this machine, such as chat.example.org',
    schema: host,
    environment: 'CHAT_PUBLIC_HOST',
    help: 'The host in invitation lines and in the certificate of the server. Default: the --host, or the name of this machine when that is every address.',
    topic: 'Network',
    example: 'chat.example.org',
  },
  policy: {
    value: 'POLICY',
    takes: 'open, invite or closed',
    schema: z.enum(['open', 'invite', 'closed']),
    environment: 'CHAT_POLICY',
    help: 'Who may enrol: open, invite or closed. Default: open on a loopback address, else invite.',
    topic: 'Users',
    example: 'invite',
  },
  'invitation-hours': {
    ...hours,
    fallback: '24',
    environment: 'CHAT_INVITATION_HOURS',
    help: 'How many hours an invitation is valid, unless "invite --hours" says otherwise.',
    topic: 'Users',
  },
  'keep-days': {
    value: 'N',
    takes: takesDays,
    schema: days,
    environment: 'CHAT_KEEP_DAYS',
    help: 'Delete messages that are older. Default: messages are kept for ever. "retention" sets this and the next two for one room.',
    topic: 'Messages',
    example: '30',
  },
  'keep-messages': {
    value: 'N',
    takes: takesMessages,
    schema: messages,
    environment: 'CHAT_KEEP_MESSAGES',
    help: 'Keep so many messages of each room and delete older ones. Default: all.',
    topic: 'Messages',
    example: '10000',
  },
  'keep-bytes': {
    value: 'SIZE',
    takes: takesSize,
    schema: size,
    environment: 'CHAT_KEEP_BYTES',
    help: 'Keep messages of so many bytes of each room, such as 500M, and delete older ones. Default: all.',
    topic: 'Messages',
    example: '500M',
  },
  'room-bytes': {
    value: 'SIZE',
    takes: takesSize,
    schema: size,
    environment: 'CHAT_ROOM_BYTES',
    help: 'Refuse messages in a room that has messages of so many bytes. Default: no bound.',
    topic: 'Messages',
    example: '1G',
  },
  'total-bytes': {
    value: 'SIZE',
    takes: takesSize,
    schema: size,
    environment: 'CHAT_TOTAL_BYTES',
    help: 'Refuse messages when all rooms together have messages of so many bytes. Default: no bound.',
    topic: 'Messages',
    example: '50G',
  },
  'backup-dir': {
    value: 'DIRECTORY',
    takes: 'a directory',
    schema: path,
    environment: 'CHAT_BACKUP_DIR',
    help: 'Make a backup in this directory each day. Default: none.',
    topic: 'Backups',
    isPath: true,
    example: '/var/backups/chat-server',
  },
  backups: {
    value: 'N',
    takes: 'a whole number from 1 to 1000',
    schema: numberIn([1, 1_000]),
    fallback: '7',
    environment: 'CHAT_BACKUPS',
    help: 'How many of these daily backups are kept.',
    topic: 'Backups',
  },
  'backup-password-file': {
    ...passwordFile,
    environment: 'CHAT_BACKUP_PASSWORD_FILE',
    help: 'Encrypt the daily backups under the password in the first line of this file.',
    topic: 'Backups',
    isPath: true,
    example: '/etc/chat-server/backup-password',
  },
  'metrics-port': {
    ...port,
    environment: 'CHAT_METRICS_PORT',
    help: 'Serve /metrics for Prometheus, /healthz and /readyz over HTTP at this port; 0 chooses a free one. Default: not at all.',
    topic: 'Metrics',
    needsRestart: true,
    example: '9464',
  },
  'metrics-host': {
    value: 'ADDRESS',
    takes: 'a host name or an IP address of this machine, such as 127.0.0.1',
    schema: host,
    fallback: '127.0.0.1',
    environment: 'CHAT_METRICS_HOST',
    help: 'The address for them. Every program that reaches it can read them, without a password.',
    topic: 'Metrics',
    needsRestart: true,
  },
  'log-level': {
    value: 'LEVEL',
    takes: 'debug, info, warn, error or silent',
    schema: z.enum(logLevels),
    fallback: 'info',
    environment: 'CHAT_LOG_LEVEL',
    help: 'How much to log on standard error: debug, info, warn, error or silent.',
    topic: 'Log',
  },
  'log-json': {
    value: null,
    environment: 'CHAT_LOG_JSON',
    help: 'Log as JSON on a terminal too.',
    topic: 'Log',
    needsRestart: true,
  },
  'ca-password-file': {
    ...passwordFile,
    environment: 'CHAT_CA_PASSWORD_FILE',
    help: 'The first line of this file is the password of the private key of the CA.',
    topic: 'CA',
    needsRestart: true,
    isPath: true,
    example: '/etc/chat-server/ca-password',
  },
} as const satisfies SettingTable;
