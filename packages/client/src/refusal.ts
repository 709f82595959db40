/** What a failed request leaves behind: nothing for certain, or nobody knows. */
import { ProtocolError } from '@chat/protocol';
import { explain } from './context.ts';

/** Whether it is certain that the server has done nothing. */
export function isRefusal(error: unknown): boolean {
  const { code } = explain(error);
  return code === 'offline' || (error instanceof ProtocolError && code !== 'internal' && code !== 'stopping');
}
