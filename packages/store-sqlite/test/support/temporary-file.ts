/** A path in a directory of its own, for a store that a test makes; removed when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chat-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'chat.db');
}
