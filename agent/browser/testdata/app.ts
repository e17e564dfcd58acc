import { attach } from "./tab";

async function op(name: string, input: object = {}): Promise<unknown> {
  const response = await fetch("/op/" + name, { method: "POST", body: JSON.stringify(input) });
  if (!response.ok) throw Object.assign(new Error("refused"), { code: "forbidden" });
  return response.json();
}

const attachment = attach({ url: location.origin, client: { op }, module: "m1" });
attachment.subscribe("runs", {}, ({ data }) => document.body.append(" told " + JSON.stringify(data)));
