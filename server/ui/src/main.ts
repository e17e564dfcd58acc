// The admin page: sign in, then a room by its address.

import { agents } from "./rooms/agents";
import { analytics, totals } from "./rooms/analytics";
import { approvals } from "./rooms/approvals";
import { apps } from "./rooms/apps";
import { capacity } from "./rooms/capacity";
import { collections } from "./rooms/collections";
import { documents } from "./rooms/documents";
import { bin } from "./rooms/bin";
import { changes } from "./rooms/changes";
import { files } from "./rooms/files";
import { keys } from "./rooms/keys";
import { recipe } from "./rooms/recipe";
import { recipeEditor } from "./rooms/recipe-editor";
import { recipes } from "./rooms/recipes";
import { run } from "./rooms/run";
import { runs } from "./rooms/runs";
import { secrets } from "./rooms/secrets";
import { system } from "./rooms/system";
import { token, tokens } from "./rooms/tokens";
import { problemOf } from "./errors";
import { watchApprovals } from "./approvals";
import { join } from "./live";
import { newRouter } from "./router";
import { newShell, showError } from "./shell";
import { newUploads } from "./uploads";
import { undo } from "./rooms/undo";
import { openSession } from "./session";
import { watchStop } from "./stop";

async function start(): Promise<void> {
  const session = await openSession();
  if (!session) return location.replace("/sign-in");
  const { fazt, me } = session;
  const shell = newShell(me.name, (scope) => me.scopes.includes(scope));
  join(fazt); // after the frame, which empties the body: the pill stands beside it
  const router = newRouter((title, params) => shell.open(title, params), fazt, showError);
  router.add("/", "Apps", apps);
  router.add("/apps", "Apps", apps);
  router.add("/apps/{app}", "{app}", keys);
  router.add("/apps/{app}/collections", "Collections of {app}", collections);
  router.add("/apps/{app}/collections/{collection}", "{collection}", documents);
  router.add("/apps/{app}/analytics", "{app}", analytics);
  router.add("/analytics", "Analytics", totals);
  router.add("/apps/{app}/files", "Files of {app}", files(newUploads(fazt)));
  router.add("/apps/{app}/changes", "Changes of {app}", changes);
  router.add("/apps/{app}/undo", "Undo in {app}", undo);
  router.add("/bin", "Deleted apps", bin);
  router.add("/recipes", "Recipes", recipes);
  router.add("/recipes/_new", "New recipe", recipeEditor);
  router.add("/recipes/{name}", "{name}", recipe);
  router.add("/recipes/{name}/edit", "Edit {name}", recipeEditor);
  router.add("/runs", "Runs", runs);
  router.add("/runs/{run}", "Run {run}", run);
  router.add("/agents", "Agents", agents);
  router.add("/approvals", "Approvals", approvals);
  router.add("/tokens", "Tokens", tokens);
  router.add("/tokens/{token}", "{token}", token);
  router.add("/secrets", "Secrets", secrets);
  router.add("/capacity", "Capacity", capacity);
  router.add("/system", "System", system);
  router.start();
  if (me.kind !== "person" || me.driven) return;
  watchApprovals(fazt, shell);
  if (me.scopes.includes("system:write")) watchStop(fazt, shell.stop, shell.banner);
}

start().catch((error: unknown) => {
  document.body.textContent = problemOf(error).detail;
});
