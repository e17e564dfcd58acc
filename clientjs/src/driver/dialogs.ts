// alert, confirm, prompt. In the page's main world they are answered here, for the
// time of one action; in an isolated world the transport answers them, since the
// page's own functions cannot be reached from there.

export type DialogPolicy = string | undefined;

/** Answers the page's dialogs by the policy while `act` runs: "accept" agrees,
 * "accept:TEXT" answers a prompt, all else dismisses. Returns what was asked. */
export async function withDialogs<T>(policy: DialogPolicy, act: () => Promise<T>): Promise<{ value: T; notes: string[] }> {
  const notes: string[] = [];
  const { alert, confirm, prompt } = window;
  const accept = policy === "accept" || policy?.startsWith("accept:") === true;
  const note = (kind: string, text: unknown) => void notes.push(`${kind} ${JSON.stringify(String(text ?? "").slice(0, 200))} ${accept ? "accepted" : "dismissed"}`);
  window.alert = (text?: unknown) => note("alert", text);
  window.confirm = (text?: string) => (note("confirm", text), accept);
  window.prompt = (text?: string, preset?: string) => {
    note("prompt", text);
    return accept ? (policy!.startsWith("accept:") ? policy!.slice(7) : (preset ?? "")) : null;
  };
  try {
    return { value: await act(), notes };
  } finally {
    Object.assign(window, { alert, confirm, prompt });
  }
}
