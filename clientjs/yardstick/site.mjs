// The page of the task, served at an address of its own, and the proof that what
// was asked of it was done.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

export const fields = ["Name", "SKU", "Qty", "Price", "Weight", "Colour", "Shelf", "Note"];
export const values = Object.fromEntries(fields.map((f, i) => [f, `${f} ${i}`]));

// The page notes its changes and says them when it is left, so that nothing is
// asked of the network while a driver is measured.
const ledger = `<script>
const ledger = [];
new MutationObserver(() => ledger.push(items.map((i) => [i.key, ...fields.map((f) => i[f])]))).observe(rows, { childList: true });
onpagehide = () => navigator.sendBeacon("/ledger", JSON.stringify(ledger));
</script>`;

/** Serves the page; `proved()` waits for the ledger of the page that was left. */
export async function serveSite() {
  const page = await readFile(new URL("../drivertest/testdata/inventory.html", import.meta.url), "utf8");
  let told = deferred();
  const server = createServer((request, response) => {
    if (request.url === "/ledger") {
      let text = "";
      request.on("data", (chunk) => (text += chunk)).on("end", () => told.resolve(JSON.parse(text)));
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(request.url === "/" ? `<!doctype html><html lang=en>${page}${ledger}` : "<!doctype html><title>Done</title><h1>Done</h1>");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    async proved() {
      const states = await Promise.race([told.promise, late(20_000, "the page did not say what was done in it")]);
      told = deferred();
      judge(states);
    },
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** Three changes: the item with its eight values, the new quantity, and gone. */
function judge(states) {
  const wanted = fields.map((f) => values[f]);
  const edited = wanted.map((v, i) => (fields[i] === "Qty" ? "99" : v));
  const [made, changed, gone] = states;
  const first = (state, row) => state?.length === 51 && JSON.stringify(state[0].slice(1)) === JSON.stringify(row);
  const ok = states.length === 3 && first(made, wanted) && first(changed, edited) && gone.length === 50 && gone.every((row) => row[1] !== values.Name);
  if (!ok) throw new Error(`the page was not left as the task wants it: ${JSON.stringify(states.map((s) => s[0]))}`);
}

function deferred() {
  const d = {};
  d.promise = new Promise((resolve, reject) => Object.assign(d, { resolve, reject }));
  return d;
}

const late = (ms, what) => new Promise((_, reject) => setTimeout(() => reject(new Error(what)), ms).unref());
