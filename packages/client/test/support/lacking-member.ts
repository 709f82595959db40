/** A member who lacks the key of a room of five, and asks the others for it. */
import { wrapContext } from '@chat/room';
import { answerKey } from '../../src/keys/key-answer.ts';
import { type Fetched, KeyFetch } from '../../src/keys/key-fetch.ts';
import { type FakeMember, FakeRoom } from './fake-room.ts';

/** A room whose first key alice has made, carol and dave have read it, and bob has not. */
export class LackingMember {
  readonly fakeRoom: FakeRoom;
  readonly alice: FakeMember;
  readonly bob: FakeMember;
  readonly carol: FakeMember;
  readonly dave: FakeMember;
  /** How bob gets the key. */
  readonly keys: KeyFetch;
  connected = true;

  private constructor(fakeRoom: FakeRoom, [alice, bob, carol, dave]: readonly FakeMember[]) {
    if (alice === undefined || bob === undefined || carol === undefined || dave === undefined)
      throw new Error('four members');
    this.fakeRoom = fakeRoom;
    this.alice = alice;
    this.bob = bob;
    this.carol = carol;
    this.dave = dave;
    this.keys = new KeyFetch(bob.context, bob.room);
  }

  /**
   * Makes the room. Every member who is asked answers with the key.
   *
   * @param isAliceHonest if false, alice wraps another secret for bob than for the others
   */
  static async create(isAliceHonest = true): Promise<LackingMember> {
    const fakeRoom = new FakeRoom();
    const setting = new LackingMember(fakeRoom, await fakeRoom.enter('alice', 'bob', 'carol', 'dave', 'eli'));
    const { alice, bob, carol, dave } = setting;
    if (!isAliceHonest) setting.cheat(alice, bob);
    await fakeRoom.rekey(alice);
    for (const member of [alice, carol, dave]) fakeRoom.read(member);
    fakeRoom.server.answers['ask-key'] = async ({ number, user }, { user: asker }) => {
      const holder = fakeRoom.members.find((member) => member.user === user);
      if (holder === undefined) throw new Error(`there is no member ${user}`);
      await answerKey(holder.context, holder.room, number, asker);
      setting.give(holder);
      return {};
    };
    return setting;
  }

  /** Lets a member wrap another secret for this user than for the others. */
  cheat(hub: FakeMember, user: FakeMember): void {
    const { outgoing } = hub.context;
    const honest = outgoing.wrap.bind(outgoing);
    const context = wrapContext({ roomId: hub.room.roomId, epochNumber: 1 });
    outgoing.wrap = (to, wrap) =>
      honest(to, to === user.fingerprint ? (link) => link.wrap(new Uint8Array(32), context) : wrap);
  }

  /** Passes on the latest key answer of a member. */
  give(holder: FakeMember): void {
    const [answer] = this.fakeRoom.server.of('give-key', holder.user).slice(-1);
    if (answer === undefined) return;
    this.keys.given({ epochNumber: answer.number, from: holder.fingerprint, wrap: answer.wrap });
  }

  /** Deletes bob’s wrap, or replaces it by this one, and lets bob read the epoch. */
  spoil(wrap?: Uint8Array): void {
    const { fakeRoom, bob } = this;
    const place = `1 ${bob.fingerprint}`;
    fakeRoom.server.wraps.delete(place);
    fakeRoom.read(bob);
    if (wrap !== undefined) fakeRoom.server.wraps.set(place, wrap);
  }

  /** Lets bob get the key of the first epoch. */
  fetchKey(): Promise<Fetched> {
    return this.keys.fetch(this.bob.state, 1, () => this.connected);
  }

  /** Resolves with whether bob has got alice's key, and with what he reports. */
  async settled(fetching: Promise<Fetched>) {
    const fetched = await fetching;
    if (fetched === 'disconnected') return fetched;
    const violations = fetched.events.flatMap((event) =>
      event.kind === 'violation' ? [`${event.code} ${event.user}`] : [],
    );
    return { held: fetched.state.secrets[1] === this.alice.state.secrets[1], violations };
  }

  /** Returns the members whom bob has asked. */
  asked(): string[] {
    return this.fakeRoom.server.of('ask-key', 'bob').map(({ user }) => user);
  }
}
