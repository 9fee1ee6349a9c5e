export function FixView() {
  return <p>TODO</p>;
}
