// Types of fazt's ES module and of recipes. Keep this file in your project, or
// name it in a tsconfig's "files": it declares the modules by their addresses.

declare module "fazt:types" {
  /** What a call may say beside its input. */
  export type CallOptions = {
    /** Apply the call once for this key; repeated, it answers the first result. */
    idempotencyKey?: string;
    /** Report what would happen and change nothing. */
    dryRun?: boolean;
    /** The exact name that a destructive operation asks to be repeated. */
    confirm?: string;
    /** The body of an operation that takes bytes, such as blob_put. */
    bytes?: Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array> | string;
    /** Ends the wait for the answer. */
    signal?: AbortSignal;
  };

  /** One event of a stream. A reader resumes after its id. */
  export type StreamEvent = { id: string; type: string; data: unknown };

  export type ConnectOptions = {
    /** The server's address; the default is where the module came from. */
    url?: string;
    /** A token; without one, the session of the page's own origin. */
    token?: string;
  };

  export type RecipeOptions = CallOptions & {
    /** By the API (the default), or in a live page where it can be watched. */
    mode?: "api" | "ui";
    /** The live page to act in; the default is the only one, or a new one. */
    tab?: string;
  };

  /** Recipes by name. The promise is of the recipe's output, once its run has
   * ended well; a run that ended otherwise rejects with a FaztError. */
  export type Recipes = { [name: string]: (input?: object, options?: RecipeOptions) => Promise<unknown> };

  export type ChangesOptions = {
    app: string;
    /** The cursor after which to start; "0" is the beginning, absent is from now. */
    since?: string | number;
    kinds?: string[];
    /** Only keys that begin with this. */
    prefix?: string;
    /** Send values along, where a change's value is still that version. */
    values?: boolean;
    /** Ends the loop. */
    signal?: AbortSignal;
  };

  export type Change = {
    cursor: string;
    /** Unix milliseconds. */
    at: number;
    kind: string;
    op: string;
    name?: string;
    key?: string;
    id?: string;
    version: number;
    /** The id of the token that wrote. */
    principal?: string;
    value?: unknown;
  };

  /** Everything a connection can do. */
  export type Fazt = Operations & {
    /** Any operation by its name, such as "kv_set". */
    op(name: string, input?: object, options?: CallOptions): Promise<unknown>;
    /** Any operation by its name, answered as the JSON text that the server sent. */
    text(name: string, input?: object, options?: CallOptions): Promise<string>;
    recipes: Recipes;
    /** Follows an app's changes, and goes on after a lost connection. It throws
     * a FaztError of code "compacted" when `since` is kept no longer. */
    changes(options: ChangesOptions): AsyncGenerator<Change, void, undefined>;
    /** Joins the hub: this page becomes a tab that an agent can be let into. */
    attach(options?: { pill?: boolean }): Attachment;
    /** The page that the module runs in, to look at and act in. */
    readonly page: import("fazt:page").Page;
  };

  /** What the hub publishes: a topic's data, or a cursor of a feed. After a gap
   * resync is true: read the state anew. */
  export type Published = { topic: string; data?: unknown; cursor?: string; resync?: boolean };

  export type Attachment = {
    /** The tab's id, once the hub has given it. */
    tab(): string | undefined;
    /** Follows changes (with app), runs, recipes, approvals, tabs or grants. The
     * answer ends it. */
    subscribe(topic: string, options: { app?: string; since?: string }, tell: (published: Published) => void): () => void;
    detach(): void;
  };
}
