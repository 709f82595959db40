/** A program that opens a profile and holds it until it is killed: `profile-holder.ts HOME USER PASSWORD`. */
import { listProfiles, openProfile } from '../../src/node/index.ts';

const [home = '', user = '', password = ''] = process.argv.slice(2);
const profile = (await listProfiles(home)).find((summary) => summary.user === user);
if (profile === undefined) throw new Error(`no profile of ${user}`);
await openProfile(profile, password);
console.log('open');
process.stdin.resume();
