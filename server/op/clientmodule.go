package op

import (
	"fmt"
	"strings"
)

// clientTypes are what the declarations refer to, for a module that stands
// alone.
const clientTypes = `// Generated from the registry of operations.

/** What a call may say beside its input. */
export type CallOptions = {
  idempotencyKey?: string;
  dryRun?: boolean;
  confirm?: string;
  signal?: AbortSignal;
};

/** One event of a stream. A reader resumes after its id. */
export type StreamEvent = { id: string; type: string; data: unknown };

/** How an operation travels over HTTP. */
export type OperationSpec = {
  method: string;
  path: string;
  body?: true;
  repeat?: true;
  stream?: true;
  bytes?: true;
};

`

// ClientModule is the TypeScript source of the operations' table and types,
// which the ES module imports as "fazt:operations". In the table, params are
// the fields of the path; body says that the others travel as JSON, else they
// are the query; repeat says that a second try changes nothing more.
func ClientModule(r *Registry) string {
	var b strings.Builder
	b.WriteString(clientTypes)
	b.WriteString(Declarations(r))
	b.WriteString("\nexport const operations: Record<string, OperationSpec> = {\n")
	for _, o := range published(r) {
		fmt.Fprintf(&b, "  %s: { method: %q, path: %q%s },\n", o.Name, o.Method, o.Path, specFlags(o))
	}
	b.WriteString("};\n")
	return b.String()
}

func specFlags(o *Operation) string {
	flags := ""
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"body", o.HasBody()}, {"repeat", o.Idempotent || o.Effect == Read}, {"stream", o.Streams}, {"bytes", o.Bytes},
	} {
		if f.set {
			flags += ", " + f.name + ": true"
		}
	}
	return flags
}
