import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { lacksBrowser, mapShows, type OpenPage, openPage } from './browser.js';

/** A profile with a misspelt action, and one with a name that is none. */
const MISSPELT = '{\n  "defaultAction": "SCMP_ACT_ERRN",\n  "syscalls": []\n}\n';
const UNKNOWN_NAME =
  '{\n  "defaultAction": "SCMP_ACT_ALLOW",\n  "syscalls": [{"names": ["clone33"], "action": "SCMP_ACT_ERRNO"}]\n}\n';

const REPORT = JSON.stringify({
  schemaVersion: 1,
  context: {
    engine: { name: 'docker', version: '28.5.2' },
    runtime: { name: 'runc', version: '1.3.3' },
    libseccomp: '2.5.6',
    kernel: '6.12',
    arch: 'x86_64',
    capabilities: ['CAP_CHOWN'],
    seccomp: 'default',
  },
  denials: [
    {
      syscall: 'keyctl',
      number: 250,
      abi: 'x86_64',
      args: [{ name: 'option', value: '0x0', text: 'KEYCTL_GET_KEYRING_ID' }],
    },
  ],
});

describeWithOracle(lacksBrowser, 'the views', () => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] });
  });
  afterAll(() => opened.close());

  test('compare: only what differs, with the call that shows it', async () => {
    const { page, complaints } = await opened.go('#/compare?engine=docker@20.10.9&to.engine=docker@28.5.2');
    const row = page.locator('tr[data-call="clone3"]').first();
    await row.waitFor();
    expect(await row.locator('.tag').allTextContents()).toEqual(['EPERM', 'ENOSYS']);
    const socket = page.locator('tr[data-call="socket"]').first();
    expect(await socket.locator('.example').textContent()).toMatch(/socket\(AF_\w+\) allowed → EPERM/);
    expect(await page.locator('tr[data-call="read"]').count()).toBe(0);
    await page.getByRole('button', { name: 'Copy link to this comparison' }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(new URL(link).hash).toBe('#/compare?engine=docker@20.10.9&to.engine=docker@28.5.2');
    await page.getByRole('button', { name: 'Swap the sides' }).click();
    await expect.poll(() => row.locator('.tag').allTextContents()).toEqual(['ENOSYS', 'EPERM']);
    await opened.go('#/compare?engine=docker@28.5.2&to.engine=docker@28.5.2');
    await page.getByText('Both filters answer every call alike.').waitFor();
    expect(complaints).toEqual([]);
  });

  test('fix: a call, a message, a command line, a report and an audit line become patches', async () => {
    const { page, complaints } = await opened.go('#/fix?engine=docker@28.5.2');
    const field = page.getByLabel('What went wrong?');
    const diagnose = async (text: string): Promise<void> => {
      await field.fill(text);
      await page.getByRole('button', { name: 'Diagnose' }).click();
    };
    const calls = () => page.locator('.fixed-calls .call-link').allTextContents();

    await diagnose('personality(0x40000)');
    await expect.poll(calls).toEqual(['personality(PER_LINUX|ADDR_NO_RANDOMIZE)']);
    const first = page.locator('.card').first();
    await first.getByText('Widens exactly, proved').waitFor();
    const forms = [
      ['Compose', 'security_opt:'],
      ['daemon.json', '"seccomp-profile": "/etc/docker/fixed.json"'],
      ['Kubernetes', 'localhostProfile: fixed.json'],
      ['docker run', 'docker run --security-opt seccomp=fixed.json IMAGE'],
    ] as const;
    for (const [form, text] of forms) {
      await first.getByRole('button', { name: form, exact: true }).click();
      await first.locator('pre', { hasText: text }).waitFor();
    }
    await first.locator('.form-tabs').getByRole('button', { name: 'Copy' }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe('docker run --security-opt seccomp=fixed.json IMAGE\n');

    await diagnose('docker run --rm --cap-drop ALL debian:12 numactl --show');
    await expect.poll(calls).toEqual(['get_mempolicy', 'set_mempolicy', 'mbind']);

    await diagnose(REPORT);
    await expect.poll(calls).toEqual(['keyctl(KEYCTL_GET_KEYRING_ID)']);

    await diagnose(
      'type=SECCOMP msg=audit(1.2:3): auid=0 uid=0 gid=0 ses=3 pid=42 comm="bwrap" exe="/usr/bin/bwrap" sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f code=0x50000',
    );
    await expect.poll(calls).toEqual(['mount']);

    await opened.go('#/fix?engine=docker@20.10.9');
    await diagnose("RuntimeError: can't start new thread");
    await expect.poll(calls).toEqual(['clone3']);
    await page.locator('.card').first().getByText('docker 20.10.10 or newer').waitFor();

    await diagnose('all is well');
    await page.getByRole('alert').getByText('nothing in this text points to').waitFor();
    expect(complaints).toEqual([]);
  });

  test('profile: lint as you type, completion, fixes, and the map', async () => {
    const { page, complaints } = await opened.go('#/profile?engine=docker@28.5.2');
    await page.getByRole('button', { name: 'Start from the engine’s own profile' }).click();
    await page.locator('.finding').first().waitFor();
    await page.locator('.cell[data-call="mount"][data-verdict="EPERM"]').waitFor();
    const editor = page.getByRole('textbox', { name: 'Profile', exact: true });
    const write = async (text: string): Promise<void> => {
      await editor.focus();
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Delete');
      // Inserted as one piece: brackets and quotes close themselves only where they are typed.
      await page.keyboard.insertText(text);
    };
    await write(MISSPELT);
    await page.locator('.finding[data-level="error"]', { hasText: '"SCMP_ACT_ERRN" is no action' }).waitFor();
    await page.getByRole('alert').getByText('no container starts with this profile').waitFor();
    await page.getByRole('button', { name: 'Fix what can be fixed' }).click();
    await expect.poll(() => editor.textContent()).toContain('"SCMP_ACT_ERRNO"');
    await page.locator('.cell[data-call="read"][data-verdict="EPERM"]').waitFor();

    await write(UNKNOWN_NAME);
    await page.locator('.finding', { hasText: 'clone33' }).waitFor();
    await page.locator('.cell[data-call="clone3"][data-verdict="allowed"]').waitFor();

    await write(
      '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["uns"], "action": "SCMP_ACT_ERRNO"}]}',
    );
    await page.keyboard.press('Home');
    for (
      let step = 0;
      step < '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["uns'.length;
      step++
    )
      await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Control+Space');
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'unshare' }).click();
    await expect.poll(() => editor.textContent()).toContain('"unshare"');
    await page.locator('.cell[data-call="unshare"][data-verdict="EPERM"]').waitFor();
    expect(complaints).toEqual([]);
  });

  test('filter: a call is followed step by step', async () => {
    const { page, complaints } = await opened.go('#/filter?engine=docker@28.5.2&call=personality');
    await page.locator('.listing li').first().waitFor();
    await page.locator('.trace .tag', { hasText: 'allowed' }).waitFor();
    await page.getByLabel('Trace', { exact: true }).fill('personality(0x40000)');
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.locator('.trace .tag', { hasText: 'EPERM' }).waitFor();
    const steps = Number(/of (\d+)/.exec((await page.locator('.trace-now').textContent()) ?? '')?.[1]);
    expect(steps).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Back to the start' }).click();
    await page.getByText(`step 1 of ${steps}`).waitFor();
    expect(await page.locator('.listing .passed').count()).toBe(1);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await page.getByText(`step 2 of ${steps}`).waitFor();
    await page.getByRole('button', { name: 'To the end' }).click();
    await expect.poll(() => page.locator('.listing .passed').count()).toBe(steps);
    const root = page.locator('.node').first();
    const nodes = await page.locator('.node').count();
    await page.locator('.node[aria-expanded="true"]', { hasText: 'arch = x86_64' }).click();
    await expect.poll(() => page.locator('.node').count()).toBeLessThan(nodes);
    await root.waitFor();
    const means = await page.locator('.cost-table thead small').allTextContents();
    const [compiled = 0, linear = 0, optimum = 0] = means.map((text) =>
      Number(/mean ([\d.]+)/.exec(text)?.[1]),
    );
    expect(compiled).toBeLessThan(linear / 5);
    expect(optimum).toBeGreaterThan(0);
    await page.getByLabel('Trace', { exact: true }).fill('no_such_call');
    await page.getByRole('button', { name: 'Follow' }).click();
    await page.getByRole('alert').getByText('no system call is called no_such_call').waitFor();
    expect(complaints).toEqual([]);
  });

  test('live: a page from a file server says what it needs', async () => {
    const { page, complaints } = await opened.go('#/live');
    await page.getByText('callgate run --ui --like docker').waitFor();
    expect(complaints).toEqual([]);
  });

  const PLACES = [
    ['map', '#/map?engine=docker@20.10.9&call=clone3&find=set', '.strip:not(.strip-waiting)'],
    ['compare', '#/compare?engine=docker@20.10.9&to.engine=docker@28.5.2', 'tr[data-call]'],
    ['fix', '#/fix?engine=docker@20.10.9&call=', '.fix-form'],
    ['profile', '#/profile?engine=docker@28.5.2&find=clone', '.editor-bar'],
    ['filter', '#/filter?engine=docker@28.5.2', '.cost-table'],
    ['live', '#/live', '.empty'],
  ] as const;

  test.each(['light', 'dark'] as const)(
    'axe finds nothing serious in the %s theme',
    async (colorScheme) => {
      const { page } = await opened.go('#/map');
      await page.emulateMedia({ colorScheme });
      for (const [name, hash, ready] of PLACES) {
        await opened.go(hash);
        await page.locator(ready).first().waitFor();
        if (name === 'fix') {
          await page.getByRole('button', { name: 'An error message' }).click();
          await page.locator('.card').first().waitFor();
        }
        if (name === 'profile') {
          const start = page.getByRole('button', { name: 'Start from the engine’s own profile' });
          if (await start.isVisible()) await start.click();
          await page.locator('.finding').first().waitFor();
        }
        expect(await serious(page), `${name}, ${colorScheme}`).toEqual([]);
      }
    },
    240_000,
  );

  test('nothing is wider than a phone, and every view is in reach', async () => {
    const { page } = await opened.go('#/map');
    await page.setViewportSize({ width: 360, height: 780 });
    const [tabs, room] = await page
      .getByRole('navigation')
      .evaluate((bar) => [bar.scrollWidth, bar.clientWidth] as const);
    expect(tabs).toBe(room);
    for (const [name, hash, ready] of PLACES) {
      await opened.go(hash);
      await page.locator(ready).first().waitFor();
      const [scroll, client] = await page.evaluate(
        () => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const,
      );
      expect(scroll, name).toBe(client);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('a release that is not known is said, with no other one’s date and no flag of the command', async () => {
    const { page } = await opened.go('#/map?engine=docker@99.9');
    await page.getByRole('alert').getByText('docker 99.9 is not known').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/the newest one is [\d.]+$/);
    expect(await page.locator('.release').textContent()).toBe('docker 99.9 ');
    expect(await page.locator('.cell[data-kind="allowed"], .sentence').count()).toBe(0);
  });

  test('on paper there is what was found, and nothing to click on', async () => {
    const { page } = await opened.go('#/map?engine=docker@28.5.2');
    await mapShows(page, 'docker 28.5.2');
    await page.emulateMedia({ media: 'print' });
    for (const part of ['.bar', '.controls', '.timeline', '.search'])
      expect(await page.locator(part).first().isVisible(), part).toBe(false);
    expect(await page.locator('.cell').first().isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
  });

  test('the theme is the reader’s choice, and stays', async () => {
    const { page } = await opened.go('#/map');
    await page.emulateMedia({ colorScheme: 'light' });
    await mapShows(page, 'docker');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    await expect.poll(background).not.toBe(light);
    await page.reload();
    await expect.poll(background).not.toBe(light);
  });
});

async function serious(page: Page): Promise<readonly string[]> {
  // Rows and cells are alike: some of each are enough, and axe takes long for each.
  const { violations } = await new AxeBuilder({ page })
    // The page has no frames: one pass in it is enough.
    .setLegacyMode()
    .exclude('.listing li:nth-child(n+30)')
    .exclude('.compare tbody tr:nth-child(n+12)')
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' ')}`,
    );
}
