import type { ContextView } from '../core/map.js';

/** A context in one line. */
export function ContextSentence({ context }: { readonly context: ContextView }) {
  const {
    engine,
    version,
    runtime,
    runtimeVersion,
    libseccomp,
    kernel,
    arch,
    capabilities,
    ownCapabilities,
  } = context;
  const added = capabilities.filter((name) => !ownCapabilities.includes(name)).length;
  const lost = ownCapabilities.filter((name) => !capabilities.includes(name)).length;
  const parts = [
    `${runtime} ${runtimeVersion}`,
    `libseccomp ${libseccomp}`,
    `Linux ${kernel}`,
    arch,
    added + lost === 0
      ? 'default capabilities'
      : `capabilities ${[added > 0 ? `+${added}` : '', lost > 0 ? `−${lost}` : ''].filter(Boolean).join(' ')}`,
  ];
  return (
    <p class="sentence">
      <strong>
        {engine} {version}
      </strong>
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}
