import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostLayerFacts } from '../../src/linux/host/layerFacts.js';

const setting = (name: string): string | undefined => {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

test('the host says its settings, and which it does not have', () => {
  const { sysctls = new Map(), apparmor, userNamespace } = hostLayerFacts();
  for (const name of ['user.max_user_namespaces', 'kernel.perf_event_paranoid', 'kernel.yama.ptrace_scope']) {
    expect(sysctls.has(name), name).toBe(true);
    expect(sysctls.get(name), name).toBe(setting(name));
  }
  expect(typeof apparmor).toBe('boolean');
  expect(userNamespace).toBeUndefined();
});

test('settings of network namespaces are not the host’s to say', () => {
  const names = [...(hostLayerFacts().sysctls ?? new Map()).keys()];
  expect(names.filter((name) => name.startsWith('net.'))).toEqual([]);
});
