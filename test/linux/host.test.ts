import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hostFacts } from '../../src/linux/host/host.js';
import { describeWithOracle, isRoot } from '../oracle.js';

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'the facts of this host', () => {
  test('agree with uname and /proc', () => {
    const facts = hostFacts();
    const uname = (flag: string): string => spawnSync('uname', [flag]).stdout.toString().trim();
    expect(facts.kernel).toBe(uname('-r'));
    expect(facts.machine).toBe(uname('-m'));
    expect(facts.seccomp).toBe(true);
    expect(facts.actions).toEqual(expect.arrayContaining(['allow', 'errno', 'kill_thread']));
    expect(facts.userNotification).toBe(facts.actions.includes('user_notif'));
    expect(facts.filterFlags).toEqual(expect.arrayContaining(['LOG', 'TSYNC']));
    if (isRoot) expect(facts.self.capabilities.effective).not.toBe(0n);
  });

  test('are read without loading a filter', () => {
    const before = hostFacts().self;
    expect(hostFacts().self).toEqual(before);
  });
});
