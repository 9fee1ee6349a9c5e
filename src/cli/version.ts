declare const __CALLGATE_VERSION__: string | undefined;

/** The package's version; the build writes it in. */
export const version: string =
  typeof __CALLGATE_VERSION__ === 'string' ? __CALLGATE_VERSION__ : 'development';
