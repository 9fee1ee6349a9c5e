import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { lacksBrowser, mapShows, type OpenPage, openPage } from './browser.js';

describeWithOracle(lacksBrowser, 'the map', () => {
  let opened: OpenPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened.close());

  test('shows every call, and asks for nothing but its own files', async () => {
    const { page, complaints } = await opened.go('#/map?engine=docker@20.10.9');
    await mapShows(page, 'docker 20.10.9');
    expect(await page.locator('.cell').count()).toBeGreaterThan(380);
    const clone3 = page.getByRole('button', { name: 'clone3, denied with EPERM', exact: true });
    expect(await clone3.getAttribute('data-kind')).toBe('errno');
    // The marks are the last thing to come.
    await page.locator('.mark').first().waitFor({ state: 'attached' });
    expect(complaints).toEqual([]);
  });

  test('says what a moved control changes', async () => {
    const { page, complaints } = await opened.go('#/map?engine=docker@20.10.9');
    await mapShows(page, 'docker 20.10.9');
    const slider = page.getByRole('slider', { name: 'Version of docker' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await mapShows(page, 'docker 20.10.10');
    await page.locator('.changes').getByText('clone3 EPERM → ENOSYS').waitFor();
    await page
      .getByRole('button', { name: 'clone3, denied with ENOSYS, before EPERM', exact: true })
      .waitFor();
    expect(await page.locator('.cell.changed').count()).toBeGreaterThan(0);
    expect(new URL(page.url()).hash).toBe('#/map?engine=docker@20.10.10');

    await page.getByLabel('sys_admin', { exact: true }).click();
    await page.getByRole('button', { name: /^mount, allowed, before EPERM$/ }).waitFor();
    await expect.poll(() => new URL(page.url()).hash).toContain('cap=+SYS_ADMIN');
    await page.getByLabel('seccomp=unconfined').check();
    await page.getByRole('button', { name: /^clone3, allowed/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('finds calls by name, number, hexadecimal number and purpose', async () => {
    const { page } = await opened.go();
    const search = page.getByRole('searchbox');
    const shown = () =>
      page
        .locator('li:not([hidden]) > .cell')
        .evaluateAll((all) => all.map((cell) => cell.getAttribute('data-call')));
    await page.locator('.cell').first().waitFor();
    for (const [text, calls] of [
      ['io_uring_s', ['io_uring_setup']],
      ['435', ['clone3']],
      ['0x1b3', ['clone3']],
      ['syscall_0x1c4', ['fchmodat2']],
      [
        'kernel modules',
        ['create_module', 'delete_module', 'finit_module', 'get_kernel_syms', 'init_module', 'query_module'],
      ],
    ] as const) {
      await search.fill(text);
      await expect.poll(shown).toEqual(calls);
    }
    await search.fill('no such thing');
    await page.getByText('0 found').waitFor();
    await search.fill('');
    await page.locator('.key', { hasText: 'ENOSYS' }).click();
    await expect
      .poll(
        async () =>
          new Set(
            await page
              .locator('li:not([hidden]) > .cell')
              .evaluateAll((all) => all.map((cell) => cell.getAttribute('data-verdict'))),
          ),
      )
      .toEqual(new Set(['ENOSYS']));
  });

  test('is walked by arrow keys, with one stop for Tab; Escape goes back to the cell', async () => {
    const { page } = await opened.go('#/map?engine=docker@20.10.9');
    await mapShows(page, 'docker 20.10.9');
    await expect.poll(() => page.locator('.cell[tabindex="0"]').count()).toBe(1);
    await page.locator('.cell[tabindex="0"]').focus();
    await page.keyboard.press('Home');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-call'));
    expect(await focused()).toBe('access');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('cachestat');
    await page.keyboard.press('ArrowDown');
    const below = await focused();
    expect(below).not.toBe('cachestat');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe('cachestat');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    expect(await focused()).toBe('access');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'The call access' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.panel').count()).toBe(0);
    expect(await focused()).toBe('access');
  });

  test('tells all about a call', async () => {
    const { page, complaints } = await opened.go('#/map?engine=docker@20.10.9&call=socket');
    const panel = page.getByRole('complementary', { name: 'The call socket' });
    await panel.getByRole('heading', { name: 'socket' }).waitFor();
    await panel.locator('mark', { hasText: '"socket"' }).waitFor();
    expect(await panel.locator('.stage').allTextContents()).toEqual(
      expect.arrayContaining(['profile', 'kernel']),
    );

    await page.locator('.cell[data-call="clone3"]').click();
    const clone3 = page.getByRole('complementary', { name: 'The call clone3' });
    await clone3
      .getByText('ENOSYS until 19.03.15, EPERM until 20.10.9, ENOSYS again since 20.10.10')
      .waitFor();
    await clone3.getByText('pthread_create and posix_spawn return EPERM').waitFor();
    await clone3.getByText('docker 20.10.10 or newer, with its own default profile').waitFor();
    await expect.poll(() => clone3.locator('.strip:not(.strip-waiting)').count()).toBe(5);
    await expect.poll(() => new URL(page.url()).hash).toBe('#/map?engine=docker@20.10.9&call=clone3');

    await clone3
      .getByRole('button', { name: /^podman .*EPERM$/ })
      .first()
      .click();
    await mapShows(page, 'podman');
    expect(complaints).toEqual([]);
  });

  test('takes a profile that is dropped', async () => {
    const { page, complaints } = await opened.go('#/map?engine=docker@28.5.2');
    await mapShows(page, 'docker 28.5.2');
    const text =
      '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["rmdir"], "action": "SCMP_ACT_ERRNO"}]}';
    await page.evaluate((content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], 'dropped.json', { type: 'application/json' }));
      const field = document.querySelector('.profile-field');
      for (const type of ['dragover', 'drop'])
        field?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }, text);
    await page.locator('.cell[data-call="rmdir"][data-verdict="EPERM"]').waitFor();
    await page.getByText('dropped.json').waitFor();
    expect(complaints).toEqual([]);
  });

  test('takes a profile that is pasted, chosen, or in a link', async () => {
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['chmod'], action: 'SCMP_ACT_KILL_PROCESS' }],
    });
    const { page } = await opened.go();
    await page.locator('.cell').first().waitFor();
    await page
      .getByLabel('Choose …')
      .setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await page.locator('.cell[data-call="chmod"][data-verdict="killed"]').waitFor();
    await expect.poll(() => new URL(page.url()).hash).toContain('profile=');
    const link = page.url();

    await opened.go('#/map');
    await page.locator('.cell[data-call="chmod"][data-verdict="allowed"]').waitFor();
    await opened.go(new URL(link).hash);
    await page.locator('.cell[data-call="chmod"][data-verdict="killed"]').waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.locator('.cell[data-call="chmod"][data-verdict="allowed"]').waitFor();
    await page.getByLabel('Paste a profile').focus();
    await page.evaluate((pasted) => {
      const data = new DataTransfer();
      data.setData('text/plain', pasted);
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, '{"defaultAction": ');
    await page.getByRole('alert').waitFor();
  });
});
