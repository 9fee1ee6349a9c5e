export function CompareView() {
  return <p>TODO</p>;
}
