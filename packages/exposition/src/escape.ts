// Surrogates are in the sets so that the common text needs one pass only: whether they are paired is looked at afterwards.
const special = /[\\"\n\uD800-\uDFFF]/;
const specialInHelp = /[\\\n\uD800-\uDFFF]/;

/**
 * A label value as it stands between double quotes. Backslash, line feed and double quote are escaped and nothing else;
 * a lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
 */
export function escapeLabelValue(value: string): string {
  if (!special.test(value)) return value;
  return value.toWellFormed().replace(/[\\"\n]/g, escapeOf);
}

/** HELP text on its line. Backslash and line feed are escaped, double quotes stay as they are. */
export function escapeHelp(help: string): string {
  if (!specialInHelp.test(help)) return help;
  return help.toWellFormed().replace(/[\\\n]/g, escapeOf);
}

function escapeOf(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
