/** What breaks a rule in the second example of a room. */
import { composeInvite, composeJoin, composeRemove } from '@chat/room';
import { type Admission, places } from './admission.ts';
import { type Breach, nobody, Scene } from './breach.ts';

const { two, invited, withdrawn, invitedAgain, end } = places;

export function admissionBreaches({ table, alice, bob, carol, dave }: Admission): readonly Breach[] {
  const scene = new Scene(table);
  const { breach } = scene;
  const invitation = composeInvite(table.author(bob), scene.state(bob, two), table.invitee(carol));
  const withdrawal = composeRemove(table.author(alice), scene.state(alice, invitedAgain), 'carol');
  const epoch = table.epoch(alice, scene.state(alice, 4)).entry;
  return [
    breach('not-invited', two, 'a join without an invitation', composeJoin(table.author(carol), table.room, two)),
    breach(
      'not-invited',
      invited,
      'a join in the name of somebody who is invited',
      scene.resigned(carol, composeJoin(table.author(carol), table.room, invited), { author: 'dave' }),
    ),
    breach(
      'not-invited',
      withdrawn,
      'a join after the invitation was withdrawn',
      composeJoin(table.author(dave), table.room, withdrawn),
    ),
    breach('not-allowed', two, 'an unverified invitation', scene.resigned(bob, invitation, { verified: false })),
    breach(
      'bad-signature',
      two,
      'an invitation with the key of another',
      scene.resigned(bob, invitation, { key: table.invitee(dave).key }),
    ),
    breach(
      'bad-signature',
      two,
      'an invitation in the name of another',
      scene.resigned(bob, invitation, { author: 'alice' }),
    ),
    breach(
      'fork',
      two,
      'an invitation in view of another log, whatever else is wrong with it',
      scene.resigned(bob, invitation, { head: { seq: two, hash: nobody }, verified: false }),
    ),
    breach(
      'already-a-member',
      invited,
      'an invitation of somebody who is invited',
      composeInvite(table.author(alice), { ...scene.state(alice, invited), invited: {} }, table.invitee(dave)),
    ),
    breach('replayed', withdrawn, 'an invitation that was withdrawn', scene.at(10)),
    breach(
      'not-allowed',
      invitedAgain,
      'a member withdraws what another invited',
      scene.resigned(bob, withdrawal, { author: 'bob' }),
    ),
    breach(
      'replayed',
      invitedAgain,
      'a withdrawal from before the invitation',
      scene.resigned(alice, withdrawal, { head: headAt(withdrawn) }),
    ),
    breach(
      'unknown-member',
      invitedAgain,
      'a withdrawal in a wrong name',
      scene.resigned(alice, withdrawal, { user: 'eve' }),
    ),
    breach(
      'unknown-member',
      withdrawn,
      'a withdrawal of nobody’s invitation',
      scene.resigned(alice, withdrawal, {
        user: 'dave',
        fingerprint: dave.signer.fingerprint,
        head: headAt(withdrawn),
      }),
    ),
    breach('malformed', 4, 'too much of a key before', scene.resigned(alice, epoch, { past: 'A'.repeat(401) })),
    breach('stale-key', end, 'under the key that was lost', scene.message(bob, end - 2)),
  ];

  function headAt(after: number) {
    return scene.state(alice, after).head;
  }
}
