/**
 * Notifies systemd that the server is ready (sd_notify(3)). Node has no sockets of the type that this takes, and each library for it brings
 * compiled code; `systemd-notify` is there wherever systemd waits.
 */
import { execFile } from 'node:child_process';
import type { Log } from '@chat/server-core';

/** Resolves when systemd has taken the notification, or has not: the server runs in any case. Does nothing where none is awaited. */
export async function notifyReady(
  environment: Readonly<Record<string, string | undefined>>,
  { status, log }: { readonly status: string; readonly log: Log },
): Promise<void> {
  if (!environment['NOTIFY_SOCKET']) return;
  await new Promise<void>((resolve) => {
    const env = { ...environment } as NodeJS.ProcessEnv;
    execFile('systemd-notify', ['--ready', `--status=${status}`], { env, timeout: 30_000 }, (error) => {
      if (error !== null) {
        log.warn(
          { error },
          'systemd waits for a notification, and systemd-notify failed; with Type=exec it does not wait',
        );
      }
      resolve();
    });
  });
}
