/** Slash commands on other users: invitations, removals, roles and identity keys. The room's log confirms what they do. */
import { role, type UserName, userName } from '@chat/protocol';
import { requireOtherUser } from '../other-user.ts';
import { grouped } from '../text/fingerprint.ts';
import { safetyNumberRows } from '../text/safety-number.ts';
import { inCurrentRoom, type SlashCommand, withContext, withName, withUserInCurrentRoom, wordsOf } from './command.ts';
import type { Conversation } from './conversation.ts';

/** Invites a user into the current room. */
export const invite: SlashCommand = {
  usage: '/invite USER',
  summary: 'Invite a user into this room. They can read messages from then on, even if they join later.',
  run: (conversation, argument) =>
    withUserInCurrentRoom(conversation, argument, (roomName, user) => conversation.client.invite(roomName, user)),
};

/** Lists the knocks at the current room. */
export const knocks: SlashCommand = {
  usage: '/knocks',
  summary: 'List the users who ask to be invited into this room.',
  run: (conversation) =>
    inCurrentRoom(conversation, async (roomName) => {
      const { client } = conversation;
      const { blocked } = client.attention.settings;
      const knocking = await client.knocks(roomName);
      conversation.showKnocks(
        roomName,
        knocking.filter(({ user }) => !blocked.includes(user)),
      );
    }),
};

/** Invites a user who has knocked at the current room, with the identity key that the screen has shown. */
export const admit: SlashCommand = {
  usage: '/admit USER',
  summary: 'Invite a user who asks for it, with the key that you were shown.',
  run: (conversation, argument) =>
    withUserInCurrentRoom(conversation, argument, async (roomName, user) => {
      const { client } = conversation;
      const knock = (await client.knocks(roomName)).find((one) => one.user === user);
      if (knock === undefined) {
        conversation.print(
          `${user} does not ask to be invited: /knocks lists the users who do, /invite ${user} invites them anyway.`,
        );
        return;
      }
      // The server can replace a knock at any time, so the key counts that the user has seen, not the one that it names now.
      const shown = conversation.knockShown(roomName, user);
      if (shown === knock.fingerprint) {
        await client.invite(roomName, user, { fingerprint: shown });
        return;
      }
      conversation.showKnocks(roomName, [knock]);
      const reason =
        shown === null
          ? `You had not seen the identity key with which ${user} asks.`
          : `${user} asks with another identity key than the one that you were shown before.`;
      conversation.print(`${reason} Nothing was sent: to invite this key, type /admit ${user} again.`);
    }),
};

/** Dismisses the knock of a user at the current room. */
export const dismiss: SlashCommand = {
  usage: '/dismiss USER',
  summary:
    'Dismiss the request of a user to be invited. They can ask again after a day; the members see who dismissed it.',
  run: (conversation, argument) =>
    withUserInCurrentRoom(conversation, argument, async (roomName, user) => {
      await conversation.client.dismissKnock(roomName, user);
      conversation.print(`You dismissed the request of ${user}.`);
    }),
};

/** Removes a member from the current room, or withdraws an invitation. */
export const remove: SlashCommand = {
  usage: '/remove USER',
  summary: 'Remove a member from this room, or withdraw an invitation. They cannot read later messages.',
  run: (conversation, argument) =>
    withUserInCurrentRoom(conversation, argument, (roomName, user) => conversation.client.removeMember(roomName, user)),
};

/** Gives a member of the current room a role. */
export const giveRole: SlashCommand = {
  usage: '/role USER ROLE',
  summary:
    'Give a member the role moderator, member or owner in this room. The role member allows a removed user to join again.',
  run: (conversation, argument) => {
    const [name = '', wanted = ''] = wordsOf(argument);
    return withName(conversation, { schema: userName, argument: name }, async (user) => {
      const parsed = role.safeParse(wanted);
      if (!parsed.success) {
        conversation.print(`The role of ${user} is missing: it is one of ${role.options.join(', ')}.`);
        return;
      }
      await inCurrentRoom(conversation, (roomName) => conversation.client.giveRole(roomName, user, parsed.data), user);
    });
  },
};

/** Shows the fingerprint of the log, shows the safety number with a user, or marks the user as verified. */
export const verify: SlashCommand = {
  usage: '/verify [USER [same]]',
  summary:
    'Show the safety number to compare with a user. With "same", say that the numbers are the same. Without a user, show the fingerprint of the log of this room; /verify #POSITION shows that of an earlier position.',
  run: (conversation, argument) => {
    const [name = '', word] = wordsOf(argument);
    if (name === '' || /^#\d{1,15}$/.test(name)) return showLogFingerprint(conversation, name.slice(1));
    return withName(conversation, { schema: userName, argument: name }, async (user) => {
      requireOtherUser(conversation.client, user);
      if (word === undefined) await showSafetyNumber(conversation, user);
      else if (word === 'same') await markVerified(conversation, user);
      else {
        conversation.print(
          `/verify ${user} shows the safety number; /verify ${user} same says that ${user} sees the same number.`,
        );
      }
    });
  },
};

function showLogFingerprint(conversation: Conversation, position: string): Promise<undefined> {
  return inCurrentRoom(conversation, async (roomName) => {
    const { seq, number } = await conversation.client.logFingerprint(
      roomName,
      position === '' ? undefined : Number(position),
    );
    conversation.print(
      [
        `The fingerprint of the log of ${conversation.titleOf(roomName)} up to position ${seq}:`,
        safetyNumberRows(number, '    '),
        `Compare all of it with what another member sees after /verify #${seq}: side by side, or in a call in which you know the voice; not in this chat.`,
        'If the digits are the same, the server has shown both of you the same entries up to there: messages, members, keys. If they differ, it shows you different logs: send nothing secret here, and tell the others.',
      ].join('\n'),
    );
  });
}

async function showSafetyNumber(conversation: Conversation, user: UserName): Promise<void> {
  const { client } = conversation;
  const { number, fingerprint, verified } = await withContext({ otherUser: user }, client.safetyNumber(user));
  conversation.safetyNumbersShown.set(user, fingerprint);
  conversation.print(
    [
      `The safety number of you and ${user}${verified ? ', which you have compared before' : ''}:`,
      safetyNumberRows(number, '    '),
      `Compare all of it with what ${user} sees after /verify ${client.user}: side by side, or in a call in which you know the voice; not in this chat.`,
      `If the numbers are the same, type /verify ${user} same. If they differ, an attacker is between you: send nothing secret here.`,
    ].join('\n'),
  );
}

/** Marks the key whose number was shown. The server may have handed out another key since then, which is not marked. */
async function markVerified(conversation: Conversation, user: UserName): Promise<void> {
  const { client, safetyNumbersShown } = conversation;
  const shown = safetyNumbersShown.get(user);
  if (shown === undefined) {
    conversation.print(`Compare first: /verify ${user} shows the safety number.`);
    return;
  }
  const { fingerprint } = await withContext({ otherUser: user }, client.safetyNumber(user));
  if (fingerprint !== shown) {
    safetyNumbersShown.delete(user);
    conversation.print(
      `The identity key of ${user} has changed since you saw the number: compare again with /verify ${user}.`,
    );
    return;
  }
  await client.verify(user, fingerprint);
  conversation.print(`${user} is verified now. If their identity key changes, you will see an alarm.`);
}

/** Accepts the changed identity key of a user. */
export const trust: SlashCommand = {
  usage: '/trust USER',
  summary: 'Accept the new identity key of a user, after you have asked them outside this chat.',
  run: (conversation, argument) =>
    withName(conversation, { schema: userName, argument }, async (user) => {
      const { client } = conversation;
      const changes = client.changedIdentities().filter((change) => change.user === user);
      const seen = [...new Set(changes.map((change) => change.seen))];
      const [fingerprint, ...others] = seen;
      if (fingerprint === undefined) {
        conversation.print(
          `The identity key of ${user} has not changed in your rooms. To verify ${user}, type /verify ${user}.`,
        );
        return;
      }
      if (others.length > 0) {
        const keys = seen.map((key) => grouped(key, '  ')).join('\n\n');
        conversation.print(
          `Several users have a new key under the name ${user}. Leave the rooms in which the key is not theirs:\n${keys}`,
        );
        return;
      }
      await client.trust(user, fingerprint);
      conversation.print(`You trust this identity key of ${user} now:\n${grouped(fingerprint, '  ')}`);
    }),
};
