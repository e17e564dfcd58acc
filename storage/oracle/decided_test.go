package oracle

import "go.mongodb.org/mongo-driver/v2/bson"
import "fmt"

type dispute struct {
	kind         string
	said, doc    bson.D
	mine, others string
}

func (d dispute) String() string {
	return fmt.Sprintf("%s %s on %s: fazt %s, FerretDB %s", d.kind, text(d.said), text(d.doc), d.mine, d.others)
}

func decide(d dispute) string { return "" }
