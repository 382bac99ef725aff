/** A text with `$1`, `${1}`, `$name` and `${name}` in it, ready to be filled in. */
export type Template = readonly (string | { readonly group: string })[];

/** Go's rules: the longest run of letters, digits and `_` is the name; `$$` is a dollar sign; a `$` that is neither stays as it is. */
export function parseTemplate(text: string): Template {
  const parts: (string | { group: string })[] = [];
  let rest = text;
  for (;;) {
    const dollar = rest.indexOf("$");
    if (dollar < 0) break;
    parts.push(rest.slice(0, dollar));
    rest = rest.slice(dollar);
    const [matched, braced, bare] =
      /^\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u.exec(rest) ?? [];
    const group = braced ?? bare;
    parts.push(group === undefined ? "$" : { group });
    rest = rest.slice(matched?.length ?? 1);
  }
  parts.push(rest);
  return parts.filter((part) => part !== "");
}

/** Fills in; what is not a group of the match is empty. */
export function expand(template: Template, groupOf: (name: string) => string): string {
  return template.map((part) => (typeof part === "string" ? part : groupOf(part.group))).join("");
}
