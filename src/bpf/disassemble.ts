import { annotate } from './annotate.js';
import { check } from './check.js';
import { type Instruction, isBranch, mnemonic, OP, type Program } from './instruction.js';

/**
 * A listing in the language of the kernel's bpf_asm (tools/bpf): one instruction a line, labels where jumps lead,
 * numbers in hexadecimal, and what they mean behind a semicolon. assemble() makes the same program of it again.
 *
 * What bpf_asm has no words for (an opcode that seccomp refuses, a jump out of the program, fields that an
 * instruction does not use) is written as `.inst CODE JT JF K`.
 *
 * @example
 * disassemble([{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }])
 * // '      ret #0x7fff0000                ; SCMP_ACT_ALLOW\n'
 */
export function disassemble(program: Program): string {
  const remarks = check(program).ok ? annotate(program) : [];
  const labels = labelled(program);
  return program
    .map((instruction, index) => {
      const label = labels.has(index) ? `L${index}:` : '';
      const text = `${label.padEnd(6)}${instructionText(instruction, index, program.length)}`;
      const remark = remarks[index] ?? '';
      return remark === '' ? text : `${text.padEnd(36)} ; ${remark}`;
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** The program as the body of a C array of struct sock_filter. */
export function toC(program: Program): string {
  const remarks = check(program).ok ? annotate(program) : [];
  const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;
  const lines = program.map(({ code, jt, jf, k }, index) => {
    const remark = remarks[index] ?? '';
    return `\t{ ${hex(code, 2)}, ${jt}, ${jf}, ${hex(k, 8)} },${remark === '' ? '' : ` /* ${remark} */`}\n`;
  });
  return `static const struct sock_filter filter[] = {\n${lines.join('')}};\n`;
}

/** The program as JSON: a list of `{code, jt, jf, k}` with a remark where there is one. */
export function toJson(program: Program): readonly (Instruction & { readonly remark?: string })[] {
  const remarks = check(program).ok ? annotate(program) : [];
  return program.map(({ code, jt, jf, k }, index) => {
    const remark = remarks[index] ?? '';
    return { code, jt, jf, k, ...(remark === '' ? {} : { remark }) };
  });
}

function labelled(program: Program): ReadonlySet<number> {
  const found = new Set<number>();
  program.forEach((instruction, index) => {
    if (!isPlain(instruction, index, program.length)) return;
    if (instruction.code === OP.ja) found.add(index + 1 + instruction.k);
    else if (isBranch(instruction.code))
      found.add(index + 1 + instruction.jt).add(index + 1 + instruction.jf);
  });
  return found;
}

/** Whether the instruction can be said in the listing's language without losing a field. */
function isPlain({ code, jt, jf, k }: Instruction, index: number, length: number): boolean {
  const operand = mnemonic(code)?.operand;
  const left = length - index - 1;
  switch (operand) {
    case undefined:
      return false;
    case 'branch':
      return jt < left && jf < left;
    case 'branch_x':
      return k === 0 && jt < left && jf < left;
    case 'jump':
      return jt === 0 && jf === 0 && k < left;
    case 'data':
    case 'constant':
    case 'scratch':
      return jt === 0 && jf === 0;
    case 'len':
    case 'x':
    case 'a':
    case 'none':
      return jt === 0 && jf === 0 && k === 0;
  }
}

function instructionText(instruction: Instruction, index: number, length: number): string {
  const { code, jt, jf, k } = instruction;
  const found = mnemonic(code);
  const constant = `#0x${k.toString(16)}`;
  if (found === undefined || !isPlain(instruction, index, length)) {
    return `.inst 0x${code.toString(16)} ${jt} ${jf} 0x${k.toString(16)}`;
  }
  const { word, operand } = found;
  const targets = `L${index + 1 + jt}, L${index + 1 + jf}`;
  switch (operand) {
    case 'data':
      return `${word} [${k}]`;
    case 'len':
      return `${word} #len`;
    case 'constant':
      return `${word} ${constant}`;
    case 'scratch':
      return `${word} M[${k}]`;
    case 'x':
    case 'a':
      return `${word} ${operand}`;
    case 'none':
      return word;
    case 'jump':
      return `${word} L${index + 1 + k}`;
    case 'branch':
      return `${word} ${constant}, ${targets}`;
    case 'branch_x':
      return `${word} x, ${targets}`;
  }
}
