/** Entries that break a rule in the second example. */
import { limits } from '@chat/protocol';
import { composeDecline, composeInvite, composeJoin, composeRemove, UserMap } from '@chat/room';
import { type Admission, places } from './admission.ts';
import { type Breach, PastRoom, unknownHash } from './breach.ts';

const { two, invited, withdrawn, invitedAgain, end, invitedLast, declined } = places;

/** Returns the breaches. */
export function admissionBreaches({ recorded, alice, bob, carol, dave }: Admission): readonly Breach[] {
  const past = new PastRoom(recorded);
  const { breach } = past;
  const invitation = composeInvite(recorded.author(bob), past.state(bob, two), recorded.invitee(carol));
  const withdrawal = composeRemove(recorded.author(alice), past.state(alice, invitedAgain), 'carol');
  const decline = composeDecline(recorded.author(dave), recorded.roomId, invitedLast);
  const epoch = recorded.epoch(alice, past.state(alice, 4)).entry;
  return [
    breach(
      'not-invited',
      two,
      'a join without an invitation',
      composeJoin(recorded.author(carol), recorded.roomId, two),
    ),
    breach(
      'not-invited',
      invited,
      'a join in the name of somebody who is invited',
      past.resigned(carol, composeJoin(recorded.author(carol), recorded.roomId, invited), { author: 'dave' }),
    ),
    breach(
      'not-invited',
      withdrawn,
      'a join after the invitation was withdrawn',
      composeJoin(recorded.author(dave), recorded.roomId, withdrawn),
    ),
    breach(
      'not-invited',
      two,
      'a decline without an invitation',
      composeDecline(recorded.author(carol), recorded.roomId, two),
    ),
    breach('not-invited', declined, 'a decline a second time', past.at(declined - 1)),
    breach(
      'not-invited',
      invitedLast,
      'a decline in the name of another',
      past.resigned(dave, decline, { author: 'carol' }),
    ),
    breach(
      'bad-signature',
      invitedLast,
      'a decline for another room',
      past.resigned(dave, decline, { room: unknownHash }),
    ),
    breach(
      'replayed',
      invitedLast,
      'a decline of an earlier invitation',
      past.resigned(dave, decline, { after: invited }),
    ),
    breach(
      'replayed',
      invitedLast,
      'a decline that names a position that does not exist yet',
      past.resigned(dave, decline, { after: invitedLast + 1 }),
    ),
    breach('not-allowed', two, 'an unverified invitation', past.resigned(bob, invitation, { verified: false })),
    breach(
      'bad-signature',
      two,
      'an invitation with the key of another',
      past.resigned(bob, invitation, { key: recorded.invitee(dave).key }),
    ),
    breach(
      'bad-signature',
      two,
      'an invitation in the name of another',
      past.resigned(bob, invitation, { author: 'alice' }),
    ),
    breach(
      'fork',
      two,
      'an invitation in view of another log, whatever else is wrong with it',
      past.resigned(bob, invitation, { head: { seq: two, hash: unknownHash }, verified: false }),
    ),
    breach(
      'already-a-member',
      invited,
      'an invitation of somebody who is invited',
      composeInvite(
        recorded.author(alice),
        { ...past.state(alice, invited), invited: UserMap.empty },
        recorded.invitee(dave),
      ),
    ),
    past.crowded(limits.roomMembers - 2, breach('room-full', two, 'an invitation to a full room', past.at(two + 1))),
    past.crowded(
      limits.roomMembers - 3,
      breach(
        'room-full',
        invitedAgain,
        'an invitation to a room that is full with an invited user',
        composeInvite(recorded.author(bob), past.state(bob, invitedAgain), recorded.invitee(dave)),
      ),
    ),
    breach('replayed', withdrawn, 'an invitation that was withdrawn', past.at(10)),
    breach(
      'not-allowed',
      invitedAgain,
      'a member withdraws what another invited',
      past.resigned(bob, withdrawal, { author: 'bob' }),
    ),
    breach(
      'replayed',
      invitedAgain,
      'a withdrawal from before the invitation',
      past.resigned(alice, withdrawal, { head: headAt(withdrawn) }),
    ),
    breach(
      'unknown-member',
      invitedAgain,
      'a withdrawal in a wrong name',
      past.resigned(alice, withdrawal, { user: 'eve' }),
    ),
    breach(
      'unknown-member',
      withdrawn,
      'a withdrawal of nobody’s invitation',
      past.resigned(alice, withdrawal, {
        user: 'dave',
        fingerprint: dave.signer.fingerprint,
        head: headAt(withdrawn),
      }),
    ),
    breach('malformed', 4, 'too much of a key before', past.resigned(alice, epoch, { past: 'A'.repeat(401) })),
    breach('stale-key', end, 'under the key that was lost', past.message(bob, end - 2)),
  ];

  function headAt(after: number) {
    return past.state(alice, after).head;
  }
}
