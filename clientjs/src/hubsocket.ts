// The socket to the hub: JSON-RPC 2.0, one message a frame, kept up by
// reconnecting. What the messages mean is tab.ts's affair.

export type Message = {
  jsonrpc?: "2.0";
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
};

export type Welcome = { protocol: number; tab?: string; key?: string; fence: number; module: string; person: string };

export type Handlers = {
  /** Gives the parameters of hello, with a fresh ticket. */
  hello(): Promise<Record<string, unknown>>;
  welcome(welcome: Welcome): void;
  message(message: Message): void;
  /** The connection is lost or, with a reason, will not be tried again. */
  down(final?: string): void;
};

export type HubSocket = {
  /** False when there is no connection; the caller decides what that means. */
  send(message: Message): boolean;
  /** Tries again at once, as when the page is shown again. */
  hurry(): void;
  close(): void;
};

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;
const HELLO_ID = 1;

/** Close codes after which another try would end in the same way: the protocol
 * is another (1008 with unsupported_type), or the page must not join. */
const FINAL = /^(unsupported_type|forbidden|quota)/;

export function openSocket(address: string, handlers: Handlers): HubSocket {
  let socket: WebSocket | undefined;
  let ready = false;
  let closed = false;
  let tries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function connect(): Promise<void> {
    let params: Record<string, unknown>;
    try {
      params = await handlers.hello();
    } catch (error) {
      // No ticket: signed out, or the server is away. The first will not pass by itself.
      const code = (error as { code?: unknown } | null)?.code;
      return code === "unauthenticated" || code === "forbidden" ? finish(String(code)) : later();
    }
    if (closed) return;
    const ws = new WebSocket(address);
    socket = ws;
    ws.onopen = () => ws.send(JSON.stringify({ jsonrpc: "2.0", id: HELLO_ID, method: "hello", params }));
    ws.onmessage = ({ data }) => {
      if (socket === ws) receive(JSON.parse(data as string) as Message);
    };
    ws.onclose = ({ reason }) => {
      if (socket !== ws) return;
      socket = undefined;
      ready = false;
      if (closed) return;
      if (FINAL.test(reason)) return finish(reason);
      handlers.down();
      later();
    };
  }

  function receive(message: Message): void {
    if (ready) return handlers.message(message);
    if (message.id !== HELLO_ID || !message.result) return;
    ready = true;
    tries = 0;
    handlers.welcome(message.result as Welcome);
  }

  function finish(reason: string): void {
    closed = true;
    handlers.down(reason);
  }

  /** Twice as long each time, with jitter, so that a restarted server is not met
   * by all its pages at once. */
  function later(): void {
    clearTimeout(timer);
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++) * (0.5 + Math.random());
    timer = setTimeout(() => void connect(), wait);
  }

  void connect();
  return {
    send(message) {
      if (!ready || !socket) return false;
      socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
      return true;
    },
    hurry() {
      if (closed || socket || timer === undefined) return;
      tries = 0;
      clearTimeout(timer);
      void connect();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close(1000, "the page leaves");
      socket = undefined;
    },
  };
}
