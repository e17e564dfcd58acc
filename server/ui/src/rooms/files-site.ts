// The site of one app: where it is, what is kept of it, and how it changes.

import { openForm } from "../dialog";
import { fill, h, rows } from "../dom";
import { problemOf } from "../errors";
import { given, text, whole } from "../fields";
import { ago, bytes, moment } from "../format";
import { follow } from "../live";
import { table } from "../shell";
import { done } from "../status";
import type { Client, Deployment } from "../session";
import { newNames } from "../who";

export async function site(fazt: Client, app: string, signal: AbortSignal): Promise<HTMLElement> {
  const about = h("p", { class: "about" });
  const list = h("tbody");
  const grid = table("Deployments", ["Deployment", "Files", "Size", "By", "When", ""], list);
  const back = h("button", { onclick: () => void rollBack(fazt, app, load) }, "Roll back");
  const names = await newNames(fazt);

  async function load(): Promise<void> {
    const [{ items }, loose] = await Promise.all([fazt.site.list({ app }), fazt.blob.list({ app, prefix: "site/", limit: 1 })]);
    rows(list, items, (one) => String(one.deployment), (one) => row(fazt, app, one, names(one.principal), load));
    grid.hidden = items.length === 0;
    fill(about, loose.items.length > 0 ? ["This app has a site", ...address(app), "."] : "This app has no site yet: deploy a zip, or put files under site/.");
  }
  const section = h("section", { class: "site", "aria-label": "Site" });
  try {
    await follow(app, load, signal);
  } catch (error) {
    if (problemOf(error).code !== "forbidden") throw error; // without the right to see it, the files stand alone
    return section;
  }
  const deployed = h("button", { onclick: () => void deploy(fazt, app, load) }, "Deploy a site");
  fill(section, h("div", { class: "heading" }, h("div", null, h("h2", null, "Site"), about), h("div", { class: "actions" }, deployed, back)), grid);
  return section;
}

function row(fazt: Client, app: string, one: Deployment, by: string, load: () => Promise<void>): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, `${one.deployment} `, one.active ? h("span", { class: "state", "data-state": "ok" }, "shown") : null),
    h("td", { class: "number" }, one.files),
    h("td", { class: "number when" }, bytes(one.bytes)),
    h("td", null, by),
    h("td", { class: "when", title: moment(one.deployed_at) }, ago(one.deployed_at)),
    h("td", { class: "row-actions" }, one.active ? null : h("button", { onclick: () => void rollBack(fazt, app, load, one.deployment) }, "Show this one")),
  );
}

/** Where the site can be seen. An app has a host of its own beside localhost or
 * a domain; beside a bare address of another machine it has none. */
function address(app: string): (Node | string)[] {
  const { protocol, hostname, port } = location;
  const local = /^(localhost|admin\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (!local && (/^[\d.]+$|^\[/.test(hostname) || hostname.endsWith(".nip.io"))) return [", to be seen at its own host name once the server has a domain"];
  const base = local ? "localhost" : hostname.replace(/^admin\./, "");
  const url = `${protocol}//${app}.${base}${port ? ":" + port : ""}/`;
  return [" at ", h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url)];
}

function deploy(fazt: Client, app: string, load: () => Promise<void>): Promise<boolean> {
  return openForm({
    title: "Deploy site",
    intro: h("p", null, "A zip, tar or tar.gz with index.html at its top. The site switches to it at once; the ten before are kept."),
    fields: [
      { name: "file", label: "Archive", kind: "file", accept: ".zip,.tar,.gz,.tgz" },
      { name: "blob", label: "Or a stored archive", hint: "The name of a file of this app." },
      { name: "from", label: "Or a folder", hint: "The files of this app under it, as in draft/." },
    ],
    submit: "Deploy",
    danger: true,
    async act(values, signal) {
      const file = values.file("file");
      const input = given({ app, blob: text(values.text("blob")), from: text(values.text("from")) });
      const output = await fazt.text("site_deploy", input, file ? { bytes: file, signal } : { signal });
      const { deployment, files, bytes: size } = JSON.parse(output) as { deployment: number; files: number; bytes: number };
      await load();
      done("site_deploy", output, `Deployment ${deployment} is shown: ${files} files, ${bytes(size)}`);
    },
  });
}

function rollBack(fazt: Client, app: string, load: () => Promise<void>, deployment?: number): Promise<boolean> {
  return openForm({
    title: "Roll back",
    intro: h("p", null, "The site is what it was in that deployment. Files that were put under site/ since then go."),
    fields: [{ name: "deployment", label: "Deployment", kind: "number", value: deployment === undefined ? "" : String(deployment), hint: "Empty: the one before the one that is shown." }],
    submit: "Roll back",
    danger: true,
    async act(values) {
      const output = await fazt.text("site_rollback", given({ app, deployment: whole(values.text("deployment"), "deployment") }));
      await load();
      done("site_rollback", output, `Deployment ${(JSON.parse(output) as { deployment: number }).deployment} is shown again`);
    },
  });
}
