/** `chat-server frames`: prints the frames of one direction of a connection for people, one line of JSON for each. */
import { decodePayload, FrameDecoder, toHex } from '@chat/protocol';
import { safeJson } from '@chat/safe-text';
import type { RunContext } from '../run-context.ts';

/** Returns a value with its byte strings in hex, and the payloads of entries as their fields. */
function shown(value: unknown, name = ''): unknown {
  if (value instanceof Uint8Array) {
    const fields = name === 'payload' ? decodePayload(value) : null;
    return fields === null ? toHex(value) : shown(fields);
  }
  if (Array.isArray(value)) return value.map((each) => shown(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each, key)]));
}

/**
 * Prints the frames that these bytes encode.
 *
 * @param input what one side has sent, after TLS, from the beginning of the connection
 * @throws ProtocolError `malformed-frame`, `frame-too-long`, `unsupported-version`, after the frames before
 */
export async function frames(input: AsyncIterable<Uint8Array>, { print }: Pick<RunContext, 'print'>): Promise<void> {
  const decoder = new FrameDecoder();
  for await (const chunk of input) for (const frame of decoder.push(chunk)) print(safeJson(shown(frame)));
}
