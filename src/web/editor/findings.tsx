import type { FindingView } from '../../editor/finding.js';

interface Props {
  readonly findings: readonly FindingView[];
  readonly go: (finding: FindingView) => void;
}

const MOST = 100;

/** What the linter says, in the order of the text. */
export function Findings({ findings, go }: Props) {
  if (findings.length === 0) return <p class="findings-none quiet">Nothing to complain about.</p>;
  const count = (level: FindingView['level']): string => {
    const found = findings.filter((finding) => finding.level === level).length;
    return `${found} ${level}${found === 1 ? '' : 's'}`;
  };
  return (
    <section class="findings" aria-label="Findings">
      <h3>
        {count('error')}, {count('warning')}, {count('note')}
      </h3>
      <ol>
        {findings.slice(0, MOST).map((finding) => (
          <li key={`${finding.rule} ${finding.line} ${finding.column} ${finding.text}`}>
            <button type="button" class="finding" data-level={finding.level} onClick={() => go(finding)}>
              <span class="finding-place">
                {finding.line}:{finding.column}
              </span>
              <span>
                <b>{finding.level}</b> {finding.text}
                {finding.hint !== undefined && <span class="quiet"> {finding.hint}</span>}{' '}
                <code class="quiet">{finding.rule}</code>
              </span>
            </button>
          </li>
        ))}
      </ol>
      {findings.length > MOST && <p class="quiet">and {findings.length - MOST} more</p>}
    </section>
  );
}
