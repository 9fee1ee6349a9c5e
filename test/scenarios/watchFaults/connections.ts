import type { Scene, WatchFault } from './fault.js';
import { stateOf as text } from './scene.js';

const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;

/** What a runtime sends: fds (see programs/denied.c), a text, and what is told of it. */
const SENT: readonly (readonly [
  name: string,
  fds: string,
  text: string | undefined,
  says: RegExp | undefined,
])[] = [
  ['no fd', '', undefined, /no seccomp listener/],
  ['a pipe', 'p', undefined, /no seccomp listener/],
  ['a socket', 's', undefined, /no seccomp listener/],
  ['the listener of a process that has ended', 'd', undefined, /"event":"ended"/],
  ['253 fds', 'l'.padEnd(253, 'p'), undefined, undefined],
  [
    '253 fds, the last of them the listener',
    'l'.padStart(253, 'p'),
    text({ fds: [...Array(252).fill('x'), 'seccompFd'] }),
    undefined,
  ],
  ['two listeners', 'll', text({ fds: ['seccompFd', 'seccompFd'] }), undefined],
  ['one listener over two connections', '2l', undefined, /came before/],
  ['a text in two pieces', 'l+', undefined, undefined],
  ['a text without its end', 'l-', undefined, /no container’s state came/],
  ['half a text', 'l', text().slice(0, 60), /ended before the container’s state was complete/],
  ['no text', 'l', '', undefined],
  ['no JSON', 'l', 'hello}', /ended before/],
  ['other JSON', 'l', '{"fds":["seccompFd"],"state":[]}', /ended before/],
  ['a text of 5 MB', 'l', text({ metadata: 'x'.repeat(5 << 20) }), /larger than any runtime sends/],
  ['a text of 3 MB', 'l', text({ metadata: 'x'.repeat(3 << 20) }), undefined],
  ['deep JSON', 'l', deep, /ended before/],
  ['deep metadata', 'l', text({ metadata: deep }), undefined],
  ['a name of 3 MB', 'l', text({}, 'x'.repeat(3 << 20)), undefined],
  ['a name with control characters', 'l', text({}, '\u001b[2J\n\r"event":"summary"'), undefined],
  [
    'annotations that are none',
    'l',
    text({ state: { id: 'x', annotations: { a: 1, __proto__: 2, b: [[]] }, pid: -1e300 } }),
    undefined,
  ],
  [
    'metadata of an engine that is not',
    'l',
    text({
      metadata: JSON.stringify({
        callgate: 1,
        errno: 1,
        others: { c000003e: { 84: 13 } },
        origin: {
          engine: 'x',
          runtime: '',
          libseccomp: '',
          kernel: '',
          arch: '',
          capabilities: ['ALL', '__proto__'],
          profile: { source: 'x', text: deep, oci: true },
        },
      }),
    }),
    undefined,
  ],
];

const sent: readonly WatchFault[] = SENT.map(([name, fds, words, says]) => ({
  name: `sent: ${name}`,
  act: async ({ runtime }: Scene) => [await runtime(fds, words)],
  ends: ['served'],
  ...(says === undefined ? {} : { says }),
  assumed: /3 MB|deep metadata/.test(name),
}));

/** Whoever takes a call by one fd of a listener must not wait for the next by the other, and let others wait. */
const twice: WatchFault = {
  name: 'sent: one listener over two connections, which is idle while another container calls',
  act: async ({ runtime, container, told, stop }) => {
    const idle = runtime('2lw');
    await told(/"event":"denial"/);
    const other = await container();
    stop();
    return [await idle, other];
  },
  says: /came before/,
  ends: ['served'],
  always: true,
};

export const connections: readonly WatchFault[] = [...sent, twice];
