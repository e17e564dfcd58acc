// A page in the public address space cannot reach loopback or a private network
// without the browser's permission (Local Network Access), and fetch then fails
// like any lost connection. This finds out, to say what is in the way.

const LOOPBACK = /^(localhost|.*\.localhost|127\..*|\[::1\])$/i;
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[f[cd]|\[fe80)/i;

/** How near a host is: what is farther needs leave to reach what is nearer. */
function nearness(host: string): number {
  return LOOPBACK.test(host) ? 2 : PRIVATE.test(host) || host.endsWith(".local") ? 1 : 0;
}

/** The permission's names, as they changed from one Chromium to the next. */
const PERMISSIONS = ["loopback-network", "local-network", "local-network-access"];

async function refused(): Promise<boolean> {
  for (const name of PERMISSIONS) {
    try {
      const status = await navigator.permissions.query({ name: name as PermissionName });
      if (status.state !== "granted") return true;
    } catch {
      // This browser does not know the name.
    }
  }
  return false;
}

/** Whether the browser, rather than the network, is what keeps `url` from this page. */
export async function blockedByBrowser(url: string): Promise<boolean> {
  if (typeof location === "undefined" || typeof navigator === "undefined" || !navigator.permissions) return false;
  if (nearness(new URL(url).hostname) <= nearness(location.hostname)) return false;
  return refused();
}

/** Whether an https page asks a plain http address, which browsers refuse too. */
export function mixedContent(url: string): boolean {
  if (typeof location === "undefined" || location.protocol !== "https:") return false;
  const target = new URL(url);
  return target.protocol === "http:" && nearness(target.hostname) < 2;
}
