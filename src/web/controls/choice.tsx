interface Props {
  readonly label: string;
  readonly id: string;
  readonly value: string;
  /** What the empty word stands for; absent: there is no empty word. */
  readonly first?: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
}

/** A labelled list. A word that the list does not have, such as a link's, is shown as it is. */
export function Choice({ label, id, value, first, options, onChange }: Props) {
  const all = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {first !== undefined && <option value="">{first}</option>}
        {all.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}
