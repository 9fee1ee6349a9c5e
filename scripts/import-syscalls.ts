import { writeFacts } from './reviewable.js';
import { directories, readSnapshot } from './snapshot.js';
import { importAbis } from './syscalls/abis.js';
import { importKernel } from './syscalls/kernel.js';
import { importLibseccomp } from './syscalls/libseccomp.js';
import { importNumbers } from './syscalls/numbers.js';
import type { RawArches, RawSignatures, RawTables } from './syscalls/raw.js';
import { importSignatures } from './syscalls/signatures.js';

const { snapshot, data } = directories(process.argv);
const tables = await readSnapshot<RawTables>(snapshot, 'syscalls/tables.json');
const arches = await readSnapshot<RawArches>(snapshot, 'arches.json');
const signatures = await readSnapshot<RawSignatures>(snapshot, 'syscalls/signatures.json');

await writeFacts(data, 'syscalls/abis.json', importAbis(arches));
await writeFacts(data, 'syscalls/numbers.json', importNumbers(tables));
await writeFacts(data, 'syscalls/kernel.json', importKernel(tables));
await writeFacts(data, 'syscalls/libseccomp.json', importLibseccomp(tables));
const { types, purposes } = importSignatures(signatures);
await writeFacts(data, 'syscalls/signatures.json', types);
await writeFacts(data, 'syscalls/purposes.json', purposes);
