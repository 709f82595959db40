/** A member who lacks the key of a room of five, and asks the others for it. */
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

  /** Makes the room. Every member who is asked answers with the key. */
  static async create(): Promise<LackingMember> {
    const fakeRoom = new FakeRoom();
    const setting = new LackingMember(fakeRoom, await fakeRoom.enter('alice', 'bob', 'carol', 'dave', 'eli'));
    const { alice, carol, dave, keys } = setting;
    await fakeRoom.rekey(alice);
    for (const member of [alice, carol, dave]) fakeRoom.read(member);
    fakeRoom.server.answers['ask-key'] = async ({ number, user }, { user: asker }) => {
      const holder = fakeRoom.members.find((member) => member.user === user);
      if (holder === undefined) throw new Error(`there is no member ${user}`);
      await answerKey(holder.context, holder.room, number, asker);
      keys.given(number);
      return {};
    };
    return setting;
  }

  /** Deletes bob’s wrap, or replaces it by this one. */
  spoil(envelope?: string): void {
    const { fakeRoom, bob } = this;
    const place = `1 ${bob.fingerprint}`;
    fakeRoom.server.wraps.delete(place);
    fakeRoom.read(bob);
    if (envelope !== undefined) fakeRoom.server.wraps.set(place, envelope);
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
