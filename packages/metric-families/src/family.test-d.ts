// What the compiler refuses in a table. `tsc` fails when one of these lines starts to compile.
import { familiesOf, oneOf, type Family } from "./family.ts";

interface Stop {
  readonly pier: string;
  readonly departures: number;
}
interface Ferry {
  readonly name: string;
  readonly seats: number;
  readonly stops: readonly Stop[];
}

const { gauge, counter, info } = familiesOf<Ferry>();
const rows = (ferry: Ferry): readonly Stop[] => ferry.stops;

// @ts-expect-error a typo in a field of the object
gauge("kube_ferry_seats", "", { value: (ferry) => ferry.seat });

// @ts-expect-error a typo in a field of a row
gauge("kube_ferry_stop_departures", "", { rows, value: (stop) => stop.departed });

// @ts-expect-error the object's field on a row
gauge("kube_ferry_stop_departures", "", { rows, value: (stop) => stop.seats });

// @ts-expect-error a numeric label
gauge("kube_ferry_seats", "", { labels: { seats: (ferry) => ferry.seats } });

// @ts-expect-error a numeric label of a row
gauge("kube_ferry_stop", "", { rows, labels: { departures: (stop) => stop.departures } });

// @ts-expect-error a textual value
gauge("kube_ferry_name", "", { value: (ferry) => ferry.name });

// @ts-expect-error a name without kube_
gauge("ferry_seats", "", { value: (ferry) => ferry.seats });

// @ts-expect-error a counter without kube_
counter("ferry_trips_total", "", { value: (ferry) => ferry.seats });

// @ts-expect-error an info family that does not end in _info
info("kube_ferry_facts", "", { labels: { name: (ferry) => ferry.name } });

// @ts-expect-error an info family with a value of its own
info("kube_ferry_info", "", { value: (ferry) => ferry.seats });

// @ts-expect-error a level of stability that does not exist
gauge("kube_ferry_seats", "", { stability: "GA" });

// @ts-expect-error rows of a part that belongs to other objects
gauge("kube_ferry_stop", "", { rows: (ship: { readonly crew: readonly Stop[] }) => ship.crew });

// @ts-expect-error labels of rows without rows
gauge("kube_ferry_stop", "", { labels: { pier: (stop: Stop) => stop.pier } });

// @ts-expect-error states of rows without rows
gauge("kube_ferry_phase", "", { ...oneOf("phase", ["Docked"], (stop: Stop) => stop.pier) });

// @ts-expect-error a state that is a number
gauge("kube_ferry_phase", "", { ...oneOf("phase", ["Docked"], (ferry: Ferry) => ferry.seats) });

// @ts-expect-error a family of rows is not a family of the object
export const stopFamily: Family<Stop> = gauge("kube_ferry_seats", "", {});

// With a prefix of their own, user-defined tables name families as they like.
familiesOf<Ferry, "">().gauge("ferry_seats", "", { value: (ferry) => ferry.seats });
familiesOf<Ferry, "fleet_">().info("fleet_ferry_info", "", {
  rows,
  labels: { pier: ({ pier }) => pier },
});

// @ts-expect-error a name without the chosen prefix
familiesOf<Ferry, "fleet_">().gauge("kube_ferry_seats", "", {});
