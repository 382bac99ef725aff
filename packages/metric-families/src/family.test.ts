import { expect, test } from "vitest";
import { familiesOf, family, identityText, oneOf, type Samples } from "./family.ts";

interface Stop {
  readonly pier: string;
  readonly dock: string | undefined;
  readonly open: boolean | undefined;
  readonly phase: string | undefined;
}
interface Ferry {
  readonly namespace: string;
  readonly name: string;
  readonly seats: number | undefined;
  readonly stops: readonly Stop[];
  readonly tags: readonly (readonly [string, string])[];
}

const { gauge, counter, info } = familiesOf<Ferry>();

const aurora: Ferry = {
  namespace: "harbour",
  name: "aurora",
  seats: 1_500_000,
  stops: [
    { pier: "north", dock: undefined, open: true, phase: "Open" },
    { pier: "south", dock: "3", open: false, phase: "Unheard" },
    { pier: "west", dock: "4", open: undefined, phase: undefined },
  ],
  tags: [
    ["label_a", "1"],
    ["label_b", 'x"\\\n'],
  ],
};
const rows = ({ stops }: Ferry) => stops;
const identity = identityText<Ferry>({
  namespace: (ferry) => ferry.namespace,
  ferry: (ferry) => ferry.name,
});

function render<Row = Ferry>(samples: Samples<Ferry, Row>, prefix = identity(aurora)): string {
  return family("kube_ferry_x", "", { type: "gauge", samples }).render(aurora, prefix);
}

test("identity labels come first, in their order, escaped", () => {
  expect(identity({ ...aurora, name: 'a"b\\c\nd' })).toBe(
    '{namespace="harbour",ferry="a\\"b\\\\c\\nd"',
  );
});

test("a family without labels writes name, identity and value", () => {
  expect(render({ value: ({ seats }) => seats })).toBe(
    'kube_ferry_x{namespace="harbour",ferry="aurora"} 1.5e+06\n',
  );
});

test("a family without value is 1", () => {
  expect(render({ labels: { name: ({ name }) => name } })).toBe(
    'kube_ferry_x{namespace="harbour",ferry="aurora",name="aurora"} 1\n',
  );
});

test("rows give a sample each, booleans are 1 and 0, an undefined value gives none, an undefined label is empty", () => {
  expect(
    render({
      rows,
      labels: { pier: ({ pier }) => pier, dock: ({ dock }) => dock },
      value: ({ open }) => open,
    }),
  ).toBe(
    'kube_ferry_x{namespace="harbour",ferry="aurora",pier="north",dock=""} 1\n' +
      'kube_ferry_x{namespace="harbour",ferry="aurora",pier="south",dock="3"} 0\n',
  );
});

test("labels and values see the object a row belongs to", () => {
  expect(
    render({
      rows: ({ stops }) => stops.slice(0, 1),
      labels: { ferry_name: (_, { name }) => name },
      value: (_, { seats }) => seats,
    }),
  ).toBe('kube_ferry_x{namespace="harbour",ferry="aurora",ferry_name="aurora"} 1.5e+06\n');
});

test("three and more labels keep the order they are written in", () => {
  expect(
    render({
      rows: ({ stops }) => stops.slice(1, 2),
      labels: { b: ({ pier }) => pier, a: ({ dock }) => dock, c: () => "x", "0": () => "y" },
    }),
  ).toContain('b="south",a="3",c="x"');
});

test("no rows give no text", () => {
  expect(render({ rows: () => [], value: () => 1 })).toBe("");
});

test.each([
  [Number.NaN, "NaN"],
  [Infinity, "+Inf"],
  [-0, "0"],
  [-1, "-1"],
  [0.00001, "1e-05"],
])("the value %s is written %s", (value, text) => {
  expect(render({ value: () => value })).toBe(
    `kube_ferry_x{namespace="harbour",ferry="aurora"} ${text}\n`,
  );
});

test("one of several states is 1, an unknown state leaves all 0, no state gives no sample", () => {
  const start = 'kube_ferry_x{namespace="harbour",ferry="aurora",pier=';
  expect(
    render({
      rows,
      labels: { pier: ({ pier }) => pier },
      ...oneOf("phase", ["Open", "Shut"], ({ phase }: Stop) => phase),
    }),
  ).toBe(
    `${start}"north",phase="Open"} 1\n${start}"north",phase="Shut"} 0\n` +
      `${start}"south",phase="Open"} 0\n${start}"south",phase="Shut"} 0\n`,
  );
});

test("dynamic labels come after the fixed ones, their values escaped", () => {
  expect(render({ labels: { a: () => "b" }, dynamicLabels: ({ tags }) => tags })).toBe(
    'kube_ferry_x{namespace="harbour",ferry="aurora",a="b",label_a="1",label_b="x\\"\\\\\\n"} 1\n',
  );
});

test("states come after dynamic labels", () => {
  const states = oneOf("phase", ["Open", "Shut"], () => "Shut");
  const start = 'kube_ferry_x{namespace="harbour",ferry="aurora"';
  expect(render({ dynamicLabels: () => [["c", "d"]], ...states })).toBe(
    `${start},c="d",phase="Open"} 0\n${start},c="d",phase="Shut"} 1\n`,
  );
  expect(render({ dynamicLabels: () => [], ...oneOf("phase", ["Open"], () => undefined) })).toBe(
    "",
  );
});

test("no dynamic labels leave the identity alone", () => {
  expect(render({ dynamicLabels: () => [] })).toBe(
    'kube_ferry_x{namespace="harbour",ferry="aurora"} 1\n',
  );
});

test.each<[string, Samples<Ferry, Ferry>]>([
  ["kube_ferry_x 1\n", {}],
  ["kube_ferry_x 2\n", { value: () => 2 }],
  ['kube_ferry_x{a="b"} 1\n', { labels: { a: () => "b" } }],
  ['kube_ferry_x{p="Q"} 1\n', oneOf("p", ["Q"], () => "Q")],
  ["kube_ferry_x 1\n", { dynamicLabels: () => [] }],
  ['kube_ferry_x{p="Q"} 1\n', { dynamicLabels: () => [], ...oneOf("p", ["Q"], () => "Q") }],
  ['kube_ferry_x{c="d"} 1\n', { dynamicLabels: () => [["c", "d"]] }],
  [
    'kube_ferry_x{a="b",c="d"} 1\n',
    { labels: { a: () => "b" }, dynamicLabels: () => [["c", "d"]] },
  ],
])("without identity labels a sample is %s", (text, samples) => {
  expect(render(samples, identityText<Ferry>({})(aurora))).toBe(text);
});

test("a family says what it is", () => {
  const options = { stability: "STABLE", optIn: true, deprecatedSince: "v2.14.0" } as const;
  expect(
    gauge("kube_ferry_stop_open", "Help.", {
      ...options,
      rows,
      labels: { pier: ({ pier }) => pier },
      ...oneOf("phase", ["Open"], ({ phase }: Stop) => phase),
    }),
  ).toMatchObject({
    name: "kube_ferry_stop_open",
    help: "Help.",
    type: "gauge",
    ...options,
    labelNames: ["pier", "phase"],
  });
});

test("a family is ALPHA, on by default and not deprecated unless it says otherwise", () => {
  const trips = counter("kube_ferry_trips_total", "", { value: () => 1 });
  expect(trips).toMatchObject({
    type: "counter",
    stability: "ALPHA",
    optIn: false,
    labelNames: [],
  });
  expect(trips).not.toHaveProperty("deprecatedSince");
});

test("an info family is declared a gauge of value 1", () => {
  const facts = info("kube_ferry_info", "", { labels: { name: ({ name }) => name } });
  expect(facts.type).toBe("gauge");
  expect(facts.render(aurora, identity(aurora))).toMatch(/name="aurora"} 1\n$/);
});

test.each(["info", "stateset"] as const)(
  "configuration may declare a family %s, under any name",
  (type) => {
    const declared = family<Ferry>("ferry", "", { type, samples: { value: ({ seats }) => seats } });
    expect(declared).toMatchObject({ name: "ferry", type });
    expect(declared.render(aurora, "")).toBe("ferry 1.5e+06\n");
  },
);
