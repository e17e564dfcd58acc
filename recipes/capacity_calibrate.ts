import { defineRecipe } from "fazt";
import { open, outcome } from "./_form";

export default defineRecipe({
  name: "capacity_calibrate",
  title: "Measure what calls cost, on the page of capacity",
  effect: "write",
  scopes: ["system:read", "system:write"],
  at: "/capacity",
  async ui({ page, input }) {
    const dialog = await open(page, "Calibrate", "Calibrate");
    if (input.quick) await dialog.getByLabel("Quick", { exact: true }).check();
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    return outcome(page, "capacity_calibrate");
  },
  async check({ fazt, output, expect }) {
    if (output === undefined) return;
    const { calibration } = await fazt.capacity.get({});
    expect(calibration?.started_at ?? 0, "the start of the last calibration").toBeGreaterThanOrEqual(output.started_at);
  },
});
