/** Why the API server would refuse a label selector; `undefined` for none. The grammar is that of Kubernetes' `labels.Parse`. */
export function labelSelectorFault(selector: string): string | undefined {
  let rest = selector.trim();
  if (rest === "") return undefined;
  for (;;) {
    const requirement = requirementPattern.exec(rest);
    if (requirement === null) return `cannot be read from "${rest}" on`;
    const [matched, absent, key = "", set, values = "", equal, value = ""] = requirement;
    const fault = keyFault(key) ?? valuesFault(set === undefined ? [value] : values.split(","));
    if (fault !== undefined) return fault;
    if (absent === "!" && (set !== undefined || equal !== undefined))
      return `"!${key}" takes no value`;
    if (equal !== undefined && /[<>]/.test(equal) && !/^-?\d+$/.test(value.trim()))
      return `"${value}" is not an integer to compare with`;
    rest = rest.slice(matched.length);
    if (rest === "") return undefined;
    if (!rest.startsWith(",")) return `cannot be read from "${rest}" on`;
    rest = rest.slice(1);
  }
}

// !key | key in (a,b) | key notin (a,b) | key =, ==, !=, <, > value | key
const requirementPattern =
  /^\s*(!?)\s*([^\s!=<>,()]+)\s*(?:\b(in|notin)\s*\(([^()]*)\)|(==|=|!=|<|>)\s*([^\s!=<>,()]*))?\s*/;

/** Likewise for a field selector: `path=value`, `path==value` or `path!=value`, joined with commas; a backslash escapes. */
export function fieldSelectorFault(selector: string): string | undefined {
  if (selector.trim() === "") return undefined;
  for (const term of selector.split(/(?<!(?<!\\)\\),/)) {
    if (term === "") continue;
    const parts = /^([^=!]+)(?:==|!=|=)(.*)$/su.exec(term);
    if (parts === null) return `"${term}" is not of the form path=value or path!=value`;
    if (/(?<!\\)(?:\\\\)*(?:=|\\[^\\,=]|\\$)/u.test(parts[2] ?? ""))
      return `"${term}" has an unescaped = or a wrong escape`;
  }
  return undefined;
}

const namePattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const domainPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function keyFault(key: string): string | undefined {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  const domain = parts.length > 1 ? parts[0] : undefined;
  const isKey =
    parts.length <= 2 &&
    name.length <= 63 &&
    namePattern.test(name) &&
    (domain === undefined || (domain.length <= 253 && domainPattern.test(domain)));
  return isKey ? undefined : `"${key}" is not a label key`;
}

function valuesFault(values: readonly string[]): string | undefined {
  const wrong = values
    .map((value) => value.trim())
    .find((value) => value !== "" && (value.length > 63 || !namePattern.test(value)));
  return wrong === undefined ? undefined : `"${wrong}" is not a label value`;
}
