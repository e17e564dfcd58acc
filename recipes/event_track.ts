import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "event_track",
  title: "Record an event on the app's page of analytics",
  effect: "write",
  scopes: ["apps:read", "events:read", "events:write"],
  at: "/apps/{app}/analytics",
  async ui({ page, input, raw }) {
    const dialog = await open(page, "Record event", "Record event");
    await fill(dialog, "Name", input.name);
    await fill(dialog, "Page", input.page);
    await fill(dialog, "Referrer", input.referrer);
    await fill(dialog, "Props (JSON)", raw.props);
    await fill(dialog, "Visitor", input.visitor);
    await fill(dialog, "User agent", input.user_agent);
    await dialog.getByRole("button", { name: "Record", exact: true }).click();
    return outcome(page, "event_track");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined || !input.name) return;
    const { items } = await fazt.event.list({ app: input.app, name: input.name, limit: 1 });
    expect(items[0]?.name, "the event").toBe(input.name);
  },
});
