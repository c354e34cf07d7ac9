// Values of options as commander hands them over.

/** The text of an option; `undefined` where it was not given. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The texts of an option that may be repeated. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** For commander: collects the values of an option that may be repeated. */
export function gather(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
