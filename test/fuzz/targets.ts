import fc from 'fast-check';
import { assemble } from '../../src/bpf/assemble.js';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import { disassemble, toC, toJson } from '../../src/bpf/disassemble.js';
import { decode as decodeProgram, encode } from '../../src/bpf/encode.js';
import { MAX_INSTRUCTIONS } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { lift } from '../../src/bpf/lift.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { readCompose } from '../../src/container/compose.js';
import { readDevcontainer } from '../../src/container/devcontainer.js';
import { readRunLine } from '../../src/container/runLine.js';
import { readWorkflow } from '../../src/container/workflow.js';
import { readSecurityOptions } from '../../src/engine/securityOpt.js';
import { parseTarget } from '../../src/engine/target.js';
import { decoder } from '../../src/explain/decode/decoder.js';
import { candidatesIn } from '../../src/explain/symptoms/candidates.js';
import { cataloguedSymptoms, catalogueOf } from '../../src/explain/symptoms/catalogue.js';
import { harden } from '../../src/kubernetes/harden/harden.js';
import { readManifests } from '../../src/kubernetes/manifests.js';
import { readNeeds } from '../../src/kubernetes/needs.js';
import { podSecurity } from '../../src/kubernetes/podSecurity.js';
import { workloadsOf } from '../../src/kubernetes/workload.js';
import { fromReturnValue, toReturnValue } from '../../src/policy/action.js';
import { readDockerInspects } from '../../src/profile/dockerInspect.js';
import { formatDocker } from '../../src/profile/format.js';
import { readOciConfig, readProfile } from '../../src/profile/read.js';
import { validateProfile } from '../../src/profile/validate.js';
import { parseAskedArguments } from '../../src/record/argumentsAsked.js';
import { logReader } from '../../src/record/logReader.js';
import { readRecording, writeRecording } from '../../src/record/recordingFile.js';
import { readSuite } from '../../src/suite/readSuite.js';
import { parseCall } from '../../src/syscalls/call.js';
import { parseCallLine } from '../../src/syscalls/callLine.js';
import { formatCall } from '../../src/syscalls/callText.js';
import { syscallNames } from '../../src/syscalls/libseccomp.js';
import { boundaryCalls, instruction, LAST, sampler } from '../bpf/arbitrary.js';
import { programs } from '../bpf/randomPrograms.js';
import { law, type Target, textTarget } from './target.js';

const catalogue = catalogueOf(cataloguedSymptoms);
const lines = (text: string): readonly string[] => text.split('\n');

/** What was read, written and read again is the same. */
function readsBack(text: string, file: string): string {
  const profile = readProfile(text, file);
  const findings = validateProfile(profile);
  const written = formatDocker(profile);
  law(
    formatDocker(readProfile(written, 'written.json')) === written,
    'a written profile reads back as it was',
  );
  return `${profile.dialect} ${findings.map(({ rule }) => rule).sort()[0] ?? ''}`;
}

const word = fc.oneof(
  fc.constantFrom(
    'SCMP_ACT_ALLOW',
    'SCMP_ACT_ERRNO',
    'SCMP_ACT_TRACE',
    'SCMP_CMP_EQ',
    'SCMP_CMP_MASKED_EQ',
    'x86_64',
  ),
  fc.constantFrom('amd64', 'CAP_SYS_ADMIN', '4.8', 'SCMP_ARCH_X86', 'SECCOMP_FILTER_FLAG_LOG', 'EPERM'),
  fc.string(),
);
const number = fc.oneof(fc.nat(), fc.constantFrom(-1, 2 ** 31, 2 ** 32, 2 ** 53, 1.5), fc.constant(null));
const names = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...syscallNames) }, fc.string()), {
  maxLength: 5,
});
const filterSet = fc.record(
  { caps: fc.array(word), arches: fc.array(word), minKernel: word },
  { requiredKeys: [] },
);
const rule = fc.record(
  {
    names,
    name: word,
    action: word,
    errnoRet: number,
    errno: word,
    args: fc.array(
      fc.record({ index: number, value: number, valueTwo: number, op: word }, { requiredKeys: [] }),
      { maxLength: 3 },
    ),
    includes: filterSet,
    excludes: filterSet,
    comment: fc.string(),
  },
  { requiredKeys: [] },
);
const profile = fc
  .record(
    {
      defaultAction: word,
      defaultErrnoRet: number,
      defaultErrno: word,
      architectures: fc.array(word),
      archMap: fc.array(
        fc.record({ architecture: word, subArchitectures: fc.array(word) }, { requiredKeys: [] }),
      ),
      flags: fc.array(word),
      listenerPath: fc.string(),
      syscalls: fc.array(rule, { maxLength: 6 }),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

/** Bytes of a filter: refused, or understood in the same way by interpreter, lifter, compiler, listing and JSON. */
function readFilterBytes(input: Uint8Array): string {
  const bytes = input.subarray(0, input.length - (input.length % 8));
  const program = decodeProgram(input.length % 8 === 1 ? input : bytes, 'little');
  law(Buffer.compare(encode(program, 'little'), bytes) === 0, 'a decoded program encodes as it was');
  const listing = disassemble(program);
  law(JSON.stringify(assemble(listing)) === JSON.stringify(program), 'a listing assembles to its program');
  toC(program);
  toJson(program);
  const verdict = check(program);
  if (!verdict.ok) return verdict.reason.replace(/\d+/g, '');
  const machine = prepare(program);
  machine.run(new Uint32Array(16));
  if (program.length > 200) return 'long';
  const lifted = lift(program);
  if (!lifted.ok) return lifted.reason.replace(/\d+/g, '');
  const compiled = prepare(compile(lifted.policy));
  for (const call of boundaryCalls(lifted.policy, 4, sampler(program.length))) {
    const [one, two] = [machine, compiled].map((each) =>
      toReturnValue(fromReturnValue(each.run(dataWords(call)))),
    );
    law(one === two, `the compiled program answers 0x${two?.toString(16)} for 0x${one?.toString(16)}`);
  }
  return `lifted, ${lifted.policy.sections.length} sections`;
}

const register = fc.bigInt({ min: -3n, max: 1n << 64n });
const call = fc
  .tuple(
    fc.constantFrom('', 'x86:', 'x32:', 'aarch64:', 's390x:'),
    fc.oneof(fc.constantFrom(...syscallNames), fc.nat(500).map(String)),
    fc.array(
      fc.oneof(
        register.map(String),
        fc.constantFrom('CLONE_NEWUSER|SIGCHLD', 'flags=1', 'AF_VSOCK', '_', '0x7f'),
      ),
      { maxLength: 7 },
    ),
  )
  .map(([abi, name, args]) => `${abi}${name}(${args.join(', ')})`);

/** Everything that reads what somebody else wrote. */
export const targets: readonly Target[] = [
  textTarget('profile-json', (text) => readsBack(text, 'p.json'), profile),
  textTarget('profile-yaml', (text) => readsBack(text, 'p.yaml'), profile),
  textTarget('oci-config', (text) => readOciConfig(text, 'config.json').kind),
  textTarget('docker-inspect', (text) => `${readDockerInspects(text, 'inspect.json').length}`),
  {
    name: 'filter-bytes',
    read: readFilterBytes,
    arbitrary: fc
      .oneof(programs, fc.array(instruction, { maxLength: 30 }))
      .map((one) => encode(one, 'little')),
  },
  textTarget('filter-listing', (text) => {
    const program = assemble(text);
    if (program.length > MAX_INSTRUCTIONS) return 'too long';
    law(
      JSON.stringify(assemble(disassemble(program))) === JSON.stringify(program),
      'a listing assembles to its program',
    );
    return check(program).ok ? 'a filter' : 'none';
  }),
  textTarget('run-line', (text) => Object.keys(readRunLine(text)).join()),
  textTarget('compose', (text) =>
    Object.keys(readCompose(text, 'compose.yaml', { variables: { A: 'b' }, read: () => text })).join(),
  ),
  textTarget('devcontainer', (text) => Object.keys(readDevcontainer(text, '.devcontainer.json')).join()),
  textTarget('workflow', (text) => Object.keys(readWorkflow(text, 'ci.yml')).join()),
  textTarget('suite', (text) => `${readSuite(text, 'a.test.yaml').tests.length}`),
  textTarget('manifests', (text) => {
    const { objects } = readManifests(text, 'pods.yaml');
    const workloads = objects.flatMap(workloadsOf);
    const levels = workloads.map((workload) => podSecurity(workload, '1.33').level);
    return `${objects.map(({ kind }) => kind)} ${levels}`.slice(0, 60);
  }),
  textTarget('harden', (text) => {
    const profile = { type: 'RuntimeDefault' } as const;
    const options = {
      level: 'restricted',
      profile,
      keepUnconfined: false,
      cluster: { version: '1.33', seccompDefault: false, kubeletRoot: '/var/lib/kubelet' },
    } as const;
    const { edits } = harden(text, 'pods.yaml', options);
    return `${Math.min(edits.length, 9)}`;
  }),
  textTarget('trace-log', (text) => {
    const reader = logReader({ arch: 'x86_64', asked: parseAskedArguments('socket:0', 'x86_64') });
    for (const line of lines(text)) reader.line(line);
    const { recording, notes } = reader.finish();
    return `${recording.recorder} ${recording.calls.length > 0} ${notes.length}`;
  }),
  textTarget('kernel-log', (text) => {
    const reader = decoder('x86_64');
    const found = [...lines(text).flatMap(reader.line), ...reader.end()];
    return found
      .map((one) => `${one.kind} ${Object.keys(one).length}`)
      .slice(0, 4)
      .join();
  }),
  textTarget('symptoms', (text) => candidatesIn(text, catalogue, 'x86_64')[0]?.source ?? ''),
  textTarget(
    'call',
    (text) => {
      const parsed = parseCall(text, 'x86_64');
      const written = formatCall(parsed);
      const again = parseCall(written, parsed.abi);
      // As strace does, the text of an int leaves open how its register's upper half is filled.
      const halves = (args: readonly (bigint | undefined)[]) =>
        args.map((value) => (value === undefined ? '_' : BigInt.asUintN(32, value))).join();
      law(
        again.number === parsed.number &&
          again.abi === parsed.abi &&
          halves(again.args) === halves(parsed.args),
        `${written} reads back as the call that it was`,
      );
      return parsed.abi;
    },
    call,
  ),
  textTarget('call-line', (text) => {
    const read = lines(text).map((line, index) => parseCallLine(line, 'calls', index + 1));
    for (const one of read) law(one === undefined || one.number <= LAST, 'a number has 32 bits');
    return read[0]?.abi ?? 'nothing';
  }),
  textTarget('recording', (text) => {
    const written = writeRecording(readRecording(text, 'r.json'));
    law(writeRecording(readRecording(written, 'w.json')) === written, 'a recording reads back as it was');
    return 'a recording';
  }),
  textTarget('needs', (text) => `${readNeeds(text, 'calls.txt').length > 0}`),
  textTarget('asked-arguments', (text) => `${parseAskedArguments(text, 'x86_64').size}`),
  textTarget('target', (text) => parseTarget(text).kind),
  textTarget('security-opt', (text) => {
    const read = readSecurityOptions({
      engine: 'docker',
      version: '28.5.2',
      options: lines(text),
      privileged: false,
    });
    return read.seccomp.kind === 'error'
      ? read.seccomp.message.replace(/"(?:[^"\\]|\\.)*"/g, '').slice(0, 80)
      : read.seccomp.kind;
  }),
];
