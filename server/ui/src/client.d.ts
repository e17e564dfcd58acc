// The ES module as the page imports it: it stays outside of the page's bundle.

declare module "fazt/client" {
  export * from "fazt:module";
}
