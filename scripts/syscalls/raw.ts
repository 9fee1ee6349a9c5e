/** The snapshot's syscall files, as far as the import reads them. */
export interface RawTables {
  readonly arches: readonly string[];
  readonly archFirst: Readonly<Record<string, string>>;
  readonly libseccompReleases: readonly RawRelease[];
  readonly kernelTablesChecked: string;
  readonly syscalls: Readonly<Record<string, RawSyscall>>;
}

export interface RawRelease {
  readonly version: string;
  readonly date: string;
  readonly names: number;
  readonly basedOn: readonly string[];
}

export interface RawSyscall {
  readonly nr: Readonly<Record<string, number>>;
  readonly kernel?: Readonly<Record<string, string>>;
  readonly kernelObserved?: readonly string[];
  readonly kernelAtMost?: readonly string[];
  readonly since?: string;
  readonly removed?: string;
  readonly libseccomp: string;
  readonly libseccompArch?: Readonly<Record<string, string>>;
  readonly libseccompFix?: Readonly<
    Record<string, readonly (readonly [string, number | null, number | null])[]>
  >;
  readonly libseccompRemoved?: string;
}

export interface RawArches {
  readonly arches: readonly RawArch[];
  readonly auditOnly: readonly {
    readonly name: string;
    readonly auditArch: string;
    readonly token: number;
  }[];
  readonly dockerArchMap: Readonly<Record<string, unknown>>;
}

export interface RawArch {
  readonly name: string;
  readonly table: string;
  readonly scmp: string;
  readonly auditArch: string;
  readonly token: number;
  readonly kernelToken?: number;
  readonly bits: number;
  readonly endian: string;
  readonly goarch: string | null;
  readonly unameM: readonly string[];
  readonly docker?: string;
  readonly socketcall: boolean;
  readonly ipc: boolean;
  readonly nrBase?: number;
  readonly syscallBit?: number;
  readonly kernelSince: string;
  readonly libseccompSince: string;
}

export type RawSignatures = Readonly<Record<string, RawSignature>>;

export interface RawSignature {
  readonly args: readonly (readonly [string, string])[] | null;
  readonly category: string;
  readonly purpose: string;
  readonly risk?: string;
}
