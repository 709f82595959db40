/** Packs requests into one message for the worker, and unpacks them there. */
import type { Appending } from '@chat/server-core';
import type { Batch, Request } from '../operation.ts';
import { plainMessageOf, RecordWriter, recordReader } from './message-records.ts';

/** Number of requests from which on their messages travel as records. For fewer, the transfer takes longer than copies of objects. */
const minPacked = 4;

/**
 * Packs requests into a message.
 *
 * @param requests at least one; their ids follow each other
 */
export function packBatch(requests: readonly Request[]): Batch {
  const batch = { first: requests[0]?.id ?? 0, count: requests.length };
  if (requests.length < minPacked) return { ...batch, requests, records: null };
  const messages = requests.map(({ operation, args }) =>
    operation === 'append' ? plainMessageOf(args[0] as Appending) : null,
  );
  const writer = new RecordWriter(messages.filter((message) => message !== null));
  const others = requests.filter((_, index) => {
    const message = messages[index] ?? null;
    return message === null || !writer.write(message);
  });
  const records = others.length === requests.length ? null : writer.bytes;
  return { ...batch, requests: others, records };
}

/** Returns the requests of a message, in the order of their calls. */
export function unpackBatch({ first, count, requests, records }: Batch): readonly Request[] {
  if (records === null) return requests;
  const readRecord = recordReader(records);
  let next = 0;
  return Array.from({ length: count }, (_, index): Request => {
    const id = first + index;
    const other = requests[next];
    if (other?.id !== id) return { id, operation: 'appendMessage', args: [readRecord()] };
    next += 1;
    return other;
  });
}
