export function EditorView() {
  return <p>TODO</p>;
}
