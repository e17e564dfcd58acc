package drivertest_test

import (
	"testing"

	"fazt/clientjs/browsertest"
)

// TestModulePage drives a page from its own world, as a page that imports the
// module does.
func TestModulePage(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<label>Name <input></label><button onclick="this.textContent = confirm('Sure?') ? 'Yes' : 'No'">Go</button>`)
	page.Inject(t, browsertest.Main, build(t, "api", `import { newDriver } from "./src/driver/api"; (globalThis as any).driver = newDriver();`))
	var got string
	page.Eval(t, `(async () => {
		const { page, expect, look } = driver;
		await page.getByLabel("Name").fill("Ada");
		await page.getByRole("button", { name: /go/i }).click();
		await expect(page.getByRole("button")).toHaveText("No");
		await expect(page.getByLabel("Name")).not.toHaveValue("Bob");
		console.log("said");
		return [await page.getByLabel("Name").inputValue(), await page.getByRole("button").count(), (await look({ what: "console" })).text].join();
	})()`, &got)
	if got != "Ada,1,«log: said»" {
		t.Errorf("the page's own driver answers %s", got)
	}
}
