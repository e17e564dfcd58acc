package clientjs_test

import (
	"fmt"
	"testing"
)

const app = `<title>t</title><main><h1>Items</h1><button id=new onclick="document.querySelector('dialog').showModal()">New item</button>
<table aria-label=Items><thead><tr><th>Name<th>Qty<th></thead><tbody id=b></tbody></table>
<div id=toasts role=status></div>
<dialog aria-label="New item"><form method=dialog><label>Name <input name=n required></label><label>Qty <input type=number name=q></label><label>Notes <textarea name=t></textarea></label>
<fieldset><legend>Size</legend><label><input type=radio name=s value=s> Small</label><label><input type=radio name=s value=m> Medium</label></fieldset>
<select name=m multiple aria-label=Tags><option>red<option>green<option>blue</select>
<button value=save>Save</button><button type=button onclick="this.closest('dialog').close()">Cancel</button></form></dialog>
<dialog id=conf role=alertdialog aria-label="Delete item?"><button id=yes>Delete</button><button onclick="conf.close()">Keep</button></dialog></main>
<script>
let items=[{id:'a1',name:'Bolt',qty:3},{id:'a2',name:'Nut',qty:5}];
function draw(){ b.innerHTML=items.map(i=>'<tr data-key='+i.id+'><td>'+i.name+'<td>'+i.qty+'<td><button onclick="edit(\''+i.id+'\')">Edit</button><button onclick="del(\''+i.id+'\')">Delete</button></tr>').join('') }
function del(id){ conf.showModal(); yes.onclick=()=>{ items=items.filter(i=>i.id!==id); conf.close(); draw(); toasts.textContent='Deleted' } }
function edit(id){}
document.querySelector('dialog').addEventListener('close', e=>{ const d=e.target; if(d.returnValue==='save'){ const f=d.querySelector('form'); items.unshift({id:'a'+(items.length+1),name:f.n.value,qty:f.q.value}); setTimeout(()=>{draw(); toasts.textContent='Created'},100) } });
draw();
</script>`

func TestDev2(t *testing.T) {
	p := openTab(t, app)
	fmt.Println(p.look(params{}))
	p.do(`click btn "New item"`)
	fmt.Println(p.look(params{}))
	p.do(`fill field "Name" = Gizmo`, `fill num "Qty" = 12`, `fill field "Notes" = line`, `check radio "Medium"`, `select listbox "Tags" = red | blue`, `click btn "Save" in dialog "New item"`, `expect row "Gizmo" visible`, `expect status text Created`)
	fmt.Println(p.look(params{"since": 1}))
	p.do(`click row "Nut" > btn "Delete"`)
	fmt.Println(p.try(`click t1#a1/Delete`))
	fmt.Println(p.look(params{"since": 3}))
	p.do(`press Escape`, `click row "Nut" > btn "Delete"`, `click btn "Delete" in alertdialog`, `expect row "Nut" not visible`)
	fmt.Println(p.look(params{"since": 3}))
}
