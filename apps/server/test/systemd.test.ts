/** What the server sends to systemd: readiness, once, and only where systemd waits for it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { silentLog } from '../src/log.ts';
import { notifyReady } from '../src/systemd.ts';

test.skipIf(process.platform === 'win32')(
  'notifies with the words of systemd-notify, and logs that it cannot',
  async () => {
    const { path } = temporaryFolder();
    const written = join(path, 'written');
    const script = `#!/bin/sh\nprintf '%s\\n' "$NOTIFY_SOCKET" "$@" > '${written}'\n`;
    writeFileSync(join(path, 'systemd-notify'), script, { mode: 0o700 });
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) };
    const environment = { NOTIFY_SOCKET: '/run/systemd/notify', PATH: `${path}${delimiter}${process.env['PATH']}` };
    await notifyReady(environment, { status: 'serves', log });
    expect(readFileSync(written, 'utf8')).toBe('/run/systemd/notify\n--ready\n--status=serves\n');
    expect(warnings).toEqual([]);

    await notifyReady({ ...environment, PATH: join(path, 'none') }, { status: 'serves', log });
    expect(warnings).toHaveLength(1);
    await notifyReady({ PATH: join(path, 'none') }, { status: 'serves', log });
    expect(warnings).toHaveLength(1);
  },
);
