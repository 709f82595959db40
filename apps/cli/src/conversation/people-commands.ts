/** What is decided about others: who comes in, who goes, who may do what, and whose key is theirs. */
import { role, userName } from '@chat/protocol';
import { requireOther } from '../other-person.ts';
import { grouped } from '../screen/fingerprint.ts';
import { knockList } from '../screen/lists.ts';
import { safetyNumberRows } from '../screen/safety-number.ts';
import { about, type Command, here, named, withUserHere, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';

/** That an invitation, a removal or a role took, the room's log tells. */
export const invite: Command = {
  usage: '/invite USER',
  summary: 'invite somebody into this room; they read what is said from then on, whenever they come',
  run: (conversation, argument) =>
    withUserHere(conversation, argument, (room, user) => conversation.client.invite(room, user)),
};

export const knocks: Command = {
  usage: '/knocks',
  summary: 'list who asks to be let into this room',
  run: (conversation) =>
    here(conversation, async (room) => conversation.print(knockList(await conversation.client.knocks(room)))),
};

export const admit: Command = {
  usage: '/admit USER',
  summary: 'let in somebody who asks for it',
  run: (conversation, argument) =>
    withUserHere(conversation, argument, async (room, user) => {
      const { client } = conversation;
      const knock = (await client.knocks(room)).find((one) => one.user === user);
      if (knock === undefined) {
        conversation.print(`${user} has not asked to be let in: /knocks lists who has, /invite ${user} invites them.`);
        return;
      }
      // The key that the person was shown, whatever the server says by now.
      await client.invite(room, user, { fingerprint: knock.fingerprint });
    }),
};

export const remove: Command = {
  usage: '/remove USER',
  summary: 'take somebody out of this room, or withdraw their invitation; they read nothing further',
  run: (conversation, argument) =>
    withUserHere(conversation, argument, (room, user) => conversation.client.removeMember(room, user)),
};

export const giveRole: Command = {
  usage: '/role USER ROLE',
  summary: 'make somebody moderator, member or owner of this room; member lets who was removed join again',
  run: (conversation, argument) => {
    const [user = '', wanted = ''] = wordsOf(argument);
    return named(userName, conversation, user, async (name) => {
      const parsed = role.safeParse(wanted);
      if (!parsed.success) conversation.print(`The role of ${name} is missing: one of ${role.options.join(', ')}.`);
      else await withUserHere(conversation, name, (room) => conversation.client.giveRole(room, name, parsed.data));
    });
  },
};

export const verify: Command = {
  usage: '/verify USER [same]',
  summary: 'show the number that you and somebody else compare; "same" once you found it to be',
  run: (conversation, argument) => {
    const [user = '', word] = wordsOf(argument);
    return named(userName, conversation, user, async (person) => {
      requireOther(conversation.client, person);
      if (word === undefined) await showSafetyNumber(conversation, person);
      else if (word === 'same') await markVerified(conversation, person);
      else
        conversation.print(
          `/verify ${person} shows the number; /verify ${person} same says that ${person} has the same.`,
        );
    });
  },
};

async function showSafetyNumber(conversation: Conversation, person: string): Promise<void> {
  const { client } = conversation;
  const { number, fingerprint, verified } = await about({ person }, client.safetyNumber(person));
  conversation.safetyNumbersShown.set(person, fingerprint);
  conversation.print(
    [
      `The safety number of you and ${person}${verified ? ', which you have compared before' : ''}:`,
      safetyNumberRows(number, '    '),
      `Compare all of it with what ${person} sees after /verify ${client.user}: side by side, or in a call in which you know the voice; not in this chat.`,
      `If it is the same, nobody stands between you: type /verify ${person} same. If it is not, somebody does: say nothing secret here.`,
    ].join('\n'),
  );
}

/** Marks the key whose number was on the screen: another one that the server may have given out since is not it. */
async function markVerified(conversation: Conversation, person: string): Promise<void> {
  const { client, safetyNumbersShown } = conversation;
  const shown = safetyNumbersShown.get(person);
  if (shown === undefined) {
    conversation.print(`Compare first: /verify ${person} shows the number.`);
    return;
  }
  const { fingerprint } = await about({ person }, client.safetyNumber(person));
  if (fingerprint !== shown) {
    safetyNumbersShown.delete(person);
    conversation.print(
      `The identity key of ${person} has changed since you were shown the number: compare again with /verify ${person}.`,
    );
    return;
  }
  await client.verify(person, fingerprint);
  conversation.print(`From now on ${person} counts as verified; should their key change, you are told so.`);
}

export const trust: Command = {
  usage: '/trust USER',
  summary: 'accept the new identity key of somebody, once you have asked them',
  run: (conversation, argument) =>
    named(userName, conversation, argument, async (user) => {
      const { client } = conversation;
      const doubted = client.changedIdentities().filter((one) => one.user === user);
      const seen = [...new Set(doubted.map((one) => one.seen))];
      const [fingerprint, ...others] = seen;
      if (fingerprint === undefined) {
        conversation.print(
          `No identity key of ${user} is in doubt in your rooms. With one that the server gave out, /verify ${user} compares.`,
        );
        return;
      }
      if (others.length > 0) {
        const keys = seen.map((one) => grouped(one, '  ')).join('\n\n');
        conversation.print(`Several people show a new key as ${user}; leave the rooms of those who are not:\n${keys}`);
        return;
      }
      await client.trust(user, fingerprint);
      conversation.print(`From now on ${user} is who has this identity key:\n${grouped(fingerprint, '  ')}`);
    }),
};
