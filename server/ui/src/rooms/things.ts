// Where the things of an app are shown, by their kinds in changes and undo.

import { path } from "../router";
import { documentPath } from "./document";
import { filesPath } from "./files";

/** The address of a thing: a key, a document, a collection, a file, the site. */
export function thingPath(app: string, kind: string, name: string | undefined, key: string): string {
  switch (kind) {
    case "blob":
      return filesPath(app, { file: key });
    case "site":
      return filesPath(app);
    case "doc":
      return documentPath(app, name ?? "", key);
    case "collection":
      return path`/apps/${app}/collections/${key}`;
  }
  return path`/apps/${app}?key=${key}`;
}
