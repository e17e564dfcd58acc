// Server-sent events over fetch, as the HTML standard parses them (9.2.6), but
// with headers, which EventSource has not.

export type SentEvent = { id: string; type: string; data: string };

/** The events of a body, until it ends. An id without data is an event too: it
 * says where a reader stands that has seen nothing yet. */
export async function* sentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent> {
  let id = "";
  let type = "";
  let data: string[] = [];
  let named = false;
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0 || named) yield { id, type: data.length > 0 ? type || "message" : "", data: data.join("\n") };
      type = "";
      data = [];
      named = false;
      continue;
    }
    const [field, value] = split(line);
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) {
      id = value;
      named = true;
    }
  }
}

/** A comment has an empty field name, and so is no field. */
function split(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}

/** Lines end with CR, LF or both; a chunk may end between the two. */
async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be half of a CRLF: it waits for what follows.
      const held = rest.endsWith("\r") ? "\r" : "";
      const parts = rest.slice(0, rest.length - held.length).split(/\r\n|\r|\n/);
      rest = (parts.pop() ?? "") + held;
      yield* parts;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
