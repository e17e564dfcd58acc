// The bundler gives a style sheet imported with ?text as its text.
declare module "*.css?text" {
  const css: string;
  export default css;
}
