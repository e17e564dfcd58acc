package draft

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Member is one member of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// MembersOf lists an object's members in their order.
func MembersOf(raw json.RawMessage) []Member {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var list []Member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return list
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return list
		}
		list = append(list, Member{fmt.Sprint(name), value})
	}
	return list
}
