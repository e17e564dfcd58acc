package clientjs_test

import (
	"fmt"
	"strings"
	"testing"
)

func inventory(rows int) string {
	var b strings.Builder
	b.WriteString(`<title>fazt admin</title><nav aria-label=Main><ul><li><a href=/d>Dashboard</a><li><a href=/i aria-current=page>Inventory</a><li><a href=/o>Orders</a></ul></nav><main><h1>Inventory</h1><button>New item</button>
<table aria-label=Items><thead><tr><th>Name<th>SKU<th>Qty<th>Price<th>Actions</thead><tbody>`)
	for i := rows; i > 0; i-- {
		fmt.Fprintf(&b, `<tr data-key=%d><td>Gizmo %d<td>GZ-%d<td>%d<td>%d.50<td><button>Edit</button><button>Delete</button></tr>`, i, i+48, i+48, i%17, i*3)
	}
	b.WriteString(`</tbody></table></main>`)
	return b.String()
}

func TestDev(t *testing.T) {
	p := openTab(t, inventory(51)+`<form><label>Name <input name=n required></label><label>Kind <select><option>A<option>B</select></label><input type=date aria-label=When><label><input type=checkbox> Active</label><button>Save</button></form><p>Some text <b>bold</b>.`)
	fmt.Println(p.look(params{}))
	fmt.Println(p.look(params{"budget": 3000}))
	fmt.Println(p.look(params{"find": "Gizmo 77 Edit"}))
	fmt.Println(p.look(params{"in": "t1#51"}))
	p.do(`fill field "Name" = hello`, `check chk "Active"`, `select combo "Kind" = B`, `fill date "When" = 2026-01-02`, `click t1#50/Edit`, `click row "Gizmo 77" > button "Delete"`, `expect field "Name" value hello`)
	fmt.Println(p.look(params{"since": 1}))
	fmt.Println(p.try(`click button "Nope"`))
	fmt.Println(p.try(`click button "Edit"`))
}
