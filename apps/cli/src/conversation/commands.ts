/** The slash commands: one table; each takes the rest of its line. */
import { role, roomName, userName } from '@chat/protocol';
import { grouped } from '../screen/fingerprint.ts';
import { memberList, roomList } from '../screen/lists.ts';
import { sanitiseLine } from '../screen/sanitise.ts';
import { explained } from '../sentences.ts';
import type { Conversation } from './conversation.ts';

/** `end` leaves the program. */
export type Outcome = 'go-on' | 'end';

interface Command {
  readonly usage: string;
  readonly summary: string;
  run(conversation: Conversation, argument: string): Promise<Outcome | undefined> | Outcome | undefined;
}

interface NameSchema {
  safeParse(
    value: string,
  ): { success: true; data: string } | { success: false; error: { issues: { message: string }[] } };
}

/** Calls `act` with a name that can be one, and otherwise says why it cannot. */
async function named(
  schema: NameSchema,
  conversation: Conversation,
  argument: string,
  act: (name: string) => Promise<void>,
): Promise<undefined> {
  const name = schema.safeParse(argument);
  if (!name.success) {
    const why = name.error.issues[0]?.message ?? 'it is not a name';
    conversation.print(
      argument === '' ? `A name is missing: ${why}.` : `"${sanitiseLine(argument, 60)}" will not do: ${why}.`,
    );
    return;
  }
  await act(name.data);
}

/** Lets an error name the room. */
const inRoom = <T>(room: string, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw explained(error, { room });
  });

const createRoom = (conversation: Conversation, argument: string) =>
  named(roomName, conversation, argument, async (room) => {
    conversation.enter(await inRoom(room, conversation.client.createRoom(room)));
  });

const joinRoom = (conversation: Conversation, argument: string) =>
  named(roomName, conversation, argument, async (room) => {
    conversation.enter(await inRoom(room, conversation.client.joinRoom(room)));
  });

async function listRooms(conversation: Conversation): Promise<undefined> {
  conversation.print(roomList(await conversation.client.listRooms(), conversation.room));
}

const leaveRoom = (conversation: Conversation, argument: string) =>
  named(roomName, conversation, argument === '' ? (conversation.room ?? '') : argument, async (room) => {
    const { client } = conversation;
    const view = client.room(room);
    await inRoom(room, client.leaveRoom(room));
    if (view !== null) conversation.exit(view);
    conversation.print(`You left ${room}.`);
    if (conversation.room !== null) return;
    const next = client.rooms().at(-1);
    if (next === undefined) conversation.print(menu);
    else conversation.enter(next);
  });

function listMembers(conversation: Conversation): undefined {
  const view = conversation.room === null ? null : conversation.client.room(conversation.room);
  conversation.print(view === null ? notInARoom : memberList(view.members));
}

/** Calls `act` with the room that the person is in, so that an error names it; says where they are not in one. */
async function here(conversation: Conversation, act: (room: string) => Promise<void>): Promise<undefined> {
  const { room } = conversation;
  if (room === null) conversation.print(notInARoom);
  else await inRoom(room, act(room));
}

const removeUser = (conversation: Conversation, argument: string) =>
  named(userName, conversation, argument, (user) =>
    here(conversation, (room) => conversation.client.removeMember(room, user)),
  );

/** That it is done, the room's log tells. */
function giveRole(conversation: Conversation, argument: string) {
  const [user = '', wanted = ''] = argument.split(/\s+/);
  return named(userName, conversation, user, async (name) => {
    const parsed = role.safeParse(wanted);
    if (!parsed.success) conversation.print(`The role of ${name} is missing: one of ${role.options.join(', ')}.`);
    else await here(conversation, (room) => conversation.client.giveRole(room, name, parsed.data));
  });
}

const trustUser = (conversation: Conversation, argument: string) =>
  named(userName, conversation, argument, async (user) => {
    const { client } = conversation;
    const seen = [
      ...new Set(
        client
          .changedIdentities()
          .filter((one) => one.user === user)
          .map((one) => one.seen),
      ),
    ];
    const [fingerprint, ...others] = seen;
    if (fingerprint === undefined) {
      conversation.print(`No identity key of ${user} is in doubt: there is nothing to trust.`);
      return;
    }
    if (others.length > 0) {
      const keys = seen.map((one) => grouped(one, '  ')).join('\n\n');
      conversation.print(`Several people show a new key as ${user}; leave the rooms of those who are not:\n${keys}`);
      return;
    }
    await client.trust(user, fingerprint);
    conversation.print(`From now on ${user} is who has this identity key:\n${grouped(fingerprint, '  ')}`);
  });

const commands: Readonly<Record<string, Command>> = {
  help: { usage: '/help', summary: 'show this', run: showHelp },
  rooms: { usage: '/rooms', summary: 'list the open rooms; + joined, * where you are', run: listRooms },
  create: { usage: '/create NAME', summary: 'create a room and go there', run: createRoom },
  join: { usage: '/join NAME', summary: 'join a room, or go to one that you have joined', run: joinRoom },
  leave: { usage: '/leave [NAME]', summary: 'leave this room, or the one named', run: leaveRoom },
  members: {
    usage: '/members',
    summary: 'who is in this room, their roles, who is online, who makes the keys',
    run: listMembers,
  },
  remove: {
    usage: '/remove USER',
    summary: 'take somebody out of this room, as its owner or a moderator; they read nothing further',
    run: removeUser,
  },
  role: {
    usage: '/role USER ROLE',
    summary: 'make somebody moderator, member or owner of this room; member lets who was removed join again',
    run: giveRole,
  },
  trust: {
    usage: '/trust USER',
    summary: 'accept the new identity key of somebody, once you have asked them',
    run: trustUser,
  },
  quit: { usage: '/quit', summary: 'leave the program; your rooms stay joined (also Ctrl-D)', run: () => 'end' },
};

/** The lines of `/help`. */
function showHelp(conversation: Conversation): undefined {
  const lines = Object.values(commands).map(({ usage, summary }) => `${usage.padEnd(16)} ${summary}`);
  const rest = 'Anything else is said in the room that you are in; begin with // to say something that begins with /.';
  conversation.print([...lines, rest].join('\n'));
}

export const menu = '1) create a room  2) join a room by name  3) list the rooms';

export const notInARoom = `You are in no room yet: /create NAME or /join NAME, /rooms lists them, /help shows all commands.`;

/** Runs a line that begins with a slash. */
export async function runCommand(conversation: Conversation, line: string): Promise<Outcome> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*)$/su.exec(line.trimEnd()) ?? [];
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    conversation.print(`There is no command /${sanitiseLine(name, 40)}: /help shows those that there are.`);
    return 'go-on';
  }
  return (await command.run(conversation, argument)) ?? 'go-on';
}
