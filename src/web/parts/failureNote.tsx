import type { Failure } from '../core/failure.js';

/** What went wrong, where, and what to do about it. */
export function FailureNote({ failure }: { readonly failure: Failure }) {
  const { message, at, expected, hint } = failure;
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{message}</strong>
      </p>
      {at !== undefined && (
        <p class="quiet">
          {at.file}, line {at.line}, column {at.column}
        </p>
      )}
      {expected !== undefined && <p>Expected: {expected}</p>}
      {hint !== undefined && <p>{hint}</p>}
    </div>
  );
}
