import type { EngineName } from '../../engine/context.js';

/** A context as the controls say it; empty words stand for what the engine's release brings. */
export interface ContextWords {
  readonly engine: EngineName;
  /** Empty: the newest known. */
  readonly version: string;
  /** `runc`, `runc@1.1.5`; empty: as bundled. */
  readonly runtime: string;
  readonly libseccomp: string;
  readonly kernel: string;
  readonly arch: string;
  /** Full names. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly unconfined: boolean;
  /** In place of the engine's own. */
  readonly profile?: WrittenProfile;
}

/** A profile's text as a person gave it. */
export interface WrittenProfile {
  readonly name: string;
  readonly text: string;
}

export const defaultWords: ContextWords = {
  engine: 'docker',
  version: '',
  runtime: '',
  libseccomp: '',
  kernel: '',
  arch: 'x86_64',
  capAdd: [],
  capDrop: [],
  privileged: false,
  unconfined: false,
};
