import { defineRecipe, type Locator } from "fazt";
import { fill, open, outcome } from "./_form";

/** Fills in a list. The page sends what was filled in, so an empty list is typed
 * over too. */
async function list(field: Locator, whole: readonly string[] | null | undefined, add: readonly string[], remove: readonly string[]): Promise<void> {
  if (!whole && add.length === 0 && remove.length === 0) return;
  const had = (await field.inputValue()).split("\n").filter(Boolean);
  const next = (whole ?? [...had, ...add.filter((one) => !had.includes(one))]).filter((one) => whole || !remove.includes(one));
  await field.fill(" ");
  await field.fill(next.join("\n"));
}

/** The settings that are numbers, by their fields. */
function numbers(input: { event_days?: number | null; event_years?: number | null; slow_ms?: number | null }): [string, number | null | undefined][] {
  return [
    ["Days for which events are kept as they came", input.event_days],
    ["Years for which counts of events are kept", input.event_years],
    ["A call is slow from (ms)", input.slow_ms],
  ];
}

export default defineRecipe({
  name: "setting_update",
  title: "Change the settings on the system's page",
  effect: "write",
  scopes: ["settings:read", "settings:write", "system:read"],
  at: "/system",
  async ui({ page, input }) {
    const dialog = await open(page, "Settings", "Settings");
    const field = (label: string) => dialog.getByLabel(label, { exact: true });
    await list(field("Sites whose scripts may call this server (one a line)"), input.origins, input.add_origins ?? [], input.remove_origins ?? []);
    await list(field("Sites that agents may open in a tab (one a line)"), input.browse, input.add_browse ?? [], input.remove_browse ?? []);
    if (input.approvals) await field("A person is asked").selectOption(input.approvals);
    for (const [label, value] of numbers(input)) await fill(dialog, label, value || undefined);
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "setting_update");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    if (input.approvals) expect(output.approvals, "what a person is asked about").toBe(input.approvals);
    for (const name of ["event_days", "event_years", "slow_ms"] as const) {
      if (input[name]) expect(output[name], name).toBe(input[name]);
    }
    for (const name of ["browse", "origins"] as const) {
      const { value } = await fazt.setting.get({ name });
      expect([...(value as string[])].sort(), name).toEqual([...output[name]].sort());
    }
  },
});
