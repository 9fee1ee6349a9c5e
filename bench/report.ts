import { loadDefaults } from '../src/engine/defaults.js';
import { resolveContext } from '../src/engine/resolveContext.js';
import { predict } from '../src/explain/predict.js';
import { newRule } from '../src/explain/remedies/editor.js';
import { reportOf } from '../src/explain/report/report.js';
import { formatDocker } from '../src/profile/format.js';
import { readProfile } from '../src/profile/read.js';
import { abi } from '../src/syscalls/abis.js';
import { syscallNumber } from '../src/syscalls/table.js';
import type { Row, Table } from './measure.js';

const RULES = [1, 100, 1000];
const VERSION = '28.5.2';
/** Calls that Docker's default denies, for five rules' sake. */
const DENIED =
  'mount umount2 pivot_root swapon swapoff reboot init_module delete_module kexec_load bpf perf_event_open setns unshare quotactl acct settimeofday clock_settime add_key request_key keyctl userfaultfd sethostname setdomainname ioctl'.split(
    ' ',
  );

/** Docker's default with rules that each allow one command of ioctl, and nothing else of it. */
async function filterOf(count: number) {
  const { context } = await resolveContext({ engine: `docker@${VERSION}`, arch: 'amd64' });
  const profile = (await loadDefaults('docker')).profile(VERSION);
  if (profile === undefined) throw new Error('Docker has a default profile');
  const others = profile.rules.map((rule) => ({
    ...rule,
    names: rule.names.filter((name) => name !== 'ioctl'),
  }));
  const commands = Array.from({ length: count }, (_, index) =>
    newRule(['ioctl'], 'SCMP_ACT_ALLOW', {
      args: [{ index: 1, value: BigInt(0x5401 + 7 * index), valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
    }),
  );
  const text = formatDocker({ ...profile, rules: [...others, ...commands] });
  const seccomp = { kind: 'profile', profile: readProfile(text, 'rules.json') } as const;
  const prediction = await predict({ ...context, seccomp });
  if (prediction.kind !== 'filter') throw new Error(`${count} rules: ${prediction.kind}`);
  return prediction;
}

/** What it takes to tell why calls were denied, and to prove the way out of each cause. */
export async function reportTable(): Promise<Table> {
  const rows: Row[] = [];
  let last = Number.NaN;
  for (const count of RULES) {
    const prediction = await filterOf(count);
    const denials = DENIED.map((name, place) => ({
      auditArch: abi('x86_64').auditArch,
      number: syscallNumber(name, 'x86_64') ?? 0,
      args: [1n, 2n, 3n, 4n, 5n, 6n],
      strings: [],
      pid: 1,
      exe: 'probe',
      count: 1,
      firstPlace: place,
      lastPlace: place,
    }));
    const observation = { denials, unlisted: 0, ending: { exitCode: 1, signal: undefined } };
    const about = { command: ['probe'], context: [], notes: [] };
    const before = process.cpuUsage();
    const report = await reportOf(observation, about, prediction.policy, prediction);
    const { user, system } = process.cpuUsage(before);
    last = (user + system) / 1e6;
    const proved = report.causes.filter(({ remedy }) => remedy !== undefined).length;
    rows.push([String(count), String(report.causes.length), String(proved), last.toFixed(2)]);
  }
  return {
    title: 'The report of many denied calls',
    columns: ['rules with a comparison', 'causes', 'ways out, proved', 's of processor time'],
    rows,
    remark: `${DENIED.length} kinds of calls, denied under Docker's default with rules that each allow one command of ioctl.`,
    goals: [
      { what: 'the report of 24 kinds of denied calls, 1,000 rules', measured: last, most: 2, unit: 's' },
    ],
  };
}
