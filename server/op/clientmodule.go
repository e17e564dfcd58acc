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
  /** The bytes of an operation that takes some, such as a File of the page. */
  bytes?: Blob | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array | string;
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
  takes?: string;
};

`

// ClientModule is the TypeScript source of the operations' table and types,
// which the ES module imports as "fazt:operations". In the table, params are
// the fields of the path; body says that the others travel as JSON, else they
// are the query; takes says that bytes travel as they are, and which field
// stands for them as text; repeat says that a second try changes nothing more.
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
	if o.TakesBody {
		flags += fmt.Sprintf(", takes: %q", o.BodyText)
	}
	return flags
}
