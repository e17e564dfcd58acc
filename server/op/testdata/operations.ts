// Generated from the registry of operations.

/** What a call may say beside its input. */
export type CallOptions = {
  idempotencyKey?: string;
  dryRun?: boolean;
  confirm?: string;
  signal?: AbortSignal;
  /** The bytes of an operation that takes some, such as a File of the page. */
  bytes?: Blob | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array | string;
};

/** One event of a stream. A reader resumes after its id. */
export type StreamEvent = { id: string; type: string; data: unknown };

/** How an operation travels over HTTP. */
export type OperationSpec = {
  method: string;
  path: string;
  body?: true;
  repeat?: true;
  stream?: true;
  bytes?: true;
  takes?: string;
};

/** What app_delete takes. */
export interface AppDeleteInput {
  /** the app */
  app: string;
}

/** What app_delete answers. */
export interface AppDeleteOutput {}

/** What approval_decide takes. */
export interface ApprovalDecideInput {
  /** the approval */
  id: string;
  /** yes or no */
  approve: boolean;
}

/** What approval_decide answers. */
export interface ApprovalDecideOutput {}

/** What change_list takes. */
export interface ChangeListInput {
  /** the app */
  app: string;
  /** the cursor after which to start; 0 is the beginning */
  since?: string;
  /** only these kinds */
  kinds?: ("kv" | "doc" | "blob")[];
}

/** What change_list answers. */
export interface ChangeListOutput {
  /** the page */
  items: {
    /** the key */
    key: string;
    /** the value */
    value?: unknown;
    /** its version */
    version: number;
    /** Unix milliseconds, or null */
    expires_at: number | null;
  }[];
  /** where to go on, or null at the end */
  next_cursor: string | null;
}

/** What change_watch takes. */
export interface ChangeWatchInput {
  /** the app */
  app: string;
  /** the cursor after which to start; 0 is the beginning */
  since?: string;
  /** only these kinds */
  kinds?: ("kv" | "doc" | "blob")[];
}

/** What doc_find_and_update takes. */
export interface DocFindAndUpdateInput {
  /** the app */
  app: string;
  /** the collection */
  collection: string;
  /** which documents */
  filter?: { [name: string]: unknown };
  /** only these fields */
  fields?: string[];
  /** the order */
  sort?: {
    /** dotted path */
    path: string;
    /** descending */
    desc?: boolean;
  }[];
  /** what to change */
  update: unknown;
  /** which state to answer. Default "after" */
  return?: "before" | "after";
}

/** What doc_find_and_update answers. */
export interface DocFindAndUpdateOutput {
  /** the document */
  doc: unknown;
  /** its version */
  version: number;
}

/** What kv_delete takes. */
export interface KvDeleteInput {
  /** the app */
  app: string;
  /** the key */
  key: string;
}

/** What kv_delete answers. */
export interface KvDeleteOutput {}

/** What kv_list takes. */
export interface KvListInput {
  /** the app */
  app: string;
  /** only keys that begin with this */
  prefix?: string;
  /** how many at most. Default 100 */
  limit?: number;
  /** where the last page ended */
  cursor?: string;
  /** last first */
  reverse?: boolean;
  /** leave the values out */
  keys_only?: boolean;
}

/** What kv_list answers. */
export interface KvListOutput {
  /** the page */
  items: {
    /** the key */
    key: string;
    /** the value */
    value?: unknown;
    /** its version */
    version: number;
    /** Unix milliseconds, or null */
    expires_at: number | null;
  }[];
  /** where to go on, or null at the end */
  next_cursor: string | null;
}

/** What kv_set takes. */
export interface KvSetInput {
  /** the app */
  app: string;
  /** the key */
  key: string;
  /** any JSON */
  value: unknown;
  /** time to live */
  ttl_ms?: number;
  /** only when at this version */
  if_version?: number;
  /** fail when it exists */
  create_only?: boolean;
}

/** What kv_set answers. */
export interface KvSetOutput {
  /** the key */
  key: string;
  /** its version */
  version: number;
  /** whether it is new */
  created: boolean;
}

/** What system_backup takes. */
export interface SystemBackupInput {}

/** What undo takes. */
export interface UndoInput {
  /** the app */
  app: string;
  /** what this run did */
  run_id?: string;
  /** what this token did */
  by?: string;
  /** from then on, Unix milliseconds */
  since?: number;
}

/** What undo answers. */
export interface UndoOutput {}

/** Every operation, as fazt.noun.verb(input, options). */
export interface Operations {
  /** Apps: the spaces that everything else lives in. */
  app: {
    /**
     * Delete an app with all that is in it.
     * destructive · needs apps:write · DELETE /api/apps/{app}
     */
    delete(input: AppDeleteInput, options?: CallOptions): Promise<AppDeleteOutput>;
  };
  /** Approvals. */
  approval: {
    /**
     * Approve or refuse.
     * write · needs approvals:write · POST /api/approvals/{id}
     */
    decide(input: ApprovalDecideInput, options?: CallOptions): Promise<ApprovalDecideOutput>;
  };
  /** What changed, as it changes. */
  change: {
    /**
     * List changes.
     * read · needs changes:read · GET /api/apps/{app}/changes
     */
    list(input: ChangeListInput, options?: CallOptions): Promise<ChangeListOutput>;
    /**
     * Follow changes as they happen.
     * read · needs changes:read · GET /api/apps/{app}/changes
     */
    watch(input: ChangeWatchInput, options?: CallOptions): AsyncIterable<StreamEvent>;
  };
  /** Documents. */
  doc: {
    /**
     * Update the first document that matches, and answer it.
     * write · needs docs:write · POST /api/apps/{app}/collections/{collection}/docs:find_and_update
     * @example Take the next job
     * await fazt.doc.findAndUpdate({"app":"shop","collection":"jobs","filter":{"state":"new"},"update":{"$set":{"state":"taken"}},"sort":[{"path":"at"}]})
     */
    findAndUpdate(input: DocFindAndUpdateInput, options?: CallOptions): Promise<DocFindAndUpdateOutput>;
  };
  /** Keys and values. */
  kv: {
    /**
     * Delete a key.
     * destructive · needs kv:write · DELETE /api/apps/{app}/kv/{key...}
     * @example A key that is a step in a path
     * await fazt.kv.delete({"app":"shop","key":".."})
     */
    delete(input: KvDeleteInput, options?: CallOptions): Promise<KvDeleteOutput>;
    /**
     * List keys with their values.
     * read · needs kv:read · GET /api/apps/{app}/kv
     * @example Two users
     * await fazt.kv.list({"app":"shop","prefix":"user/","limit":2})
     */
    list(input: KvListInput, options?: CallOptions): Promise<KvListOutput>;
    /**
     * Store a value.
     * Replaces what the key held, its time to live included. A value is any JSON, null too.
     * write · needs kv:write · PUT /api/apps/{app}/kv/{key...}
     * @example Keep a greeting
     * await fazt.kv.set({"app":"shop","key":"greeting/en","value":"it's \"hi\""})
     */
    set(input: KvSetInput, options?: CallOptions): Promise<KvSetOutput>;
  };
  /** The system. */
  system: {
    /**
     * Write a consistent copy of the database.
     * read · needs system:read · GET /api/system/backup
     */
    backup(input?: SystemBackupInput, options?: CallOptions): Promise<Response>;
  };
  /** Undo. */
  /**
   * Take back what a run or a caller did.
   * write · needs apps:write · POST /api/apps/{app}/undo
   */
  undo(input: UndoInput, options?: CallOptions): Promise<UndoOutput>;
}

export const operations: Record<string, OperationSpec> = {
  app_delete: { method: "DELETE", path: "/api/apps/{app}", repeat: true },
  approval_decide: { method: "POST", path: "/api/approvals/{id}", body: true },
  change_list: { method: "GET", path: "/api/apps/{app}/changes", repeat: true },
  change_watch: { method: "GET", path: "/api/apps/{app}/changes", repeat: true, stream: true },
  doc_find_and_update: { method: "POST", path: "/api/apps/{app}/collections/{collection}/docs:find_and_update", body: true },
  kv_delete: { method: "DELETE", path: "/api/apps/{app}/kv/{key...}", repeat: true },
  kv_list: { method: "GET", path: "/api/apps/{app}/kv", repeat: true },
  kv_set: { method: "PUT", path: "/api/apps/{app}/kv/{key...}", body: true, repeat: true },
  system_backup: { method: "GET", path: "/api/system/backup", repeat: true, bytes: true },
  undo: { method: "POST", path: "/api/apps/{app}/undo", body: true },
};
