// The state of the whole: health, storage, and what is set.

import { fill, h } from "../dom";
import { openForm } from "../dialog";
import { lines } from "../fields";
import { bytes, duration } from "../format";
import { every } from "../live";
import type { Visit } from "../router";
import { heading } from "../shell";
import { done } from "../status";
import type { Client, Status } from "../session";

const refreshMillis = 3000;

export async function system({ fazt, main, signal }: Visit): Promise<void> {
  const place = h("div");
  main.append(heading("System", "What the server knows about itself.", h("button", { onclick: () => void origins(fazt) }, "Origins")), place);
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
        line("A commit takes", `${storage.commit_p50_us} µs, 99 of 100 at most ${storage.commit_p99_us} µs`),
        line("Waiting writes", storage.waiting),
        line("Refused under load", storage.refused),
      ),
    ),
  );
}

async function origins(fazt: Client): Promise<void> {
  const { items } = await fazt.setting.list({});
  const listed = (name: string) => ((items.find((item) => item.name === name)?.value ?? []) as string[]).join("\n");
  await openForm({
    title: "Origins",
    fields: [
      { name: "origins", label: "Sites whose scripts may call this server (one a line)", kind: "long", value: listed("origins"), hint: "As in https://example.org. They still need a token." },
      { name: "browse", label: "Sites that agents may open in a tab (one a line)", kind: "long", value: listed("browse") },
    ],
    submit: "Save",
    inPerson: true,
    async act(values) {
      const output = await fazt.text("setting_update", { origins: lines(values.text("origins")), browse: lines(values.text("browse")) });
      done("setting_update", output, "Saved the origins");
    },
  });
}
