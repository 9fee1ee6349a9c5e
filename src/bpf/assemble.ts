import { CallgateError } from '../error.js';
import { allMnemonics, type Instruction, type Operand, type Program } from './instruction.js';

interface Line {
  readonly number: number;
  readonly word: string;
  readonly operands: readonly string[];
}

/** The largest listing that is read: far more than a program of 4096 instructions can need. */
const MAX_LENGTH = 4_000_000;

/**
 * The program of a listing as disassemble() writes it: `LABEL: mnemonic operands ; remark`. A branch may leave out its
 * second label, which then is the next instruction. The program is not judged: see check().
 *
 * @param file name for the positions of errors.
 * @throws {CallgateError} INPUT with the line, for unknown words, labels that are missing or lie behind, and jumps too far.
 * @example assemble('ret #0x7fff0000') // [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }]
 */
export function assemble(text: string, file = 'listing'): Program {
  if (text.length > MAX_LENGTH) throw new CallgateError('INPUT', `${file} is too long for a BPF listing`);
  const labels = new Map<string, number>();
  const lines: Line[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    let rest = (raw.split(';')[0] ?? '').trim();
    for (let label = LABEL.exec(rest); label !== null; label = LABEL.exec(rest)) {
      const name = label[1] ?? '';
      if (labels.has(name)) throw fail(file, index + 1, `the label ${name} stands twice`);
      labels.set(name, lines.length);
      rest = rest.slice(label[0].length).trim();
    }
    if (rest === '') continue;
    const [word = '', ...operands] = rest.split(/[\s,]+/);
    lines.push({ number: index + 1, word: word.toLowerCase(), operands });
  }
  return lines.map((line, index) => parse(line, index, labels, file));
}

const LABEL = /^([A-Za-z_]\w*):/;

function fail(file: string, line: number, message: string, expected?: string): CallgateError {
  const at = { file, line, column: 1 };
  return new CallgateError('INPUT', message, expected === undefined ? { at } : { at, expected });
}

const forms: ReadonlyMap<string, ReadonlyMap<Operand, number>> = (() => {
  const found = new Map<string, Map<Operand, number>>();
  for (const [code, { word, operand }] of allMnemonics()) {
    const known = found.get(word) ?? new Map<Operand, number>();
    found.set(word, known.set(operand, code));
  }
  return found;
})();

function parse(line: Line, index: number, labels: ReadonlyMap<string, number>, file: string): Instruction {
  const { word, operands } = line;
  if (word === '.inst') return raw(line, file);
  const form = forms.get(word);
  if (form === undefined) {
    throw fail(file, line.number, `unknown instruction ${word}`, [...forms.keys()].join(', '));
  }
  const [first = ''] = operands;
  const operand = operandKind(first, form);
  const code = operand === undefined ? undefined : form.get(operand);
  const wanted = operand === 'branch' || operand === 'branch_x' ? [2, 3] : operand === 'none' ? [0] : [1];
  if (operand === undefined || code === undefined || !wanted.includes(operands.length)) {
    throw fail(
      file,
      line.number,
      `cannot read the operands of ${word}`,
      [...form.keys()].map((kind) => SHAPES[kind]).join(' or '),
    );
  }
  const target = (label: string | undefined): number => {
    if (label === undefined) return 0;
    const at = labels.get(label);
    if (at === undefined) throw fail(file, line.number, `there is no label ${label}`);
    if (at <= index) throw fail(file, line.number, `the label ${label} lies behind: BPF jumps only forward`);
    return at - index - 1;
  };
  const branch = (k: number): Instruction => {
    const [jt, jf] = [target(operands[1]), target(operands[2])];
    if (Math.max(jt, jf) > 255)
      throw fail(file, line.number, 'a branch reaches at most 255 instructions', 'a ja in between');
    return { code, jt, jf, k };
  };
  const plain = (k: number): Instruction => ({ code, jt: 0, jf: 0, k });
  switch (operand) {
    case 'data':
      return plain(value(first.slice(1, -1), line, file));
    case 'scratch':
      return plain(value(first.slice(2, -1), line, file));
    case 'constant':
      return plain(value(first.slice(1), line, file));
    case 'len':
    case 'x':
    case 'a':
    case 'none':
      return plain(0);
    case 'jump':
      return plain(target(first));
    case 'branch':
      return branch(value(first.slice(1), line, file));
    case 'branch_x':
      return branch(0);
  }
}

const SHAPES: Record<Operand, string> = {
  data: '[OFFSET]',
  len: '#len',
  constant: '#CONSTANT',
  scratch: 'M[INDEX]',
  x: 'x',
  a: 'a',
  none: 'no operand',
  jump: 'LABEL',
  branch: '#CONSTANT, LABEL, LABEL',
  branch_x: 'x, LABEL, LABEL',
};

function operandKind(text: string, form: ReadonlyMap<Operand, number>): Operand | undefined {
  if (text === '') return 'none';
  if (text === '#len') return 'len';
  if (text.startsWith('#')) return form.has('branch') ? 'branch' : 'constant';
  if (/^M\[.+\]$/.test(text)) return 'scratch';
  if (/^\[.+\]$/.test(text)) return 'data';
  if (form.has('jump')) return 'jump';
  if (text === 'x') return form.has('branch_x') ? 'branch_x' : 'x';
  return text === 'a' ? 'a' : undefined;
}

function raw(line: Line, file: string): Instruction {
  const [code = -1, jt = -1, jf = -1, k = -1] = line.operands.map((text) => value(text, line, file));
  if (line.operands.length !== 4 || code > 0xffff || jt > 0xff || jf > 0xff) {
    throw fail(file, line.number, 'cannot read the operands of .inst', 'CODE JT JF K');
  }
  return { code, jt, jf, k };
}

function value(text: string, line: Line, file: string): number {
  const number = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 0xffffffff)) throw fail(file, line.number, `${text} is not a number of 32 bits`);
  return number;
}
