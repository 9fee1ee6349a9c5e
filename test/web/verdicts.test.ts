import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runtimeReleases } from '../../src/engine/bundles.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { verdictWord } from '../../src/explain/verdict.js';
import { capabilities } from '../../src/syscalls/capabilities.js';
import { libseccompReleases } from '../../src/syscalls/table.js';
import { inProcess } from '../cli/inProcess.js';
import { describeWithOracle } from '../oracle.js';
import { lacksBrowser, type OpenPage, openPage } from './browser.js';

const CONTEXTS = 50;

/** A linear congruential generator (Numerical Recipes): the same contexts every time. */
function random(seed: number) {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return {
    next,
    pick: <T>(list: readonly T[]): T => list[next(list.length)] as T,
    often: (of: number) => next(of) > 0,
  };
}

interface Words {
  readonly hash: string;
  readonly flags: readonly string[];
}

async function randomWords({ next, pick, often }: ReturnType<typeof random>): Promise<Words> {
  const engine = pick(['docker', 'docker', 'containerd', 'podman', 'cri-o', 'buildah'] as const);
  const version = pick((await loadDefaults(engine)).releases).version;
  const arch = often(3)
    ? 'x86_64'
    : pick(['aarch64', 'x86', 'arm', 's390x', 'ppc64le', 'riscv64', 'mips64', 'x32']);
  const runtime = often(2) ? undefined : pick(['runc', 'crun'] as const);
  const runtimeWord =
    runtime === undefined ? undefined : `${runtime}@${pick(runtimeReleases(runtime)).version}`;
  const libseccomp = often(3) ? undefined : pick(libseccompReleases);
  const kernel = often(3) ? undefined : pick(['3.10', '4.8', '4.19', '5.10', '6.1']);
  const names = Array.from({ length: next(4) }, () => pick(capabilities).name.slice('CAP_'.length));
  const capAdd = [...new Set(names.filter((_, index) => index % 2 === 0))];
  const capDrop = [...new Set(names)].filter((name) => !capAdd.includes(name));
  const privileged = !often(15);
  const caps = [...capAdd.map((name) => `+${name}`), ...capDrop.map((name) => `-${name}`)];
  const given = Object.entries({
    engine: `${engine}@${version}`,
    runtime: runtimeWord,
    libseccomp,
    kernel,
    arch,
  });
  return {
    hash: `#/map?${[
      ...given.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
      ...(caps.length > 0 ? [`cap=${caps.join(',')}`] : []),
      ...(privileged ? ['privileged=1'] : []),
    ].join('&')}`,
    flags: [
      ...given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
      ...capAdd.flatMap((name) => ['--cap-add', name]),
      ...capDrop.flatMap((name) => ['--cap-drop', name]),
      ...(privileged ? ['--privileged'] : []),
    ],
  };
}

/** What `callgate show --format json` says: a word for each call, or its error. */
async function shown(flags: readonly string[]): Promise<Readonly<Record<string, string>> | string> {
  const { status: code, out, err } = await inProcess(['show', ...flags, '--format', 'json'], { env: {} });
  if (code !== 0) return err.replace(/^callgate: /, '').split('\n')[0] ?? '';
  const { syscalls } = JSON.parse(out) as {
    syscalls: { syscall: string; verdict: Parameters<typeof verdictWord>[0] }[];
  };
  return Object.fromEntries(syscalls.map(({ syscall, verdict }) => [syscall, verdictWord(verdict)]));
}

/** What stands on the page once the map of the newest words is shown. */
function onPage(page: Page): Promise<Readonly<Record<string, string>> | string> {
  return page.evaluate(() => {
    const failure = document.querySelector('.failure strong')?.textContent;
    if (failure !== undefined && failure !== null) return failure;
    const cells = [...document.querySelectorAll<HTMLElement>('.cell')];
    return Object.fromEntries(cells.map(({ dataset }) => [dataset['call'] ?? '', dataset['verdict'] ?? '']));
  });
}

async function mapsShown(page: Page): Promise<number> {
  return page.evaluate(() => performance.getEntriesByName('callgate-map-shown').length);
}

describeWithOracle(lacksBrowser, 'verdicts of the page', () => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened.close());

  test(`are the command's, for ${CONTEXTS} random contexts and all their calls`, async () => {
    const generator = random(7);
    const { page } = await opened.go('#/map');
    await page.locator('.cell').first().waitFor();
    let calls = 0;
    for (let context = 0; context < CONTEXTS; context++) {
      const { hash, flags } = await randomWords(generator);
      const before = await mapsShown(page);
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await expect
        .poll(() => mapsShown(page), { interval: 10, timeout: 30_000, message: hash })
        .toBeGreaterThan(before);
      const expected = await shown(flags);
      await expect
        .poll(() => onPage(page), { interval: 10, timeout: 30_000, message: hash })
        .toEqual(expected);
      calls += typeof expected === 'string' ? 0 : Object.keys(expected).length;
    }
    // Containers that do not start say nothing of calls; there must not be many of them.
    expect(calls).toBeGreaterThan(CONTEXTS * 250);
  }, 300_000);
});
