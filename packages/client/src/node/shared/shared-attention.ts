/** What the user of a shared profile has read, and what notifies. */
import type { RoomName } from '@chat/protocol';
import type { AttentionSettings } from '../../attention/settings.ts';
import type { NotifyLevel } from '../../view.ts';
import type { CallMethod } from './local-methods.ts';

/** The methods of `ClientAttention`. They do, and throw, what those do, for all programs of the profile. */
export class SharedAttention {
  readonly #call: CallMethod;
  readonly #settings: () => AttentionSettings;

  constructor(call: CallMethod, settings: () => AttentionSettings) {
    this.#call = call;
    this.#settings = settings;
  }

  get settings(): AttentionSettings {
    return this.#settings();
  }

  markRead(roomName: RoomName, seq: number): Promise<void> {
    return this.#call('attention.markRead', [roomName, seq]);
  }

  setNotify(roomName: RoomName, level: NotifyLevel | null): Promise<void> {
    return this.#call('attention.setNotify', [roomName, level]);
  }

  change(settings: Partial<AttentionSettings>): Promise<void> {
    return this.#call('attention.change', [settings]);
  }
}
