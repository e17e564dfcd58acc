// Calls of one driver, counted: how many, how long, and how many tokens.
import { getEncoding } from "js-tiktoken";

const codec = getEncoding("o200k_base");
export const tokens = (text) => codec.encode(text, [], []).length;

/** What of an answer a model reads: all of its text. */
const textOf = (result) => result.content.map((part) => part.text ?? "").join("\n");

export class Meter {
  calls = 0;
  wall = 0;
  answered = 0;
  asked = 0;

  constructor(client) {
    this.client = client;
  }

  /** Makes a counted call and returns its text; a refusal is an error. */
  async call(name, input = {}) {
    const from = performance.now();
    const text = await this.uncounted(name, input);
    this.wall += performance.now() - from;
    this.calls++;
    this.answered += tokens(text);
    this.asked += tokens(`${name} ${JSON.stringify(input)}`);
    return text;
  }

  async uncounted(name, input = {}) {
    const result = await this.client.callTool({ name, arguments: input }, undefined, { timeout: 120_000 });
    const text = textOf(result);
    if (process.env.YARDSTICK_SHOW) console.error(`> ${name} ${JSON.stringify(input)}\n${text}\n`);
    if (result.isError || /^failed at/m.test(text)) throw new Error(`${name} ${JSON.stringify(input)}: ${text}`);
    return text;
  }

  size = tokens;

  async sized(name, input) {
    return tokens(await this.uncounted(name, input));
  }

  figures() {
    return { calls: this.calls, wall: this.wall, answered: this.answered, asked: this.asked };
  }

  /** Tokens of what a client loads before it has done anything. */
  async definitions() {
    const { tools } = await this.client.listTools();
    return tokens(JSON.stringify(tools)) + tokens(this.client.getInstructions() ?? "");
  }
}
