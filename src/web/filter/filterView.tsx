export function FilterView() {
  return <p>TODO</p>;
}
