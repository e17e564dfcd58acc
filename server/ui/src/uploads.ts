// The files that this page is sending. They go on while other rooms are shown;
// after a reload the page knows what had arrived, and goes on with a file once
// it is chosen again.

import { problemOf } from "./errors";
import type { Client } from "./session";
import { done } from "./status";
import { transfer } from "./transfer";

export type Upload = {
  id: string;
  app: string;
  key: string;
  size: number;
  modified: number;
  received: number;
  state: "waiting" | "sending" | "broken" | "stored" | "failed" | "cancelled" | "stopped";
  detail: string;
  /** The path of its upload address, once it has one. */
  address?: string | undefined;
};

type Job = { upload: Upload; file?: File; control?: AbortController };

/** How many files are sent at a time. */
const atOnce = 2;
const memory = "fazt.uploads";

export type Uploads = {
  /** Sends files; one that stopped at a reload goes on where it was. */
  add(app: string, files: readonly { key: string; file: File }[]): void;
  cancel(id: string): void;
  again(id: string): void;
  /** Takes what has ended off the list. */
  clear(app: string): void;
  list(app: string): Upload[];
  /** Calls back after each change, until the signal. */
  watch(changed: () => void, signal: AbortSignal): void;
};

export function newUploads(fazt: Client): Uploads {
  const jobs: Job[] = remembered().map((upload) => ({ upload }));
  const watchers = new Set<() => void>();
  let count = jobs.length;

  function changed(): void {
    remember(jobs.map((job) => job.upload));
    for (const watcher of watchers) watcher();
  }
  function set(job: Job, state: Upload["state"], detail = ""): void {
    Object.assign(job.upload, { state, detail });
    changed();
  }
  function next(): void {
    const sending = jobs.filter((job) => job.control).length;
    for (const job of jobs.filter((one) => one.upload.state === "waiting").slice(0, atOnce - sending)) void send(job);
  }
  async function send(job: Job): Promise<void> {
    const { upload, file } = job;
    if (!file) return;
    const control = new AbortController();
    job.control = control;
    set(job, "sending");
    try {
      const output = await transfer(fazt, {
        ...upload,
        file,
        signal: control.signal,
        opened: (address) => void (upload.address = address),
        progress: (received, broken) => {
          upload.received = received;
          set(job, broken ? "broken" : "sending", broken ? "The line is broken; it goes on by itself." : "");
        },
      });
      upload.received = upload.size;
      done("blob_put", output, `Stored ${upload.key}`);
      set(job, "stored");
    } catch (error) {
      set(job, control.signal.aborted ? "cancelled" : "failed", control.signal.aborted ? "" : problemOf(error).detail);
    } finally {
      delete job.control;
      next();
    }
  }
  function find(id: string): Job | undefined {
    return jobs.find((job) => job.upload.id === id);
  }
  addEventListener("beforeunload", (event) => {
    if (jobs.some((job) => job.control)) event.preventDefault();
  });

  return {
    add(app, files) {
      for (const { key, file } of files) {
        const same = jobs.find(({ upload: u }) => u.state === "stopped" && u.app === app && u.size === file.size && u.modified === file.lastModified && u.key.endsWith(file.name));
        const upload: Upload = same?.upload ?? { id: `u${++count}-${file.lastModified}`, app, key, size: file.size, modified: file.lastModified, received: 0, state: "waiting", detail: "" };
        if (same) same.file = file;
        else jobs.push({ upload, file });
        upload.state = "waiting";
      }
      changed();
      next();
    },
    cancel(id) {
      const job = find(id);
      if (!job) return;
      if (job.control) job.control.abort();
      else set(job, "cancelled");
    },
    again(id) {
      const job = find(id);
      if (job?.file) set(job, "waiting");
      next();
    },
    clear(app) {
      const over = (job: Job): boolean => job.upload.app === app && ["stored", "failed", "cancelled"].includes(job.upload.state);
      jobs.splice(0, jobs.length, ...jobs.filter((job) => !over(job)));
      changed();
    },
    list: (app) => jobs.map((job) => job.upload).filter((upload) => upload.app === app),
    watch(watcher, signal) {
      watchers.add(watcher);
      signal.addEventListener("abort", () => watchers.delete(watcher));
    },
  };
}

/** What was under way when this tab was last left. An address is a secret, so
 * it is kept for this tab only. */
function remembered(): Upload[] {
  const list = JSON.parse(sessionStorage.getItem(memory) ?? "[]") as Upload[];
  return list.map((upload) => ({ ...upload, state: "stopped", detail: "Choose the file again to go on." }));
}

function remember(list: Upload[]): void {
  const open = list.filter((upload) => upload.address !== undefined && ["waiting", "sending", "broken", "stopped"].includes(upload.state));
  sessionStorage.setItem(memory, JSON.stringify(open));
}
