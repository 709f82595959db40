/** The state of a server as Prometheus reads it: most of it is what `chat-server status` reports. */
import type { ChatServer } from '@chat/server-core';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { LineCounts } from '../repeated-lines.ts';
import { type StatusReport, warningsOf } from '../status/status-report.ts';

/** What a server shows of itself. */
export type ShownServer = Pick<
  ChatServer,
  'connections' | 'waitingConnections' | 'queuedBytes' | 'listening' | 'certificateEndsAt'
>;

/** The state at one moment. */
export interface State {
  readonly report: StatusReport;
  readonly server: ShownServer;
  readonly accounts: number;
  /** Bytes of the store's write-ahead log. */
  readonly walBytes: number;
  readonly lines: LineCounts;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Read = (state: State) => number;

const secondsUntil = (time: number, now: number): number => (time - now) / 1_000;
const served = ({ report }: State): NonNullable<StatusReport['serving']> => {
  if (report.serving === null) throw new Error('A server that answers this runs.');
  return report.serving;
};

/** The gauges without labels: name, what it is, and where it stands. */
const gauges: readonly (readonly [name: string, help: string, read: Read])[] = [
  ['chat_send_queue_bytes', 'Bytes that wait for clients to read them.', ({ server }) => server.queuedBytes],
  ['chat_store_queue_entries', 'Entries that wait for the disk.', (state) => served(state).waiting],
  [
    'chat_event_loop_delay_p99_seconds',
    'How late the event loop was in one of a hundred cases, in the last one to two minutes.',
    (state) => served(state).loopDelay.p99Ms / 1_000,
  ],
  [
    'chat_event_loop_delay_max_seconds',
    'How late the event loop was at most, in the last one to two minutes.',
    (state) => served(state).loopDelay.maxMs / 1_000,
  ],
  ['chat_store_bytes', "Size of the store's files.", ({ report }) => report.disk.fileBytes],
  ['chat_store_wal_bytes', "Size of the store's write-ahead log.", ({ walBytes }) => walBytes],
  ['chat_disk_free_bytes', 'Free space on the disk of the data directory.', ({ report }) => report.disk.freeBytes],
  [
    'chat_disk_reserve_bytes',
    'Free space below which the server stores no messages.',
    ({ report }) => report.disk.reserveBytes,
  ],
  ['chat_rooms', 'Rooms.', ({ report }) => report.stored?.rooms ?? 0],
  ['chat_stored_messages', 'Messages that are kept.', ({ report }) => report.stored?.messages ?? 0],
  ['chat_stored_message_bytes', 'Bytes of these messages, encrypted.', ({ report }) => report.stored?.bytes ?? 0],
  ['chat_accounts', 'Accounts, also those that are revoked.', ({ accounts }) => accounts],
  [
    'chat_backup_age_seconds',
    'Time since the last backup; since the CA was made when there is none.',
    ({ report: { backup, authority }, now }) => (now - (backup.last?.at ?? authority.since)) / 1_000,
  ],
  [
    'chat_backup_failed',
    '1 when the last attempt to make a backup failed.',
    ({ report }) => (report.backup.failure === null ? 0 : 1),
  ],
  ['chat_backups_scheduled', '1 when the server makes backups by itself.', (state) => (served(state).backsUp ? 1 : 0)],
  ['chat_warnings', 'Warnings that chat-server status prints.', ({ report, now }) => warningsOf(report, now).length],
];

/** Adds the metrics to a registry. Returns the function that sets them. */
export function registerState(registry: Registry, version: string): (state: State) => void {
  const registers = [registry];
  const set = gauges.map(([name, help, read]) => ({ gauge: new Gauge({ name, help, registers }), read }));
  const connections = new Gauge({
    name: 'chat_connections',
    help: 'Open connections: of users who have logged in, and others after their TLS handshake.',
    labelNames: ['state'],
    registers,
  });
  const expiry = new Gauge({
    name: 'chat_certificate_expiry_seconds',
    help: "Time until a certificate ends: the server's own, which it renews by itself, and that of its CA.",
    labelNames: ['certificate'],
    registers,
  });
  const damaged = new Counter({
    name: 'chat_damaged_rows_total',
    help: 'Damaged rows of the store that were met. A row that is met twice counts twice.',
    registers,
  });
  const lines = new Counter({
    name: 'chat_log_lines_total',
    help: 'Lines for the log, by level, also those that are not written because of the level or because they repeat.',
    labelNames: ['level'],
    registers,
  });
  const build = new Gauge({ name: 'chat_build_info', help: 'Always 1.', labelNames: ['version'], registers });
  build.set({ version }, 1);
  return (state) => {
    for (const { gauge, read } of set) gauge.set(read(state));
    connections.set({ state: 'logged_in' }, state.server.connections);
    connections.set({ state: 'waiting' }, state.server.waitingConnections);
    expiry.set({ certificate: 'server' }, secondsUntil(state.server.certificateEndsAt, state.now));
    expiry.set({ certificate: 'authority' }, secondsUntil(state.report.authority.endsAt, state.now));
    damaged.reset();
    damaged.inc(served(state).damaged);
    lines.reset();
    for (const [level, count] of Object.entries(state.lines)) lines.inc({ level }, count);
  };
}
