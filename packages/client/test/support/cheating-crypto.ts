/** The cryptography of a member who wraps another secret than the one of the epoch. */
import { createRoomCrypto, type RoomCrypto, type SenderLink } from '@chat/room';

/** Returns the project's cryptography, whose links carry 32 zeros while `isCheating` returns true. */
export function cheatingCrypto(isCheating: () => boolean): RoomCrypto {
  const crypto = createRoomCrypto();
  const cheating = (link: SenderLink): SenderLink => ({
    id: link.id,
    step: link.step,
    toJSON: () => link.toJSON(),
    wrap(key, context) {
      const wrapped = link.wrap(isCheating() ? new Uint8Array(32) : key, context);
      return { link: cheating(wrapped.link), wrap: wrapped.wrap };
    },
  });
  return {
    ...crypto,
    openLink(options) {
      const opened = crypto.openLink(options);
      return opened === null ? null : { ...opened, link: cheating(opened.link) };
    },
  };
}
