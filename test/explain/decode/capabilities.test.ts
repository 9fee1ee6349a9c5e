import { describe, expect, it } from 'vitest';
import { setsOfIab, setsOfText } from '../../../src/explain/decode/capabilityText.js';
import { decoder } from '../../../src/explain/decode/decoder.js';
import { knownSets, nearness } from '../../../src/explain/decode/knownSets.js';
import type { CapabilitiesRecord, Decoded } from '../../../src/explain/decode/record.js';

const DOCKER =
  'cap_chown,cap_dac_override,cap_fowner,cap_fsetid,cap_kill,cap_setgid,cap_setuid,cap_setpcap,cap_net_bind_service,cap_net_raw,cap_sys_chroot,cap_mknod,cap_audit_write,cap_setfcap';
const DOCKER_MASK = '00000000a80425fb';
const ALL = '000001ffffffffff';
const NONE = '0000000000000000';

function decode(text: string): readonly Decoded[] {
  const { line, end } = decoder('x86_64');
  return [...text.split('\n').flatMap(line), ...end()];
}

function one(text: string): CapabilitiesRecord {
  const [record, ...more] = decode(text);
  if (record?.kind !== 'capabilities' || more.length > 0) throw new Error(`not one record: ${text}`);
  return record;
}

const masks = ({ sets }: Pick<CapabilitiesRecord, 'sets'>) =>
  Object.fromEntries(sets.map(({ set, mask }) => [set, mask]));

describe('cap_from_text(3)', () => {
  it.each([
    ['=', NONE, NONE, NONE],
    ['=ep', ALL, ALL, NONE],
    [`${DOCKER}=ep`, DOCKER_MASK, DOCKER_MASK, NONE],
    [`= ${DOCKER}+eip`, DOCKER_MASK, DOCKER_MASK, DOCKER_MASK],
    ['=ep cap_sys_admin-e', '000001ffffdfffff', ALL, NONE],
    ['all=p cap_kill+e', '0000000000000020', ALL, NONE],
    ['cap_kill=e+i', '0000000000000020', NONE, '0000000000000020'],
    ['CAP_KILL=ep', '0000000000000020', '0000000000000020', NONE],
    ['38=ep', '0000004000000000', '0000004000000000', NONE],
  ])('%s', (text, effective, permitted, inheritable) => {
    expect(masks({ sets: setsOfText(text) ?? [] })).toEqual({ effective, permitted, inheritable });
  });

  it('does not take other text for capabilities', () => expect(setsOfText('表示当前')).toBeUndefined());
});

describe('cap_iab(3)', () => {
  it.each([
    ['', NONE, NONE, ALL],
    ['!cap_sys_admin,^cap_net_raw,%cap_kill', '0000000000002020', '0000000000002000', '000001ffffdfffff'],
    ['!%cap_kill', '0000000000000020', NONE, '000001ffffffffdf'],
  ])('%s', (text, inheritable, ambient, bounding) => {
    expect(masks({ sets: setsOfIab(text) })).toEqual({ inheritable, ambient, bounding });
  });
});

describe('blocks', () => {
  it('reads capsh --print of a container', () => {
    const record = one(
      `Current: ${DOCKER}=ep\nBounding set =${DOCKER}\nAmbient set =\nCurrent IAB: !cap_sys_admin\nSecurebits: 00/0x0/1'b0 (no-new-privs=1)\n secure-noroot: no (unlocked)\nuid=0(root) euid=0(root)\ngid=0(root)\nGuessed mode: HYBRID (4)`,
    );
    expect(record).toMatchObject({ format: 'capsh', noNewPrivileges: true, uid: '0', gid: '0' });
    expect(masks(record)).toEqual({
      effective: DOCKER_MASK,
      permitted: DOCKER_MASK,
      inheritable: NONE,
      bounding: DOCKER_MASK,
      ambient: NONE,
    });
  });

  it('goes on with a list that a page broke, and is not led astray by prose', () => {
    const [first, second, ...more] = decode(
      `Current: =\nBounding set =cap_chown,\ncap_kill\nAmbient set =\n\nBounding set: the most that a process can have\nCurrent: =ep`,
    );
    expect(more).toEqual([]);
    expect(masks(first as CapabilitiesRecord)['bounding']).toBe('0000000000000021');
    expect(masks(second as CapabilitiesRecord)['effective']).toBe(ALL);
  });

  it('derives the bounding set from IAB where capsh prints nothing else', () => {
    expect(masks(one('Current: =ep\nCurrent IAB: !cap_sys_admin'))['bounding']).toBe('000001ffffdfffff');
  });

  it('reads /proc/PID/status, one record a process', () => {
    const status = (name: string, seccomp: number): string =>
      `Name:\t${name}\nState:\tS (sleeping)\nPid:\t7\nUid:\t0\t1\t0\t0\nCapInh:\t${NONE}\nCapPrm:\t${DOCKER_MASK}\nCapEff:\t${DOCKER_MASK}\nCapBnd:\t${DOCKER_MASK}\nCapAmb:\t${NONE}\nNoNewPrivs:\t1\nSeccomp:\t${seccomp}\nSeccomp_filters:\t${seccomp / 2}\n`;
    const records = decode(status('nginx', 2) + status('sh', 0)) as CapabilitiesRecord[];
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      format: 'status',
      process: { name: 'nginx', pid: 7 },
      seccomp: 'filter',
      filters: 1,
      noNewPrivileges: true,
      uid: '1',
    });
    expect(records[1]).toMatchObject({ process: { name: 'sh' }, seccomp: 'disabled' });
  });

  it('reads the lines of grep Cap', () => {
    expect(masks(one(`CapEff:\t${DOCKER_MASK}\nCapBnd:\t${ALL}`))).toEqual({
      effective: DOCKER_MASK,
      bounding: ALL,
    });
  });

  it('reads bare masks', () => {
    expect(one(DOCKER_MASK).sets[0]?.names).toHaveLength(14);
    expect(one('0x8000000000000001').sets[0]?.names).toEqual(['CAP_CHOWN', 'CAP_63']);
  });
});

describe('whose set it is', () => {
  it.each([
    [DOCKER_MASK, 'Docker’s default set of capabilities'],
    ['00000000a88425fb', 'Docker’s default set of capabilities +SYS_NICE'],
    ['00000000800405fb', 'Podman’s default set of capabilities'],
    [ALL, 'every capability of Linux: the host, or a privileged container'],
    ['000001ffffdfffff', 'every capability but SYS_ADMIN'],
    [NONE, undefined],
  ])('%s', async (mask, told) => expect(nearness(one(mask), await knownSets())).toBe(told));
});
