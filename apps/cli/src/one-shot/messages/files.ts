/** `chat send --file` and `chat save`: move one file, and wait until that is done. */
import { ClientError, type ClientErrorCode, type TransferView } from '@chat/client';
import { sanitiseLine } from '@chat/safe-text';
import { z } from 'zod';
import type { Client } from '../../client-surface.ts';
import { pathOf, saveFolder } from '../../config/file-paths.ts';
import type { RunContext } from '../../run-context.ts';
import { oneShot } from '../one-shot.ts';
import { json, messageNumber, room } from '../operands.ts';
import { joinedRoom, withClient, withRoom } from '../session.ts';

/** The path of a file. */
export const path = { value: 'PATH', takes: 'the path of a file', schema: z.string().min(1) } as const;

const isOver = ({ state }: TransferView): boolean => state === 'done' || state === 'failed' || state === 'cancelled';

/**
 * Begins a transfer, and resolves when it is done. A program that ends before leaves it to the next one.
 *
 * @throws ClientError the reason why it has failed
 */
async function finished(client: Client, begin: () => Promise<TransferView>): Promise<TransferView> {
  const ended = new Map<number, TransferView>();
  let wake: () => void = () => undefined;
  const unsubscribe = client.subscribe((event) => {
    if (event.kind !== 'transfer' || !isOver(event.transfer)) return;
    ended.set(event.transfer.id, event.transfer);
    wake();
  });
  try {
    const begun = await begin();
    if (isOver(begun)) ended.set(begun.id, begun);
    for (;;) {
      const end = ended.get(begun.id);
      if (end === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (end.state === 'done') return end;
      else
        throw new ClientError(
          (end.why?.code ?? 'cancelled') as ClientErrorCode,
          end.why?.reason ?? 'The transfer was cancelled.',
        );
    }
  } finally {
    unsubscribe();
  }
}

/** A file to send, as the command line has it. */
export interface SendFileRequest {
  readonly room: string;
  readonly file: string;
  /** What is said about it. */
  readonly text?: string | undefined;
  readonly json: boolean;
}

/** Sends a file, and waits until its message is on the log. */
export async function sendFile(
  { room: title, file, text, json: asJson }: SendFileRequest,
  context: RunContext,
): Promise<void> {
  const { seq, name, size } = await withClient(context, { room: title }, (client) => {
    const { roomName } = joinedRoom(client, title);
    return finished(client, () => client.files.send(roomName, pathOf(file), { text: text ?? '' }));
  });
  if (asJson) context.stdout.write(`${JSON.stringify({ room: title, seq, file: { name, size } })}\n`);
}

/** The command `chat save`. */
export const save = oneShot(
  {
    summary:
      'Save the file of a message: in your folder Downloads, or the current folder if there is none, or where PATH says. It replaces no file. Prints the path.',
    operands: {
      room,
      number: messageNumber,
      path: { ...path, takes: 'a folder, or the path of a new file', optional: true },
    },
    options: { json },
  },
  async (request, context) => {
    const place = request.path === undefined ? saveFolder() : pathOf(request.path);
    const { path: saved } = await withRoom(context, { room: request.room }, (client, { roomName }) =>
      finished(client, () => client.files.save(roomName, request.number, place)),
    );
    const line = request.json
      ? JSON.stringify({ room: request.room, seq: request.number, path: saved })
      : sanitiseLine(saved ?? '');
    context.stdout.write(`${line}\n`);
  },
);
