/** The package's entry `callgate`: the pure core, for Node and browsers. */

export { assemble } from './bpf/assemble.js';
export { check } from './bpf/check.js';
export { compile } from './bpf/compile.js';
export { disassemble } from './bpf/disassemble.js';
export { decode, encode } from './bpf/encode.js';
export type { Instruction, Program } from './bpf/instruction.js';
export { interpret } from './bpf/interpret.js';
export { lift } from './bpf/lift.js';
export type { Context } from './engine/context.js';
export type { ContextInput } from './engine/contextInput.js';
export { type ResolvedContext, resolveContext } from './engine/resolveContext.js';
export { parseTarget, type Target } from './engine/target.js';
export { CallgateError, type Position } from './error.js';
export { type Backported, backport } from './explain/backport.js';
export { type Decoder, decoder } from './explain/decode/decoder.js';
export type { CapabilitiesRecord, Decoded, SeccompRecord } from './explain/decode/record.js';
export { diffPolicies, type PolicyDiff } from './explain/diff.js';
export type { Explanation, Reason, Remedy } from './explain/explanation.js';
export { type Extended, extend } from './explain/extend.js';
export { type Fix, fix, type ProvedRemedy } from './explain/fix.js';
export { type History, historyOf } from './explain/history.js';
export type { LayerFacts } from './explain/layers/facts.js';
export type { Layer } from './explain/layers/layer.js';
export { type MatrixRow, matrix } from './explain/matrix.js';
export { type Merged, merge } from './explain/merge.js';
export { type Prediction, predict } from './explain/predict.js';
export {
  type Counterexample,
  type Proof,
  proveAlways,
  proveEquals,
  proveNever,
  proveWithin,
} from './explain/proof.js';
export { findSymptoms, type Symptom } from './explain/symptoms.js';
export { why } from './explain/why.js';
export { type ExplainedWorkload, type ExplainOptions, explainWorkloads } from './kubernetes/explain.js';
export { type Hardened, harden } from './kubernetes/harden/harden.js';
export { type ImpactOptions, type ImpactRow, impactOf } from './kubernetes/impact.js';
export { type ManifestObject, type Manifests, readManifests } from './kubernetes/manifests.js';
export { type ClusterNode, nodeOf, nodeOfWord } from './kubernetes/node.js';
export { type NodeGroup, nodeGroups } from './kubernetes/nodeGroups.js';
export { type PodSecurity, podSecurity } from './kubernetes/podSecurity.js';
export { type Pool, poolsOf } from './kubernetes/pool.js';
export { type Workload, workloadsOf } from './kubernetes/workload.js';
export type { LintFinding } from './lint/finding.js';
export { lint } from './lint/lint.js';
export { type Preflight, preflight } from './lint/preflight.js';
export type { Action } from './policy/action.js';
export { comparePolicies, type Difference } from './policy/compare.js';
export { type Call, decide } from './policy/decide.js';
export type { Policy } from './policy/policy.js';
export { formatDocker, formatOci } from './profile/format.js';
export { formatSpo } from './profile/formatSpo.js';
export type { Profile } from './profile/profile.js';
export { readProfile } from './profile/read.js';
export { type Updated, updateProfile } from './profile/update.js';
export { validateProfile } from './profile/validate.js';
export { type Coverage, coverageOf } from './record/coverage.js';
export { type ContainerOptions, type ContainerProfile, profileFor } from './record/forContainer.js';
export { type LogReader, type LogRecording, logReader } from './record/logReader.js';
export type { Recording } from './record/recording.js';
export { readRecording, writeRecording } from './record/recordingFile.js';
export { mergeRuns, type Run, type Runs, singleRun } from './record/runs.js';
export { type ParsedCall, parseCall } from './syscalls/call.js';
export { formatCall } from './syscalls/callText.js';
