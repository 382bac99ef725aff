import { compareBytes } from "@kube-state-mosaic/exposition";
import type { EachPlan, GaugePlan, InfoPlan, StateSetPlan } from "./each-plan.ts";
import { isList, isMapping, isNothing, type Found } from "./json-value.ts";
import { labelsFromPaths, sortedPairs, type AddLabels, type Labels } from "./labels.ts";
import { NoNumber, numberOf } from "./number.ts";

/** A sample with the labels that `each` makes; those of the object come on top. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The samples of one object in no order; `onError` gets a message for each value that could not be had. */
export type MakeSamples = (object: Found, onError: (message: string) => void) => Sample[];

export function compileEach(plan: EachPlan): MakeSamples {
  const make = compileOfType(plan);
  return (object, onError) => {
    const report = (message: string): void => onError(`${plan.path.text}: ${message}`);
    return inOrder(make(plan.path.of(object), report));
  };
}

function compileOfType(plan: EachPlan): MakeSamples {
  switch (plan.type) {
    case "gauge":
      return gaugeSamples(plan);
    case "info":
      return infoSamples(plan);
    case "stateset":
      return stateSetSamples(plan);
  }
}

function gaugeSamples(plan: GaugePlan): MakeSamples {
  const { valueFrom, nilIsZero } = plan;
  const addLabels = labelsFromPaths(plan.labelPaths);
  const prefix = valueFrom.steps.length === 0 ? "" : `${valueFrom.text}: `;
  const valueOf = (value: Found): number | NoNumber | undefined => {
    const found = valueFrom.of(value);
    if (isNothing(found)) {
      if (nilIsZero) return 0;
      return isNothing(value) ? new NoNumber("got nil while resolving path") : undefined;
    }
    const number = numberOf(found);
    return number instanceof NoNumber ? new NoNumber(prefix + number.reason) : number;
  };
  const ofMapping = mappingGauge(plan, addLabels, valueOf);
  return (target, onError) => {
    if (isMapping(target)) return ofMapping(target, onError);
    const single = (value: Found, place: string): Sample[] => {
      const number = valueOf(value);
      if (number instanceof NoNumber) onError(place + number.reason);
      return typeof number === "number"
        ? [{ labels: labelsOf(addLabels, value), value: number }]
        : [];
    };
    return isList(target)
      ? target.flatMap((element, index) => single(element, `[${index}]: `))
      : single(target, "");
  };
}

/** One sample for each key with a number in or below its value, and for the key that `valueFrom` names. */
function mappingGauge(
  { valueFrom, nilIsZero, labelFromKey }: GaugePlan,
  addLabels: AddLabels,
  valueOf: (value: Found) => number | NoNumber | undefined,
): MakeSamples {
  const [step = ""] = valueFrom.steps;
  const ownKey = valueFrom.steps.length === 1 && !step.includes(",") ? step : undefined;
  return (target, onError) =>
    Object.entries(isMapping(target) ? target : {}).flatMap(([key, value]) => {
      const isOwn = key === ownKey;
      const number = isOwn ? numberOf(value, nilIsZero) : valueOf(value);
      if (number instanceof NoNumber && isOwn) onError(`[${key}]: ${number.reason}`);
      if (typeof number !== "number") return [];
      const labels: Labels = new Map();
      if (labelFromKey !== "" && key !== "") labels.set(labelFromKey, key);
      addLabels(labels, value);
      addLabels(labels, target);
      return [{ labels, value: number }];
    });
}

function infoSamples({ labelPaths, labelFromKey }: InfoPlan): MakeSamples {
  const addLabels = labelsFromPaths(labelPaths);
  const sampleOf = (labels: Labels): Sample[] => (labels.size === 0 ? [] : [{ labels, value: 1 }]);
  return (target, onError) => {
    if (isNothing(target)) return [];
    if (isList(target))
      return target
        .filter((element) => element !== null)
        .flatMap((element) => sampleOf(labelsOf(addLabels, element)));
    const own = labelsOf(addLabels, target);
    if (!isMapping(target)) return sampleOf(own);
    if (own.has(labelFromKey)) onError(`labelFromKey (${labelFromKey}) is in labelsFromPath too`);
    const perKey = Object.entries(target).flatMap(([key, value]) => {
      const labels: Labels = new Map();
      if (labelFromKey !== "" && key !== "") labels.set(labelFromKey, key);
      addLabels(labels, value);
      return sampleOf(labels);
    });
    return [...perKey, ...sampleOf(own)];
  };
}

function stateSetSamples({ valueFrom, labelPaths, labelName, list }: StateSetPlan): MakeSamples {
  const addLabels = labelsFromPaths(labelPaths);
  return (target, onError) => {
    const states = (value: Found): Sample[] => {
      const state = valueFrom.of(value);
      if (isNothing(state)) return [];
      if (typeof state !== "string") {
        onError(`expected value for path to be string, got ${nameOf(state)}`);
        return [];
      }
      return list.map((entry) => {
        const labels: Labels = new Map([[labelName, entry]]);
        addLabels(labels, value);
        return { labels, value: entry === state ? 1 : 0 };
      });
    };
    return isList(target) ? target.flatMap(states) : states(target);
  };
}

function labelsOf(addLabels: AddLabels, value: Found): Labels {
  const labels: Labels = new Map();
  addLabels(labels, value);
  return labels;
}

function nameOf(value: Found): string {
  if (isList(value)) return "a list";
  return isMapping(value) ? "a mapping" : `a ${typeof value}`;
}

/** By the pairs of their labels, the shorter first where one begins the other. Equal ones stay as they are. */
function inOrder(samples: Sample[]): Sample[] {
  if (samples.length < 2) return samples;
  return samples
    .map((sample) => ({ sample, pairs: sortedPairs(sample.labels).flat() }))
    .sort((left, right) => compareTexts(left.pairs, right.pairs))
    .map(({ sample }) => sample);
}

function compareTexts(left: readonly string[], right: readonly string[]): number {
  for (const [index, text] of left.entries()) {
    const other = right[index];
    if (other === undefined) break;
    const order = compareBytes(text, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
