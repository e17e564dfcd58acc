// Who is signed in, and the typed client that acts for them.

import { connect, type Fazt } from "fazt/client";

export type Client = Fazt;

type Output<Operation> = Operation extends (...args: never[]) => Promise<infer Out> ? Out : never;
type Item<Operation> = Output<Operation> extends { items: readonly (infer One)[] } ? One : never;

export type App = Item<Client["app"]["list"]>;
export type Entry = Item<Client["kv"]["list"]>;
export type Collection = Item<Client["collection"]["list"]>;
export type Plan = Output<Client["doc"]["explain"]>;
export type Blob = Item<Client["blob"]["list"]>;
export type Deployment = Item<Client["site"]["list"]>;
export type DeletedApp = Output<Client["app"]["bin"]>["items"][number];
export type Undone = Output<Client["undo"]["preview"]>;
export type Token = Item<Client["token"]["list"]>;
export type Recipe = Item<Client["recipe"]["list"]>;
export type RecipeDetail = Output<Client["recipe"]["get"]>;
export type Run = Output<Client["run"]["get"]>;
export type Approval = Item<Client["approval"]["list"]>;
export type Tab = Item<Client["tab"]["list"]>;
export type Grant = Item<Client["grant"]["list"]>;
export type Status = Output<Client["system"]["status"]>;
export type Me = Output<Client["token"]["self"]>;

/** Connects with the session of this page; undefined when nobody is signed in. */
export async function openSession(): Promise<{ fazt: Client; me: Me } | undefined> {
  const fazt = await connect();
  try {
    return { fazt, me: await fazt.token.self({}) };
  } catch (error) {
    if ((error as { code?: string }).code === "unauthenticated") return undefined;
    throw error;
  }
}

/** Every item of a paged list. */
export async function all<T>(page: (cursor: { cursor?: string }) => Promise<{ items: readonly T[]; next_cursor?: string | null }>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor === undefined ? {} : { cursor });
    items.push(...next.items);
    cursor = next.next_cursor ?? undefined;
  } while (cursor);
  return items;
}
