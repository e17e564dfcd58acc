// What happens in an app: views, visitors and events over time, and what is
// most frequent among them. Everything is counted; nobody is known.

import { fill, h, rows } from "../dom";
import { given, json, text } from "../fields";
import { openForm } from "../dialog";
import { moment, plural } from "../format";
import { every } from "../live";
import { loadPlot } from "../plot";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client } from "../session";
import { appTabs } from "./app-tabs";

const refreshMillis = 10_000;
const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The days that are shown, of the browser's time zone. */
type Range = { from?: string; to?: string };

const rankings = [
  { by: "page", label: "Pages", column: "Page" },
  { by: "referrer", label: "Referrers", column: "Site" },
  { by: "name", label: "Custom events", column: "Event" },
  { by: "source", label: "Sources", column: "utm_source" },
  { by: "campaign", label: "Campaigns", column: "utm_campaign" },
  { by: "browser", label: "Browsers", column: "Browser" },
  { by: "system", label: "Systems", column: "System" },
  { by: "device", label: "Devices", column: "Device" },
] as const;

export async function analytics({ fazt, main, params, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  const range = rangeFields(() => void load());
  const facts = h("dl");
  const picture = h("div", { class: "plot" });
  const numbers = h("tbody");
  const lists = rankings.map((ranking) => ({ ...ranking, ...rankingPanel(ranking.label, ranking.column) }));

  async function load(): Promise<void> {
    const days = { app, timezone, ...range.read() };
    const bucket = range.short() ? "hour" : "day";
    const [count, visitors, series, plot, ...tops] = await Promise.all([
      fazt.event.count(days),
      fazt.event.visitors(days),
      fazt.event.series({ ...days, bucket }),
      loadPlot(path`/api/apps/${app}/events:plot` + "?" + new URLSearchParams({ ...range.read(), timezone, bucket, themed: "true" }), signal),
      ...rankings.map(({ by }) => fazt.event.top({ ...days, by })),
    ]);
    fill(picture, plot);
    fill(
      facts,
      fact("Online now", visitors.online),
      fact("Visitors", `${visitors.visitors}, ${visitors.average} a day`),
      fact("Page views", `${count.views}, ${visitors.pages} a visitor`),
      fact("Custom events", count.events),
      fact("By programs, not counted above", count.bots),
    );
    rows(numbers, series.items, (item) => String(item.at), (item) => numberRow(item, bucket));
    lists.forEach((list, i) => list.show(tops[i]?.items ?? []));
  }
  await every(refreshMillis, load, signal);
  main.append(
    heading(app, "Views, visitors and events, without cookies.", h("button", { onclick: () => void record(fazt, app, load) }, "Record event")),
    appTabs(app, "analytics"),
    range.element,
    h("section", { class: "panel", "aria-label": "Over time" }, picture, h("details", null, h("summary", null, "The numbers"), table("Over time", ["From", "Views", "Visitors", "Events"], numbers))),
    h("section", { class: "panel", "aria-label": "Totals" }, facts),
    h("div", { class: "rankings" }, lists.map((list) => list.element)),
    h("p", { class: "hint" }, "Pages are counted that hold ", h("code", null, '<script src="/track.js" defer></script>'), "."),
  );
}

/** All apps beside each other, and what was lost. */
export async function totals({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const grid = table("Apps", ["App", "Views", "Visitors", "Events"], list);
  const none = empty("No apps yet. Their pages are counted here.");
  const kept = h("dl");
  const range = rangeFields(() => void load());

  async function load(): Promise<void> {
    const out = await fazt.event.totals({ timezone, ...range.read() });
    rows(list, out.items, (item) => item.app, totalRow);
    none.hidden = out.items.length > 0;
    grid.hidden = !none.hidden;
    fill(
      kept,
      fact("Accepted since the start", out.kept.accepted),
      fact("Waiting for the disk", out.kept.held),
      fact("Dropped", out.kept.dropped),
      fact("Refused, too many from one address", out.kept.limited),
      fact("Not counted, the browser asks for that", out.kept.unasked),
    );
  }
  await every(refreshMillis, load, signal);
  main.append(heading("Analytics", "What is looked at, app by app."), range.element, none, grid, h("section", { class: "panel", "aria-label": "Kept" }, kept));
}

function fact(name: string, value: string | number): HTMLElement[] {
  return [h("dt", null, name), h("dd", null, value)];
}

type Total = { app: string; views: number; visitors: number; events: number };

function totalRow(item: Total): HTMLElement {
  return h("tr", null, h("th", { scope: "row" }, h("a", { href: path`/apps/${item.app}` + "/analytics" }, item.app)), counts(item.views, item.visitors, item.events));
}

function numberRow(item: { at: number; views: number; visitors: number; events: number }, bucket: "hour" | "day"): HTMLElement {
  const at = bucket === "hour" ? moment(item.at) : new Date(item.at).toLocaleDateString();
  return h("tr", null, h("th", { scope: "row" }, at), counts(item.views, item.visitors, item.events));
}

function counts(...values: number[]): HTMLElement[] {
  return values.map((value) => h("td", { class: "number" }, value));
}

type Ranked = { value: string; count: number; visitors: number };

/** A ranking, which is hidden while there is nothing in it. */
function rankingPanel(label: string, column: string): { element: HTMLElement; show(items: readonly Ranked[]): void } {
  const body = h("tbody");
  const element = h("section", { "aria-label": label, hidden: true }, h("h2", null, label), table(label, [column, "Count", "Visitors"], body));
  return {
    element,
    show(items) {
      element.hidden = items.length === 0;
      rows(body, items, (item) => item.value, (item) => h("tr", null, h("th", { scope: "row" }, item.value), counts(item.count, item.visitors)));
    },
  };
}

/** Two days that bound what is shown; empty ones mean the last 30. */
function rangeFields(changed: () => void): { element: HTMLElement; read(): Range; short(): boolean } {
  const from = h("input", { type: "date", onchange: changed });
  const to = h("input", { type: "date", onchange: changed });
  const today = new Date();
  const day = (ago: number): string => {
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - ago);
    return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  };
  const last = (days: number): HTMLElement =>
    h("button", { onclick: () => ((from.value = day(days - 1)), (to.value = day(0)), changed()) }, days === 1 ? "Today" : plural(days, "day"));
  return {
    element: h("div", { class: "toolbar", role: "group", "aria-label": "Days" }, h("label", null, "From ", from), h("label", null, "To ", to), last(1), last(7), last(30), last(365)),
    read: () => given({ from: text(from.value), to: text(to.value) }),
    short: () => from.value !== "" && to.value !== "" && new Date(to.value).getTime() - new Date(from.value).getTime() <= 86_400_000,
  };
}

function record(fazt: Client, app: string, load: () => Promise<void>): Promise<boolean> {
  return openForm({
    title: "Record event",
    fields: [
      { name: "name", label: "Name", hint: "As in signed_up. Empty: this is a view of the page." },
      { name: "page", label: "Page", hint: "Its path or address." },
      { name: "referrer", label: "Referrer" },
      { name: "props", label: "Props (JSON)", kind: "long", rows: 3, hint: 'An object with short values, as in {"plan":"pro"}.' },
      { name: "visitor", label: "Visitor", hint: "Any text that tells visitors apart; only a hash of it is kept." },
      { name: "user_agent", label: "User agent" },
    ],
    submit: "Record",
    async act(values) {
      const field = (name: string): string | undefined => text(values.text(name));
      const props = values.text("props");
      const input = given({
        app,
        name: field("name"),
        page: field("page"),
        referrer: field("referrer"),
        props: props.trim() === "" ? undefined : json(props, "props"),
        visitor: field("visitor"),
        user_agent: field("user_agent"),
      });
      const output = await fazt.text("event_track", input);
      await load();
      done("event_track", output, "Recorded the event");
    },
  });
}
