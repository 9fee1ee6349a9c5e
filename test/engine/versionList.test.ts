import { describe, expect, test } from 'vitest';
import { engineWords, libseccompWords, plainWords, runtimeWords } from '../../src/engine/versionList.js';

describe('lists and ranges of releases', () => {
  test.each([
    ['docker', ['docker']],
    ['docker@20.10.9, podman', ['docker@20.10.9', 'podman']],
    ['docker@20.10.8..20.10.10', ['docker@20.10.8', 'docker@20.10.9', 'docker@20.10.10']],
    ['docker@v18.09.8..19.03.1', ['docker@18.09.8', 'docker@18.09.9', 'docker@19.03.0', 'docker@19.03.1']],
    // A bound with two numbers takes in all of its releases.
    ['docker@17.12..18.01', ['docker@17.12.0-ce', 'docker@17.12.1-ce', 'docker@18.01.0-ce']],
    ['docker@24.0.*', Array.from({ length: 10 }, (_, patch) => `docker@24.0.${patch}`)],
    ['docker@..1.10.1', ['docker@1.10.0', 'docker@1.10.1']],
    ['docker@29.7.1..', ['docker@29.7.1', 'docker@29.7.2']],
    ['docker@28.5.2,docker@28.5.1..28.5.2', ['docker@28.5.2', 'docker@28.5.1']],
  ])('%s', async (text, words) => {
    expect(await engineWords(text)).toEqual(words);
  });

  test('all releases of an engine', async () => {
    const words = await engineWords('docker@*');
    expect(words).toHaveLength(212);
    expect(words[0]).toBe('docker@1.10.0');
  });

  test('runtimes and libseccomp', () => {
    expect(runtimeWords('runc,crun@1.14')).toEqual(['runc', 'crun@1.14']);
    expect(runtimeWords('runc@1.0.0-rc92..1.0.0')).toEqual([
      'runc@1.0.0-rc92',
      'runc@1.0.0-rc93',
      'runc@1.0.0-rc94',
      'runc@1.0.0-rc95',
      'runc@1.0.0',
    ]);
    expect(libseccompWords('2.4.3..2.4.4,2.6.0')).toEqual(['2.4.3', '2.4.4', '2.6.0']);
    expect(plainWords('4.4,5.4,4.4')).toEqual(['4.4', '5.4']);
  });

  test.each([
    ['docker@20.10.0...23', /is not a version/],
    ['docker@a..b', /"a" is not a version/],
    ['docker@9998..9999', /no release of docker is in 9998..9999/],
    ['runc@1..2', /"runc" is not an engine/],
    ['docker,,podman', /empty part/],
    ['', /empty part/],
  ])('refuses %s', async (text, message) => {
    await expect(engineWords(text)).rejects.toThrow(message);
  });
});
