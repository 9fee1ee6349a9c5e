import { writeFacts } from './reviewable.js';
import { directories, readSnapshot } from './snapshot.js';

interface RawCapabilities {
  readonly capabilities: readonly {
    readonly name: string;
    readonly nr: number;
    readonly kernel: string;
    readonly purpose: string;
  }[];
}

const { snapshot, data } = directories(process.argv);
const raw = await readSnapshot<RawCapabilities>(snapshot, 'capabilities.json');

await writeFacts(data, 'capabilities.json', {
  origin: 'Linux 7.2 include/uapi/linux/capability.h (names, numbers); purposes in own words',
  capabilities: raw.capabilities.map(({ name, nr, kernel, purpose }) => ({
    name,
    number: nr,
    kernel,
    purpose,
  })),
});
