// A customised profile moved to a newer default, and that default for an older daemon.
import { backport, formatDocker, predict, resolveContext, updateProfile } from 'callgate';

const of = async (engine) => predict((await resolveContext({ engine, arch: 'amd64' })).context);
const [old, newer, older] = await Promise.all(
  ['docker@24.0.9', 'docker@28.5.2', 'docker@20.10.9'].map((engine) => of(engine)),
);
const ours = { ...old.profile, defaultErrnoRet: 38 };
const { profile, conflicts } = updateProfile(ours, old.profile, newer.profile);
console.log(profile.defaultErrnoRet, conflicts.length, formatDocker(profile).includes('io_uring_setup'));

const { text, after } = await backport(newer, older);
console.log(after.context.engine.version, JSON.parse(text).defaultAction);
