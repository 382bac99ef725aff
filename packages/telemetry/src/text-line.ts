/** Makes a line for people from a JSON log line. Text that would break the line or the `key=value` form is quoted as in JSON. */
export function textLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  let line = `${String(time)} ${String(level).toUpperCase()} ${escapeControls(String(msg))}`;
  for (const [key, value] of Object.entries(fields)) line += ` ${quoted(key)}=${quoted(value)}`;
  return `${line}\n`;
}

/** Anything that a terminal or a reader of lines would take for more than a character. */
const controls = /[\p{Cc}\u2028\u2029]/gu;

function quoted(value: unknown): string {
  const text = String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : escapeControls(JSON.stringify(text));
}

function escapeControls(text: string): string {
  return text.replace(controls, (control) => {
    const short = JSON.stringify(control).slice(1, -1);
    if (short !== control) return short;
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
