/** Making, finding, entering and leaving rooms. */
import { roomName, userName } from '@chat/protocol';
import { codeOf } from '../command-error.ts';
import { requireOther } from '../other-person.ts';
import { policyFrom, policyHint, policyUsage } from '../room-policy.ts';
import { invitationList, memberList, roomList } from '../screen/lists.ts';
import { personSign, roomCalled, titleOf } from '../screen/title.ts';
import { explained } from '../sentences.ts';
import { type Ask, about, type Command, menu, named, notInARoom, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';

export const create: Command = {
  usage: `/create NAME ${policyUsage}`,
  summary: `create a room and go there, ${policyHint}`,
  run: (conversation, argument) => {
    const [name = '', ...words] = wordsOf(argument);
    return named(roomName, conversation, name, async (room) => {
      const policy = policyFrom(words);
      if (policy === null) conversation.print(`What comes after the name will not do. A room is ${policyHint}.`);
      else await conversation.goTo(about({ room }, conversation.client.createRoom(room, policy)));
    });
  },
};

export const join: Command = {
  usage: '/join NAME',
  summary: 'join a room, or ask to be let in where that is needed, or go to one that you have joined',
  run: (conversation, argument, ask) =>
    argument.startsWith(personSign)
      ? talkWith(conversation, argument.slice(1), '')
      : named(roomName, conversation, argument, async (room) => {
          try {
            await conversation.goTo(conversation.client.joinRoom(room));
          } catch (error) {
            if (codeOf(error) !== 'not-invited') throw explained(error, { room });
            await offerToKnock(conversation, room, ask);
          }
        }),
};

async function offerToKnock(conversation: Conversation, room: string, ask: Ask): Promise<void> {
  const answer = await ask(`${room} lets in only whom a member invites. Ask its members to let you in? (yes/no) `);
  if (!/^y(es)?$/i.test(answer)) return conversation.print('Nobody was asked.');
  await about({ room }, conversation.client.knock(room));
  conversation.print(
    `Its members are asked to let you into ${room}, now or when they come. You join by yourself when one of them does, also after a restart.`,
  );
}

export const message: Command = {
  usage: '/msg USER [TEXT]',
  summary: 'talk with one person alone, who need not be online; with TEXT, say it at once',
  run: (conversation, argument) => {
    const [, user = '', text = ''] = /^@?(\S*)\s*(.*)$/su.exec(argument) ?? [];
    return talkWith(conversation, user, text);
  },
};

const talkWith = (conversation: Conversation, user: string, text: string) =>
  named(userName, conversation, user, async (person) => {
    requireOther(conversation.client, person);
    const view = await conversation.goTo(
      about({ person, room: `${personSign}${person}` }, conversation.client.openDirect(person)),
    );
    if (text !== '') conversation.outgoing.send(view.roomName, text);
  });

export const rooms: Command = {
  usage: '/rooms',
  summary: 'list the rooms; + joined, * where you are',
  run: async (conversation) => {
    const listed = await conversation.client.listRooms();
    conversation.print(roomList(listed, conversation.room, (name) => conversation.titleOf(name)));
    return undefined;
  },
};

export const invitations: Command = {
  usage: '/invitations',
  summary: 'list the rooms and the people that wait for you',
  run: async (conversation) => {
    conversation.print(invitationList(await conversation.client.invitations()));
    return undefined;
  },
};

export const leave: Command = {
  usage: '/leave [NAME]',
  summary: 'leave this room, or the one named, and erase what you have of it',
  run: async (conversation, argument) => {
    const { client } = conversation;
    const wanted = argument === '' ? (conversation.room ?? '') : argument;
    const view = roomCalled(client.rooms(), wanted);
    return named(roomName, conversation, view?.roomName ?? wanted, async (room) => {
      const title = view === null ? room : titleOf(view);
      await about({ room: title }, client.leaveRoom(room));
      if (view !== null) conversation.exit(view);
      conversation.print(`You left ${title}.`);
      if (conversation.room !== null) return;
      const next = client.rooms().at(-1);
      if (next === undefined) conversation.print(menu);
      else conversation.enter(next);
    });
  },
};

export const members: Command = {
  usage: '/members',
  summary: 'who is in this room or invited, their roles, who is online, who makes the keys, whom you verified',
  run: (conversation) => {
    const view = conversation.room === null ? null : conversation.client.room(conversation.room);
    conversation.print(view === null ? notInARoom : memberList(view));
    return undefined;
  },
};
