/**
 * Text of unknown origin as a terminal may have it: control characters and those that turn the direction of writing are
 * shown as U+FFFD; line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  );
}
