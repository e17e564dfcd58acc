// What is shown to somebody who is not signed in.

import { fill, h } from "../dom";

/** The page without a session: how to get one. */
export function signIn(): void {
  document.title = "Sign in · fazt";
  const failed = new URLSearchParams(location.search).get("failed") !== null;
  fill(
    document.body,
    h(
      "main",
      { class: "sign-in" },
      h("p", { class: "brand" }, "fazt"),
      h("h1", null, "Sign in"),
      h("p", null, "On the machine that runs the server, this opens the page signed in:"),
      h("pre", null, "fazt open"),
      h("p", { class: "about" }, "Or use a token of a person:"),
      h(
        "form",
        { method: "post", action: "/sign-in" },
        failed ? h("p", { role: "alert", class: "alert" }, "This is no token of a person, or it is revoked or expired.") : null,
        h("div", { class: "field" }, h("label", { for: "token" }, "Token"), h("input", { id: "token", name: "token", type: "password", required: true, autocomplete: "current-password" })),
        h("button", { type: "submit", class: "primary" }, "Sign in"),
      ),
    ),
  );
}
