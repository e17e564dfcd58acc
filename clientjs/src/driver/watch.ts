// What the page did lately: when its document last changed, and which requests
// are open. Frames of other documents are watched once they are acted in.

import type { Host } from "./wire";

let lastChange = 0;
let changes = 0;
const watched = new WeakSet<Node>();
const flushes: (() => void)[] = [];

/** Watches a document or shadow root from now on. */
export function watch(root: Node, onRecords?: (records: MutationRecord[]) => void): void {
  if (watched.has(root)) return;
  watched.add(root);
  const take = (records: MutationRecord[]) => {
    if (records.length === 0) return;
    lastChange = performance.now();
    changes++;
    onRecords?.(records);
  };
  const observer = new MutationObserver(take);
  flushes.push(() => take(observer.takeRecords()));
  observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
}

/** Takes the changes of the running task, which observers hear of only after it. */
export function flush(): void {
  for (const one of flushes) one();
}

/** Milliseconds since the last change that was seen. */
export function quietFor(): number {
  return performance.now() - lastChange;
}

/** A number that rises with every batch of changes. */
export function changeCount(): number {
  return changes;
}

let open = 0;
let patched = false;

/** Counts requests where the page's own functions are ours to wrap: in its main
 * world, where it imported the module. In an isolated world the page calls
 * functions that this script cannot see, and the host counts. */
export function countRequests(): void {
  if (patched) return;
  patched = true;
  const fetchOf = globalThis.fetch;
  globalThis.fetch = function (this: unknown, ...args: Parameters<typeof fetch>) {
    open++;
    const answer = Reflect.apply(fetchOf, this === undefined ? globalThis : this, args) as Promise<Response>;
    const done = () => void open--;
    answer.then(done, done);
    return answer;
  };
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (body) {
    open++;
    this.addEventListener("loadend", () => void open--, { once: true });
    send.call(this, body);
  };
}

/** Requests that are open now, as far as anyone can tell. */
export async function openRequests(host: Host): Promise<number> {
  return host.pending ? open + Number(await host.pending()) : open;
}
