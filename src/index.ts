/** The package's entry `callgate`: the pure core, for Node and browsers. */

// What a container is, and what its filter answers.

export { type ComposeOptions, readCompose } from './container/compose.js';
export { readDevcontainer } from './container/devcontainer.js';
export { readRunLine } from './container/runLine.js';
export { type ContainerWords, withWords } from './container/words.js';
export { readWorkflow } from './container/workflow.js';
export type { Context, EngineName, RuntimeName, SeccompChoice } from './engine/context.js';
export type { ContextInput, ContextOptions } from './engine/contextInput.js';
export type { DistroWord } from './engine/distro.js';
export type { ConditionField, DroppedRule } from './engine/expansion.js';
export type { OciRule, OciSeccomp, RuleOrigin } from './engine/oci.js';
export type { PackageName, PackageSet } from './engine/packages.js';
export { type ResolvedContext, resolveContext } from './engine/resolveContext.js';
export { type ContextTarget, parseTarget, type Target } from './engine/target.js';
export type { Versioned } from './engine/versioned.js';
export { CallgateError, type ErrorCode, type ErrorDetails, type Position } from './error.js';
export type {
  FilterPrediction,
  LoadErrorPrediction,
  Prediction,
  UnconfinedPrediction,
  UnknownPrediction,
} from './explain/predict.js';
export { predict } from './explain/predict.js';
export { abisOf, type SummaryRow, summarize } from './explain/summary.js';
export { type Usable, usable } from './explain/usable.js';
export { type Verdict, verdictOf, verdictWord } from './explain/verdict.js';
export type { Action } from './policy/action.js';
export { comparePolicies, type Difference } from './policy/compare.js';
export { type Call, decide } from './policy/decide.js';
export type { Decision, Leaf, Policy, Range, Section, Test } from './policy/policy.js';
export type { ScmpAction } from './policy/words.js';
export type { AbiName } from './syscalls/abi.js';
export { findAbi } from './syscalls/abis.js';
export { type ParsedCall, parseCall } from './syscalls/call.js';
export { type CallLine, parseCallLine } from './syscalls/callLine.js';
export { formatCall } from './syscalls/callText.js';

// Why: reasons, layers, symptoms, history, many contexts.

export type { Answer, Question } from './explain/answer.js';
export type { Case } from './explain/cases.js';
export type { Effect, Explanation, Reason, Remedy } from './explain/explanation.js';
export { type History, type HistorySpan, historyOf } from './explain/history.js';
export type { CheckLayer } from './explain/layers/check.js';
export type { LayerFacts } from './explain/layers/facts.js';
export type { Layer } from './explain/layers/layer.js';
export { type MatrixRow, matrix } from './explain/matrix.js';
export { findSymptoms, type Symptom } from './explain/symptoms.js';
export { why, whyFilter } from './explain/why.js';

// Two policies: differences, proofs, what a change opens.

export {
  type CallChange,
  type DifferenceExample,
  diffPolicies,
  type Extent,
  type NumberChange,
  type PolicyDiff,
} from './explain/diff.js';
export {
  type Counterexample,
  type Proof,
  proveAlways,
  proveEquals,
  proveNever,
  proveWithin,
} from './explain/proof.js';
export type { WidenedCall, Widening } from './explain/widened.js';

// Profiles: reading, writing, checking, changing.

export { type Backported, backport } from './explain/backport.js';
export { type Extended, type ExtendOptions, extend } from './explain/extend.js';
export { type Fix, type FixedCall, type FixOptions, fix, type ProvedRemedy } from './explain/fix.js';
export { type Merged, merge } from './explain/merge.js';
export { allowRules, findPreset, type Preset, type PresetRule, presets, rulesOf } from './explain/presets.js';
export type { Change } from './explain/remedies/candidate.js';
export type { Heard, SilentCall } from './explain/watch/heard.js';
export { type WatchProfile, watchProfile } from './explain/watch/watchProfile.js';
export type { Edit, Fix as LintFix } from './lint/edit.js';
export type { Level as LintLevel, LintFinding } from './lint/finding.js';
export { lint } from './lint/lint.js';
export { type Mended, mend } from './lint/mend.js';
export {
  type LoadVerdict,
  lacking,
  type MissingCall,
  type Need,
  type Preflight,
  preflight,
  startsAll,
} from './lint/preflight.js';
export { type FileFindings, toSarif } from './lint/sarif.js';
export type { SubjectInput } from './lint/subject.js';
export type { MergeKind } from './policy/merge.js';
export type { OciArg } from './profile/argument.js';
export { type InspectedContainer, readDockerInspect, readDockerInspects } from './profile/dockerInspect.js';
export { type FormatOptions, formatDocker, formatOci } from './profile/format.js';
export { formatSpo, type SpoOptions } from './profile/formatSpo.js';
export { toOci, type WritableOci, type WritableOciRule } from './profile/oci.js';
export type { ArchMapEntry, Condition, Dialect, Note, Profile, ProfileRule } from './profile/profile.js';
export { type ReadOptions, type ReadResult, readOciConfig, readProfile } from './profile/read.js';
export { type Conflict, type Updated, updateProfile } from './profile/update.js';
export { type Finding, type FindingRule, validateProfile } from './profile/validate.js';
export type { RuntimeNeeds, Startup } from './runtime/needs.js';
export type {
  PolicyResult,
  ResolvedRule,
  RuleOutcome,
  RuntimeNote,
  Stub,
  StubLimit,
} from './runtime/result.js';

// Suites of claims.

export { type ProfileReader, profileTargets } from './suite/profileTargets.js';
export { readSuite } from './suite/readSuite.js';
export { type ClaimResult, type SuiteResult, type Totals, totals } from './suite/results.js';
export { type NotStarted, runSuite, type Targets } from './suite/runSuite.js';
export type { Claim, ContextWords, Placed, Suite, SuiteTest } from './suite/suite.js';

// Filters as BPF.

export { assemble } from './bpf/assemble.js';
export { type CheckResult, check } from './bpf/check.js';
export { type CompileOptions, compile } from './bpf/compile.js';
export { disassemble } from './bpf/disassemble.js';
export { decode, type Endian, encode } from './bpf/encode.js';
export type { Instruction, Program } from './bpf/instruction.js';
export { interpret, type Run as FilterRun } from './bpf/interpret.js';
export { type LiftOptions, type LiftResult, lift } from './bpf/lift.js';
export type { DataFields } from './bpf/seccompData.js';
export type { NumberWeights } from './bpf/weights.js';

// Logs and recordings.

export type { NamedSet, SetName } from './explain/decode/capabilityText.js';
export { type Decoder, decoder } from './explain/decode/decoder.js';
export type { CapabilitiesRecord, Decoded, RecordFormat, SeccompRecord } from './explain/decode/record.js';
export type { Addition } from './record/additions.js';
export { type AskedArguments, parseAskedArguments } from './record/argumentsAsked.js';
export type { Comparison } from './record/comparison.js';
export { type Coverage, coverageOf } from './record/coverage.js';
export { type ContainerOptions, type ContainerProfile, profileFor } from './record/forContainer.js';
export { type LogOptions, type LogReader, type LogRecording, logReader } from './record/logReader.js';
export type { RecordedArguments, RecordedCall, Recorder, Recording } from './record/recording.js';
export { readRecording, writeRecording } from './record/recordingFile.js';
export { mergeRuns, type Run, type Runs, singleRun } from './record/runs.js';

// Kubernetes.

export type { Container, ContainerRole } from './kubernetes/container.js';
export { type AgentOptions, agentDaemonSet } from './kubernetes/distribute/agentDaemonSet.js';
export { type DaemonSetOptions, daemonSet } from './kubernetes/distribute/daemonSet.js';
export type { InstalledFile } from './kubernetes/distribute/installedFile.js';
export type { ObjectNames } from './kubernetes/distribute/objectNames.js';
export {
  type ExplainedCall,
  type ExplainedContainer,
  type ExplainedPlacement,
  type ExplainedWorkload,
  type ExplainOptions,
  explainWorkloads,
} from './kubernetes/explain.js';
export { type ClusterSettings, defaultCluster } from './kubernetes/facts.js';
export { type Hardened, harden } from './kubernetes/harden/harden.js';
export type { HardenOptions } from './kubernetes/harden/wish.js';
export {
  type Impact,
  type ImpactOptions,
  type ImpactRow,
  type ImpactTarget,
  impactOf,
  type LostCall,
} from './kubernetes/impact.js';
export type { LocalhostReading } from './kubernetes/localhostReading.js';
export { type ManifestObject, type Manifests, readManifests } from './kubernetes/manifests.js';
export type { Needs } from './kubernetes/needs.js';
export { type ClusterNode, type NodeWords, nodeOf, nodeOfWord } from './kubernetes/node.js';
export { type NodeGroup, nodeGroups } from './kubernetes/nodeGroups.js';
export type { LocalhostFiles, Placement, PlacementOptions } from './kubernetes/placement.js';
export { type PodSecurity, type PodSecurityLevel, podSecurity } from './kubernetes/podSecurity.js';
export type { PodSecurityFinding } from './kubernetes/podSecurityChecks.js';
export { type Pool, poolsOf } from './kubernetes/pool.js';
export type { EffectiveProfile } from './kubernetes/seccompProfile.js';
export { type Pod, type Workload, workloadsOf } from './kubernetes/workload.js';
