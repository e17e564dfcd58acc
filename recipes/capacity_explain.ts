import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "capacity_explain",
  title: "Say in plain sentences how many people this server fits and what ends first",
  effect: "read",
  scopes: ["system:read"],
  input: { type: "object", properties: {}, additionalProperties: false },
  output: {
    type: "object",
    properties: { sentence: { type: "string" }, measured: { type: "boolean" }, lines: { type: "array", items: { type: "string" } } },
    required: ["sentence", "measured", "lines"],
  },
  async api({ fazt }) {
    const all = await fazt.capacity.get({});
    const lines = [all.sentence];
    const measured = all.calibration?.state === "done";
    if (all.machine) lines.push(`The machine: ${Object.entries(all.machine).filter(([, v]) => typeof v !== "object").map(([name, v]) => `${name} ${v}`).join(", ")}.`);
    for (const part of [all.bottleneck, all.recommendation]) {
      const text = part && Object.values(part).filter((value) => typeof value === "string").join(" ");
      if (text) lines.push(text);
    }
    if (!measured) lines.push("These figures are assumed where nothing was measured; capacity_calibrate measures this machine in 20 s.");
    return { sentence: all.sentence, measured, lines };
  },
  async check({ output, expect }) {
    expect(output?.lines[0], "the first line").toBe(output?.sentence);
    expect((output?.sentence ?? "").length, "the sentence").toBeGreaterThan(0);
  },
});
