/** A path for a store, in a directory that is removed when the test ends. */
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';

export function temporaryFile(): string {
  return join(temporaryFolder().path, 'chat.db');
}
