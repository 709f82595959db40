/** A client on Node: profiles in files, connections over node:tls. */
export { type Authority, fetchAuthority } from './authority.ts';
export {
  type Enrolment,
  enrol,
  inspectProfile,
  moveProfile,
  type OpenProfileOptions,
  openProfile,
  renewIdentity,
} from './profile.ts';
export { listProfiles, type ProfileSummary } from './profile-files.ts';
export { checkPhrase, newPhrase } from './recovery/phrase.ts';
export { type Recovered, type RecoverOptions, recoverProfile } from './recovery/recover.ts';
export { startRecovery } from './recovery/start-recovery.ts';
export { systemScheduler } from './scheduler.ts';
export { enrolShared, type OpenSharedProfileOptions, openSharedProfile } from './shared/open-shared.ts';
export type { SharedClient } from './shared/shared-client.ts';
export type { Endpoint } from './tls-link.ts';
export { createTlsTransport } from './tls-transport.ts';
export { eraseProfile, takeBack } from './whole-profile/erase.ts';
export { exportProfile } from './whole-profile/export.ts';
export { importProfile } from './whole-profile/import.ts';
export { changeProfilePassword } from './whole-profile/password.ts';
