// How many people this machine can serve, what ends first, and how that is
// known: measured, with bounds.

import { openForm } from "../dialog";
import { fill, h, rows } from "../dom";
import { ago, bytes, moment } from "../format";
import { every } from "../live";
import { loadPlot } from "../plot";
import type { Visit } from "../router";
import type { Client } from "../session";
import { heading, table } from "../shell";
import { done } from "../status";

const refreshMillis = 3000;
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

type Report = Awaited<ReturnType<Client["capacity"]["get"]>>;
type Live = NonNullable<Report["live"]>;
type Machine = NonNullable<Report["machine"]>;
type Model = NonNullable<Report["model"]>;
type Part = { element: HTMLElement; show(report: Report): void };

export async function capacity({ fazt, main, signal }: Visit): Promise<void> {
  const parts = [answer(), limits(), predictions(), costs(), gates()];
  const pictures = [picture("load", "Latency against load", curveTable()), picture("time", "Calls over time", momentTable())] as const;

  async function load(): Promise<void> {
    const [report, history] = await Promise.all([fazt.capacity.get({}), fazt.capacity.history({}), ...pictures.map((one) => one.load(signal))]);
    for (const part of parts) part.show(report);
    pictures[0].numbers(report.model?.curve ?? []);
    pictures[1].numbers(history.moments);
  }
  await every(refreshMillis, load, signal);
  const [first, second, ...others] = parts.map((part) => part.element);
  main.append(
    heading("Capacity", "How many people this machine can serve.", h("button", { onclick: () => void calibrate(fazt, load) }, "Calibrate")),
    first ?? "",
    second ?? "",
    h("div", { class: "pictures" }, pictures.map((one) => one.element)),
    ...others,
  );
}

/** The sentence, how full each resource is, and how old the figures are. */
function answer(): Part {
  const sentence = h("p", { class: "answer" });
  const stale = h("p", { class: "stale", hidden: true });
  const progress = h("progress", { max: 1, "aria-label": "Calibrating" });
  const measuring = h("p", { class: "measuring", role: "status", hidden: true }, h("span", null, "Measuring …"), progress);
  const bars = h("div", { class: "bars" });
  return {
    element: h("section", { class: "panel", "aria-label": "Answer" }, sentence, stale, measuring, bars),
    show({ sentence: text, live, model, machine, calibration }) {
      sentence.textContent = text;
      stale.textContent = staleness(model, calibration);
      stale.hidden = stale.textContent === "";
      measuring.hidden = calibration?.state !== "running";
      progress.value = calibration?.progress ?? 0;
      if (live && machine) fill(bars, barsOf(live, machine));
    },
  };
}

function staleness(model: Report["model"], calibration: Report["calibration"]): string {
  const lost = calibration?.error ? `The last measuring ended without a result: ${calibration.error}.` : "";
  const why = model?.stale_reason ?? "";
  return [lost, why ? why.charAt(0).toUpperCase() + why.slice(1) + "." : ""].filter(Boolean).join(" ");
}

function barsOf(live: Live, machine: Machine): HTMLElement[] {
  const { cpu, disk, memory } = live.utilization;
  const use = (name: string, share: number, of: string): HTMLElement => bar(name, share, `${percent(share)} of ${of}`);
  const known = machine.memory_bytes > 0 ? [use("Memory", memory, bytes(machine.memory_bytes))] : [];
  return [
    use("Processors", cpu, `${machine.cpus}`),
    use("Writer of the disk", disk, "its time"),
    ...known,
    bar("Of what fits", 1 - live.headroom.percent / 100, `${live.headroom.users.toLocaleString("en")} people more fit`),
  ];
}

function bar(name: string, share: number, text: string): HTMLElement {
  const value = Math.min(1, Math.max(0, share));
  return h("div", { class: "bar" }, h("span", null, name), h("span", null, text), h("meter", { value, min: 0, max: 1, low: 0.5, high: 0.9, optimum: 0, "aria-label": `${name}: ${text}` }));
}

/** A number with no more figures than anybody reads. */
function shown(n: number): string {
  return n.toLocaleString("en", { maximumFractionDigits: n < 10 ? 2 : 0 });
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** What ends first, how that is known, and what would help. */
function limits(): Part {
  const facts = h("dl");
  return {
    element: h("section", { class: "panel", "aria-label": "Limits" }, facts),
    show({ live, bottleneck, recommendation, machine, model, validation }) {
      if (!live || !bottleneck || !recommendation || !machine || !model) return;
      fill(
        facts,
        fact("State", stateText(live)),
        fact("Ends first", `${bottleneck.resource}: ${bottleneck.evidence}`),
        fact("Would end next", bottleneck.next),
        fact("What would help", `${recommendation.action} — ${recommendation.gain}`),
        fact("Memory", memoryText(live)),
        fact("Connections", connectionText(live)),
        fact("Machine", machineText(machine)),
        fact("Others on it", `${shown(live.noise.foreign_cpu)} processors, steal ${percent(live.noise.steal)}`),
        fact("Measured", measuredText(model)),
        fact("Checked", checkedText(validation)),
      );
    },
  };
}

function stateText(live: Live): string {
  const waits = `99 of 100 calls wait at most ${shown(live.wait_p99_us / 1000)} ms`;
  return `${live.state}: ${shown(live.rps)} calls a second, ${shown(live.shed_rps)} refused, ${live.in_flight} at work, ${live.waiting} waiting; ${waits}`;
}

function memoryText({ memory }: Live): string {
  const use = `${bytes(memory.used_bytes)} of ${bytes(memory.limit_bytes)}`;
  const refused = memory.refused > 0 ? `; ${memory.refused.toLocaleString("en")} calls refused since the start` : "";
  return (memory.shed.length > 0 ? `${use}, given up: ${memory.shed.join(", ")}` : `${use}, nothing given up`) + refused;
}

function connectionText({ connections }: Live): string {
  const [open, most, silent, refused, evicted] = [connections.open, connections.most, connections.silent, connections.refused, connections.evicted].map((n) => n.toLocaleString("en"));
  return `${open} of at most ${most}, ${silent} without a request; since the start ${refused} refused, ${evicted} closed to make room`;
}

function machineText(machine: Machine): string {
  const memory = machine.memory_bytes > 0 ? `${bytes(machine.memory_bytes)} of memory` : "memory without a limit";
  return `${machine.cpus} processors, ${memory}, ${machine.descriptors.toLocaleString("en")} open files`;
}

function checkedText(validation: Report["validation"]): HTMLElement | string {
  if (!validation) return "never: fazt loadtest compares a load with what was predicted of it";
  const { mix, rps, predicted_rps, error_percent, valid, doubts } = validation.test;
  const title = [moment(validation.at), mix, ...doubts].join("\n");
  const error = `${error_percent > 0 ? "+" : ""}${error_percent} %`;
  return h("span", { title }, `${ago(validation.at)}, ${shown(rps)}/s of ${shown(predicted_rps)} predicted (${error})${valid ? "" : ", disturbed"}`);
}

function measuredText(model: Model): HTMLElement | string {
  if (model.calibrated_at === 0) return "never: the figures are assumed";
  return h("span", { title: moment(model.calibrated_at) }, `${ago(model.calibrated_at)}, ${model.confidence} confidence, other loads within ${Math.round(model.residual_percent)} %`);
}

function fact(name: string, value: HTMLElement | string): HTMLElement[] {
  return [h("dt", null, name), h("dd", null, value)];
}

/** A table of one list of the report. */
function list<T>(label: string, columns: string[], items: (report: Report) => readonly T[], key: (item: T) => string, cells: (item: T) => (string | number)[]): Part {
  const body = h("tbody");
  return {
    element: h("section", { "aria-label": label }, h("h2", { class: "next" }, label), table(label, columns, body)),
    show: (report) => rows(body, items(report), key, (item) => row(key(item), cells(item))),
  };
}

function row(name: string, cells: readonly (string | number)[]): HTMLElement {
  return h("tr", null, h("th", { scope: "row" }, name), cells.map((cell) => h("td", { class: "number" }, cell)));
}

function predictions(): Part {
  const bounds = (low: number, at: number, high: number): string => [at, low, high].map((n) => Math.round(n).toLocaleString("en")).join(" · ");
  return list(
    "Predictions",
    ["Mix", "Calls a second · from · to", "People · from · to", "Ends first", "Confidence"],
    (report) => report.predictions ?? [],
    (p) => p.mix,
    (p) => [bounds(p.rps_lo, p.rps, p.rps_hi), bounds(p.users_lo, p.users, p.users_hi), p.binding, p.confidence],
  );
}

function costs(): Part {
  return list(
    "What a call costs",
    ["Class", "Processor µs", "From", "To", "Measured calls"],
    (report) => report.model?.classes ?? [],
    (c) => c.class,
    (c) => [shown(c.cpu_us), shown(c.low_us), shown(c.high_us), c.calls],
  );
}

function gates(): Part {
  return list(
    "Gates",
    ["Gate", "Places", "At work", "Waiting", "Calls a second", "Refused a second", "Wait p99, ms"],
    (report) => report.live?.gates ?? [],
    (g) => g.gate,
    (g) => [g.slots, g.in_flight, g.waiting, shown(g.rps), shown(g.shed_rps), shown(g.wait_p99_us / 1000)],
  );
}

type Numbers<T> = { element: HTMLElement; show(items: readonly T[]): void };

function curveTable(): Numbers<NonNullable<Model["curve"]>[number]> {
  const body = h("tbody");
  return {
    element: table("Measured", ["Callers", "Calls a second", "p50, ms", "p99, ms"], body),
    show: (items) => rows(body, items, (at) => String(at.callers), (at) => row(String(at.callers), [shown(at.rps), shown(at.p50_ms), shown(at.p99_ms)])),
  };
}

function momentTable(): Numbers<{ at: number; rps: number; shed_rps: number; cpu: number }> {
  const body = h("tbody");
  return {
    element: table("Over time", ["Until", "Let in a second", "Refused a second", "Processors"], body),
    show: (items) => rows(body, items, (at) => String(at.at), (at) => row(new Date(at.at).toLocaleTimeString(), [shown(at.rps), shown(at.shed_rps), percent(at.cpu)])),
  };
}

type Picture<T> = { element: HTMLElement; load(signal: AbortSignal): Promise<void>; numbers(items: readonly T[]): void };

/** A picture that the server draws, as wide as there is room for, and its
 * numbers. */
function picture<T>(what: "load" | "time", label: string, numbers: Numbers<T>): Picture<T> {
  const place = h("div", { class: "plot" });
  const narrow = matchMedia("(max-width: 1500px)");
  return {
    element: h("section", { class: "panel", "aria-label": label }, h("h2", null, label), place, h("details", null, h("summary", null, "The numbers"), numbers.element)),
    async load(signal) {
      const query = new URLSearchParams({ what, timezone, themed: "true", narrow: String(narrow.matches) });
      fill(place, await loadPlot("/api/system/capacity/plot?" + query, signal));
    },
    numbers: numbers.show,
  };
}

function calibrate(fazt: Client, load: () => Promise<void>): Promise<boolean> {
  return openForm({
    title: "Calibrate",
    intro: "Calls are made on a scratch database beside the real one, for at most 20 s. While the server has much to do it is refused.",
    fields: [{ name: "quick", label: "Quick", kind: "checkbox", hint: "A few seconds, with wider bounds." }],
    submit: "Start",
    async act(values) {
      const output = await fazt.text("capacity_calibrate", values.checked("quick") ? { quick: true } : {});
      await load();
      done("capacity_calibrate", output, "Measuring has begun");
    },
  });
}
