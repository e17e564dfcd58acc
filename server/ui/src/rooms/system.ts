// The state of the whole: health, storage, and what is set.

import { fill, h } from "../dom";
import { openForm } from "../dialog";
import { given, lines, whole } from "../fields";
import { bytes, duration } from "../format";
import { every } from "../live";
import type { Visit } from "../router";
import { heading } from "../shell";
import { done } from "../status";
import type { Client, Status } from "../session";

const refreshMillis = 3000;

export async function system({ fazt, main, signal }: Visit): Promise<void> {
  const place = h("div");
  main.append(heading("System", "What the server knows about itself.", h("button", { onclick: () => void settings(fazt) }, "Settings")), place);
  await every(refreshMillis, async () => fill(place, facts(await fazt.system.status({}))), signal);
}

function facts(status: Status): HTMLElement {
  const { storage } = status;
  const line = (name: string, value: string | number) => [h("dt", null, name), h("dd", null, value)];
  return h(
    "div",
    null,
    h("section", { class: "panel", "aria-label": "Server" }, h("dl", null, line("Version", status.version), line("Up for", duration(status.uptime_ms)), line("Health", status.status))),
    h(
      "section",
      { class: "panel", "aria-label": "Storage" },
      h(
        "dl",
        null,
        line("Database", bytes(storage.file_bytes)),
        line("Write-ahead log", bytes(storage.wal_bytes)),
        line("Writes since the start", storage.batches),
        line("A commit takes", `${duration(storage.commit_p50_us / 1000)}, 99 of 100 at most ${duration(storage.commit_p99_us / 1000)}`),
        line("Waiting writes", storage.waiting),
        line("Refused under load", storage.refused),
      ),
    ),
  );
}

async function settings(fazt: Client): Promise<void> {
  const { items } = await fazt.setting.list({});
  const value = (name: string): unknown => items.find((item) => item.name === name)?.value;
  const listed = (name: string): string => ((value(name) ?? []) as string[]).join("\n");
  await openForm({
    title: "Settings",
    fields: [
      { name: "origins", label: "Sites whose scripts may call this server (one a line)", kind: "long", rows: 4, value: listed("origins"), hint: "As in https://example.org. They still need a token." },
      { name: "browse", label: "Sites that agents may open in a tab (one a line)", kind: "long", rows: 4, value: listed("browse"), hint: "As in https://erp.example." },
      { name: "approvals", label: "A person is asked", kind: "select", value: String(value("approvals") ?? "wide"), options: asked },
      { name: "event_days", label: "Days for which events are kept as they came", kind: "number", value: String(value("event_days") ?? "") },
      { name: "event_years", label: "Years for which counts of events are kept", kind: "number", value: String(value("event_years") ?? "") },
      { name: "slow_ms", label: "A call is slow from (ms)", kind: "number", value: String(value("slow_ms") ?? "") },
    ],
    submit: "Save",
    inPerson: true,
    async act(values) {
      const number = (name: string) => (values.touched(name) ? whole(values.text(name), name) : undefined);
      const input = given({
        origins: values.touched("origins") ? lines(values.text("origins")) : undefined,
        browse: values.touched("browse") ? lines(values.text("browse")) : undefined,
        approvals: values.touched("approvals") ? values.text("approvals") : undefined,
        event_days: number("event_days"),
        event_years: number("event_years"),
        slow_ms: number("slow_ms"),
      });
      done("setting_update", await fazt.text("setting_update", input), "Saved the settings");
    },
  });
}

const asked = [
  { value: "never", label: "Never" },
  { value: "destructive", label: "Before an agent deletes anything" },
  { value: "wide", label: "Before whole apps, over 100 things, rights" },
  { value: "all", label: "Before every write of an agent" },
];
