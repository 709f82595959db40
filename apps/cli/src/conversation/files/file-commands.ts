/** Slash commands that send files and save those of others. */
import { pathOf, saveFolder } from '../../config/file-paths.ts';
import { transferLine } from '../../screen/transfer-text.ts';
import { inCurrentRoom, type SlashCommand, wordsOf } from '../command.ts';
import type { Conversation } from '../conversation.ts';

/** Divides an argument into a path, which may stand in quotation marks, and the rest. */
function pathAndRest(argument: string): readonly [path: string, rest: string] {
  const [, quoted, plain = '', rest = ''] = /^(?:"([^"]*)"|((?:\\.|[^\s\\])*))\s*([\s\S]*)$/.exec(argument) ?? [];
  return [quoted ?? plain.replace(/\\(.)/g, '$1'), rest];
}

/** Sends a file. */
export const sendFile: SlashCommand = {
  usage: '/send-file PATH [TEXT]',
  summary:
    'Send a file of up to 1 GiB to this room, encrypted, with a text about it. Write a path with spaces in "quotation marks". It goes on when you quit and start again.',
  run: (conversation, argument) => {
    const [path, text] = pathAndRest(argument);
    if (path === '') return void conversation.print('The path of a file is missing.');
    return inCurrentRoom(conversation, async (roomName) => {
      const transfer = await conversation.client.files.send(roomName, pathOf(path), { text });
      conversation.print(
        conversation.palette.quiet(`(${lineOf(conversation, transfer)}; /transfers shows how far it is)`),
      );
    });
  },
};

/** Saves the file of a message. */
export const save: SlashCommand = {
  usage: '/save NUMBER [PATH]',
  summary:
    'Save the file of a message: in your folder Downloads, or the current folder if there is none, or where PATH says. It replaces no file.',
  run: (conversation, argument) => {
    const [, number, typed = ''] = /^#?(\d{1,15})(?:\s+([\s\S]*))?$/.exec(argument) ?? [];
    if (number === undefined) {
      return void conversation.print(
        'The number of a message is missing: a file is printed with the command that saves it.',
      );
    }
    const [path] = pathAndRest(typed);
    return inCurrentRoom(conversation, async (roomName) => {
      const place = path === '' ? saveFolder() : pathOf(path);
      const transfer = await conversation.client.files.save(roomName, Number(number), place);
      conversation.print(
        conversation.palette.quiet(`(${lineOf(conversation, transfer)}; /transfers shows how far it is)`),
      );
    });
  },
};

/** Lists the files that are being sent and saved. */
export const transfers: SlashCommand = {
  usage: '/transfers',
  summary: 'List the files that are being sent and saved, and the latest ones that are done.',
  run: async (conversation) => {
    const list = await conversation.client.files.list();
    if (list.length === 0) return void conversation.print('No file is being sent or saved.');
    return void conversation.print(list.map((each) => lineOf(conversation, each)).join('\n'));
  },
};

/** Cancels a transfer. */
export const cancel: SlashCommand = {
  usage: '/cancel TRANSFER',
  summary: 'Cancel the sending or saving of a file. TRANSFER is its number in the list of /transfers.',
  run: async (conversation, argument) => {
    const [word = '', ...rest] = wordsOf(argument);
    if (!/^\d{1,9}$/.test(word) || rest.length > 0) {
      return void conversation.print('The number of a transfer is missing: /transfers lists them.');
    }
    await conversation.client.files.cancel(Number(word));
    return undefined;
  },
};

const lineOf = (conversation: Conversation, transfer: Parameters<typeof transferLine>[0]): string =>
  transferLine(transfer, conversation.titleOf(transfer.roomName));
