// The injected driver: run by CDP in an isolated world of every frame and every
// new document. It leaves one frozen entry, `__fazt`, and a second injection into
// the same document leaves the first one's engine, and with it its refs, alone.

import { newEngine } from "./engine";
import { failureOf } from "./errors";
import type { Host } from "./wire";

type Scope = {
  __fazt?: unknown;
  /** What the transport puts there before the script runs. */
  __fazt_host?: Host;
  /** A CDP binding (Runtime.addBinding): takes one string. */
  __fazt_notify?: (message: string) => void;
};

const scope = globalThis as unknown as Scope;

/** Notifications go by the binding unless the host object takes them itself. */
function hostOf(): Host {
  const notify = (method: string, params: Record<string, unknown>) => scope.__fazt_notify?.(JSON.stringify({ jsonrpc: "2.0", method, params }));
  return { notify, ...scope.__fazt_host };
}

type Request = { id?: unknown; method: string; params?: unknown };

function install(): void {
  const engine = newEngine(hostOf(), false);
  const dispatch = async (text: string): Promise<string> => {
    const { id = null, method, params } = JSON.parse(text) as Request;
    try {
      const result = (await engine.dispatch(method, params)) ?? {};
      return JSON.stringify({ jsonrpc: "2.0", id, result });
    } catch (error) {
      const { message, ...data } = failureOf(error);
      return JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message, data } });
    }
  };
  const entry = Object.freeze({ dispatch, epoch: engine.epoch });
  Object.defineProperty(scope, "__fazt", { value: entry, writable: false, configurable: false, enumerable: false });
}

if (scope.__fazt === undefined) install();
