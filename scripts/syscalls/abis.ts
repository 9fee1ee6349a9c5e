import type { RawArches } from './raw.js';

export function importAbis(raw: RawArches): object {
  const abis = raw.arches.map((arch) => ({
    name: arch.name,
    table: arch.table,
    scmp: arch.scmp,
    auditArch: arch.kernelToken ?? arch.token,
    auditName: arch.auditArch,
    numberBase: arch.nrBase ?? arch.syscallBit ?? 0,
    bits: arch.bits,
    endian: arch.endian,
    ...(arch.goarch === null ? {} : { goarch: arch.goarch }),
    unameM: arch.unameM,
    ...(arch.docker === undefined ? {} : { dockerWord: arch.docker }),
    socketcall: arch.socketcall,
    ipc: arch.ipc,
    libseccompSince: arch.libseccompSince,
  }));
  const subAbis = Object.entries(raw.dockerArchMap).filter(([, value]) => Array.isArray(value));
  return {
    origin: [
      'Linux 7.2 include/uapi/linux/audit.h and include/uapi/linux/elf-em.h',
      'seccomp/libseccomp v2.6.1 include/seccomp.h.in',
      'moby/moby docker-v29.7.2 (dockerWord, subAbisDocker)',
    ],
    abis,
    subAbisDocker: Object.fromEntries(subAbis),
    auditOnly: raw.auditOnly.map(({ name, auditArch, token }) => ({
      name,
      auditName: auditArch,
      auditArch: token,
    })),
  };
}
