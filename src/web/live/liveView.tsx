export function LiveView() {
  return <p>TODO</p>;
}
