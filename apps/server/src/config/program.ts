/** The commands and options of `chat-server`: what each takes, its environment variable, its default and its help. */
import { completionCommand, type Program } from '@chat/command-line';
import { limits, roomName } from '@chat/protocol';
import { z } from 'zod';
import { logLevels } from '../log-level.ts';
import { accountCommands } from './account-commands.ts';
import { boundOf, days, messages, size, takesDays, takesMessages, takesSize } from './amounts.ts';
import { settingTable } from './setting-table.ts';
import { json, passwordFile, path, startOptions } from './start-options.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** The least and the greatest time from the announcement of a CA to the switch. Clients wait for a week before they follow. */
const announceDays = { least: limits.authorityNotice / dayMs, most: 365 } as const;
const switchDays = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .refine((value) => value >= announceDays.least && value <= announceDays.most);

const roomOrId = roomName.or(z.string().regex(/^[0-9a-f]{64}$/));

const aFile = { value: 'FILE', takes: 'the name of a file', schema: path } as const;

/** The definition of the command line of `chat-server`. */
export const program = {
  name: 'chat-server',
  summary: 'a chat server. It stores and relays messages that it cannot read, and certifies its users.',
  defaultCommand: 'start',
  commands: {
    start: {
      summary:
        'Start the server. SIGINT, SIGTERM or SIGQUIT stops it; SIGHUP makes it read its configuration again. Each option is a setting of the configuration file, too.',
      operands: {},
      options: settingTable,
    },
    init: {
      summary:
        'Write the configuration of a new server: ask where its users come from, by which name they reach it, and who may enrol. Options answer in advance.',
      operands: {},
      options: {
        from: {
          value: 'PLACE',
          takes: 'machine, network or internet',
          schema: z.enum(['machine', 'network', 'internet']),
          help: 'Where users come from: this machine only, your network, or the internet.',
        },
        'public-host': {
          value: 'NAME',
          takes: startOptions['public-host'].takes,
          schema: startOptions['public-host'].schema,
          help: 'The name or address by which users reach this machine.',
        },
        policy: {
          value: 'POLICY',
          takes: 'invite or open',
          schema: z.enum(['invite', 'open']),
          help: 'Who may enrol: users with an invitation, or every user who reaches the server.',
        },
      },
    },
    ...accountCommands,
    backup: {
      summary: 'Make a backup of everything that a server needs, and check it. A server may run meanwhile.',
      operands: { file: aFile },
      options: {
        'password-file': {
          ...passwordFile,
          help: 'Encrypt the backup under the password in the first line of this file.',
        },
        json,
      },
    },
    restore: {
      summary: 'Check a backup and restore it into an empty data directory.',
      operands: { file: aFile },
      options: {
        'password-file': { ...passwordFile, help: 'The first line of this file is the password of the backup.' },
        json,
      },
    },
    authority: {
      summary:
        'Renew the CA: announce the next one, print how it stands, cancel it, or end the clients of earlier ones.',
      operands: {
        action: {
          value: 'ACTION',
          takes: 'announce, status, cancel or end-old',
          schema: z.enum(['announce', 'status', 'cancel', 'end-old']),
        },
      },
      options: {
        in: {
          value: 'DAYS',
          takes: `a whole number from ${announceDays.least} to ${announceDays.most}`,
          schema: switchDays,
          fallback: '14',
          help: 'announce: after how many days the server uses the new CA. Clients wait for a week before they trust it.',
        },
        json,
      },
    },
    rooms: {
      summary: 'List the rooms with their sizes, the largest first.',
      operands: {},
      options: { json },
    },
    'delete-room': {
      summary: 'Delete a room with all that is stored of it. Its members are informed.',
      operands: {
        room: {
          value: 'NAME',
          takes: 'the name of a room, or the id of a closed one',
          schema: roomOrId,
        },
      },
      options: { yes: { value: null, help: 'Do not ask whether the room is to be deleted for good.' }, json },
    },
    retention: {
      summary: 'Set how long the messages of one room are kept, or print it. Older ones are deleted at once.',
      operands: {
        room: {
          value: 'NAME',
          takes: 'the name of a room, or the id of a closed one',
          schema: roomOrId,
        },
      },
      options: {
        'keep-days': {
          value: 'N',
          takes: `${takesDays}, off or default`,
          schema: boundOf(days),
          help: 'Delete messages of the room that are older. off: none for their age. default: as the server does.',
        },
        'keep-messages': {
          value: 'N',
          takes: `${takesMessages}, off or default`,
          schema: boundOf(messages),
          help: 'Keep so many messages of the room; off and default as above.',
        },
        'keep-bytes': {
          value: 'SIZE',
          takes: `${takesSize}, off or default`,
          schema: boundOf(size),
          help: 'Keep messages of so many bytes; off and default as above.',
        },
        json,
      },
    },
    check: {
      summary:
        'Check the data directory and change nothing. The exit code is 1 when something is damaged, and 3 when there is something to do.',
      operands: {},
      options: { json },
    },
    doctor: {
      summary:
        'Look for what keeps a server from running well for years: the machine, the data directory, the CA, backups. The exit code is 1 when there is something to mend, and each finding names the command.',
      operands: {},
      options: {
        host: startOptions.host,
        'enrol-port': startOptions['enrol-port'],
        'chat-port': startOptions['chat-port'],
        json,
      },
    },
    frames: {
      summary: 'Print the frames in a stream, which is standard input, as lines of JSON.',
      operands: {},
      options: {},
    },
    status: {
      summary:
        'Print how the server is, also one that does not run. The exit code is 3 when there is something to do, and 0 when all is well.',
      operands: {},
      options: { json },
    },
    logs: {
      summary: 'Set how much a running server logs, until it stops, or print it.',
      operands: {
        level: {
          value: 'LEVEL',
          takes: `one of ${logLevels.join(', ')}`,
          schema: z.enum(logLevels),
          optional: true,
        },
      },
      options: { json },
    },
    config: {
      summary:
        'Print the settings in force and where each comes from; check a configuration file; or make a running server read its file again.',
      operands: {
        action: { value: 'ACTION', takes: 'reload', schema: z.literal('reload'), optional: true },
      },
      options: {
        check: { ...aFile, help: 'Check this file and nothing else. The exit code is 2 when it is not valid.' },
        example: { value: null, help: 'Print a configuration file with all settings, explained.' },
        changed: { value: null, help: 'Print only settings that are not at their defaults.' },
        json,
      },
    },
    completion: completionCommand,
  },
  options: {
    data: {
      value: 'DIRECTORY',
      takes: 'a directory',
      schema: path,
      environment: 'CHAT_DATA',
      help: 'The directory for keys and messages. Default: $XDG_DATA_HOME/chat-server, or ~/.local/share/chat-server.',
    },
    config: {
      ...aFile,
      environment: 'CHAT_SERVER_CONFIG',
      help: 'The configuration file. Default: config.toml in the data directory, if it is there.',
    },
  },
  notes: [
    'All commands but start, restore, reset, logs and "config reload" work while the server runs and while it does not.',
    'A setting comes from its option, else from its variable, else from the configuration file, else from its default.',
  ],
} as const satisfies Program;
