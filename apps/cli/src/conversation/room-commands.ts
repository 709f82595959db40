/** Slash commands on rooms: create, find, join and leave. */
import type { RoomView } from '@chat/client';
import { codeOf, type RoomName, roomName as roomNameSchema, userName } from '@chat/protocol';
import { declineTitle } from '../decline-title.ts';
import { requireOtherUser } from '../other-user.ts';
import { invitationList, memberPage, roomList, storedRooms, withRead } from '../screen/lists.ts';
import { asCommandError } from '../text/error-sentence.ts';
import { policyFrom, policyHint, policyUsage } from '../text/room-policy.ts';
import { findRoom, titleOf, userSign } from '../text/room-title.ts';
import { type Ask, isYes, menu, notInARoom, type SlashCommand, withContext, withName, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';

/** Creates a room and enters it. */
export const create: SlashCommand = {
  usage: `/create NAME ${policyUsage}`,
  summary: `Create a room and enter it. ${policyHint}`,
  run: (conversation, argument) => {
    const [name = '', ...words] = wordsOf(argument);
    return withName(conversation, { schema: roomNameSchema, argument: name }, async (roomName) => {
      const policy = policyFrom(words);
      if (policy === null) conversation.print(`The words after the name make no room policy. ${policyHint}`);
      else await conversation.goTo(withContext({ room: roomName }, conversation.client.createRoom(roomName, policy)));
    });
  },
};

/** Joins a room, or enters one that the user has joined. */
export const join: SlashCommand = {
  usage: '/join NAME',
  summary: 'Join a room, or enter one that you have joined. If you need an invitation, ask its members for one.',
  run: (conversation, argument, ask) =>
    argument.startsWith(userSign)
      ? openDirectRoom(conversation, argument.slice(userSign.length), '')
      : withName(conversation, { schema: roomNameSchema, argument }, async (roomName) => {
          try {
            await conversation.goTo(conversation.client.joinRoom(roomName));
          } catch (error) {
            const reason = reasonsToKnock(roomName)[codeOf(error) ?? ''];
            if (reason === undefined) throw asCommandError(error, { room: roomName });
            await offerToKnock(conversation, { roomName, reason }, ask);
          }
        }),
};

/** Returns the sentence for each code with which a join is refused that a knock can lead to. */
const reasonsToKnock = (roomName: RoomName): Readonly<Record<string, string>> => ({
  'not-invited': `You need an invitation to join ${roomName}.`,
  'invitation-expired': `Your invitation to ${roomName} has ended, because you did not join within 30 days.`,
});

async function offerToKnock(
  conversation: Conversation,
  { roomName, reason }: { readonly roomName: RoomName; readonly reason: string },
  ask: Ask,
): Promise<void> {
  conversation.print(reason);
  if (!isYes(await ask('Ask its members for one? (yes/no) '))) return conversation.print('The members were not asked.');
  await withContext({ room: roomName }, conversation.client.knock(roomName));
  conversation.print(
    `The members of ${roomName} will see that you ask to be invited. When one of them invites you, you join automatically, also after a restart.`,
  );
}

/** Enters a direct room, and sends a message there when the line has one. */
export const message: SlashCommand = {
  usage: '/msg USER [TEXT]',
  summary: 'Enter the direct room with a user, who need not be online. With TEXT, send it there.',
  run: (conversation, argument) => {
    const [, user = '', text = ''] = /^@?(\S*)\s*(.*)$/su.exec(argument) ?? [];
    return openDirectRoom(conversation, user, text);
  },
};

const openDirectRoom = (conversation: Conversation, name: string, text: string) =>
  withName(conversation, { schema: userName, argument: name }, async (user) => {
    requireOtherUser(conversation.client, user);
    const about = { otherUser: user, room: `${userSign}${user}` };
    const view = await conversation.goTo(withContext(about, conversation.client.openDirect(user)));
    if (text !== '') conversation.outgoing.send(view.roomName, text);
  });

/** Lists the rooms. */
export const rooms: SlashCommand = {
  usage: '/rooms',
  summary:
    'List the rooms: unread messages, mentions, who wrote last. A + marks those that you have joined, a * the current one.',
  run: async (conversation) => {
    const { client } = conversation;
    if (!client.online)
      conversation.print('There is no connection now. These are your own rooms, as they are stored here:');
    const listed = client.online ? await client.listRooms() : storedRooms(client.rooms());
    const read = listed.map((room) => withRead(room, client.room(room.name)));
    const { roomName: currentRoom, now } = conversation;
    conversation.print(roomList(read, { currentRoom, now, titleOf: (name) => conversation.titleOf(name) }));
    return undefined;
  },
};

/** Lists the user's invitations. */
export const invitations: SlashCommand = {
  usage: '/invitations',
  summary: 'List your invitations to rooms and direct rooms.',
  run: async (conversation) => {
    const { client } = conversation;
    const { blocked } = client.attention.settings;
    const list = await client.invitations();
    conversation.print(invitationList(list.filter(({ by }) => !blocked.includes(by))));
    return undefined;
  },
};

/** Declines an invitation to a room, or to a direct room by its title. */
export const decline: SlashCommand = {
  usage: '/decline NAME',
  summary: 'Decline an invitation, to a room or with @USER to a direct room. The members see that you do.',
  run: (conversation, argument) => {
    const act = async () => {
      await withContext({ room: argument }, declineTitle(conversation.client, argument));
      conversation.print(`You declined the invitation to ${argument}.`);
    };
    return argument.startsWith(userSign)
      ? withName(conversation, { schema: userName, argument: argument.slice(userSign.length) }, act)
      : withName(conversation, { schema: roomNameSchema, argument }, act);
  },
};

/** Returns whether the user can come back to a room only when another member invites them. */
const needsInvitation = ({ policy, peer, removed, left }: RoomView): boolean =>
  peer === null && !removed && !left && policy !== null && policy.join !== 'open';

/** Leaves a room and erases its messages and keys on this machine. Asks first where the user cannot join again alone. */
export const leave: SlashCommand = {
  usage: '/leave [NAME]',
  summary: 'Leave this room, or the named one, and erase its messages and keys on this machine.',
  run: async (conversation, argument, ask) => {
    const { client } = conversation;
    const wanted = argument === '' ? (conversation.roomName ?? '') : argument;
    const view = findRoom(client.rooms(), wanted);
    return withName(conversation, { schema: roomNameSchema, argument: view?.roomName ?? wanted }, async (roomName) => {
      const title = view === null ? roomName : titleOf(view);
      if (view !== null && needsInvitation(view)) {
        conversation.print(
          `You can join ${title} again only if a member invites you, and its messages are erased on this machine.`,
        );
        if (!isYes(await ask('Leave it? (yes/no) ', 'yes'))) return conversation.print(`You did not leave ${title}.`);
      }
      try {
        await withContext({ room: title }, client.leaveRoom(roomName));
      } finally {
        // Also when the user is out, and only what was stored could not be erased.
        if (view !== null && client.room(roomName) === null) conversation.exit(view);
      }
      conversation.print(`You left ${title}.`);
      if (conversation.roomName !== null) return;
      const next = client.rooms().at(-1);
      if (next === undefined) conversation.print(menu);
      else await conversation.enter(next);
    });
  },
};

/** Lists the members and invited users of the current room, or those with a text in their names. */
export const members: SlashCommand = {
  usage: '/members [TEXT]',
  summary:
    'List the members and invited users of this room, or those with TEXT in their names: presence, when they were last heard, role, whether you have verified them, and who makes the keys.',
  run: (conversation, argument) => {
    const view = conversation.roomName === null ? null : conversation.client.room(conversation.roomName);
    conversation.print(view === null ? notInARoom : memberPage(view, conversation.now, argument));
    return undefined;
  },
};
