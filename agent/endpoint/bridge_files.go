package endpoint

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// maxFile bounds a file that goes along in a message.
const maxFile = maxBody / 2

// headerFiles says that a text of the message is a local file's, which no model
// has written out, so the bound for models does not hold for it.
const headerFiles = "Fazt-Files"

// fileArgument is the argument that names a local file; its content takes the
// place of the argument of the same call that holds text.
const (
	fileArgument = "path"
	textArgument = "text"
)

// target is what the header Mcp-Name repeats of a message.
func (m *message) target() string {
	switch m.Method {
	case string(mcp.MethodToolsCall), string(mcp.MethodPromptsGet):
		return m.Params.Name
	case string(mcp.MethodResourcesRead):
		return m.Params.URI
	}
	return ""
}

// withFiles puts the content of a file in the place of "path": "@./file" in a
// tool's arguments, and in op_run's input. Other messages go as they came.
func (b *bridge) withFiles(line []byte, m *message) ([]byte, error) {
	if m.Method != string(mcp.MethodToolsCall) || !strings.Contains(string(line), `"@`) {
		return line, nil
	}
	top, ok := members(line)
	params, okParams := members(find(top, "params"))
	args, okArgs := members(find(params, "arguments"))
	if !ok || !okParams || !okArgs {
		return line, nil
	}
	changed, err := b.fill(args)
	if err != nil {
		return nil, err
	}
	if input, ok := members(find(args, "input")); ok && changed == nil {
		inner, err := b.fill(input)
		if err != nil {
			return nil, err
		}
		if inner != nil {
			changed = replaced(args, "input", inner)
		}
	}
	if changed == nil {
		return line, nil
	}
	m.file = true
	return mustJSON(replaced(top, "params", replaced(params, "arguments", changed))), nil
}

// fill returns the arguments with their file's content, nil when they name
// none.
func (b *bridge) fill(args []rawMember) (object, error) {
	name, ok := stringOf(find(args, fileArgument))
	if !ok || !strings.HasPrefix(name, "@") {
		return nil, nil
	}
	content, err := b.file(strings.TrimPrefix(name, "@"))
	if err != nil {
		return nil, err
	}
	var filled object
	for _, m := range args {
		switch m.name {
		case textArgument:
		case fileArgument:
			filled = append(filled, member{textArgument, content})
		default:
			filled = append(filled, member{m.name, m.value})
		}
	}
	return filled, nil
}

func replaced(list []rawMember, name string, value any) object {
	o := make(object, len(list))
	for i, m := range list {
		o[i] = member{m.name, m.value}
		if m.name == name {
			o[i].value = value
		}
	}
	return o
}

// file reads a file under the bridge's folder. The folder was opened as a
// root, so neither ".." nor a link leads out of it.
func (b *bridge) file(name string) (string, error) {
	if b.root == nil {
		return "", errors.New("this bridge reads no files; start it as fazt mcp --dir FOLDER")
	}
	f, err := b.root.Open(strings.TrimPrefix(name, "./"))
	if err != nil {
		return "", fmt.Errorf("the file %q cannot be read under %s: %w", name, b.options.Dir, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%q is no file", name)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %q: %w", name, cause(err))
	case len(content) > maxFile:
		return "", fmt.Errorf("%q has over %d bytes; leave path out to get an upload command", name, maxFile)
	case !utf8.Valid(content):
		return "", fmt.Errorf("%q is no text; leave path out to get an upload command", name)
	}
	return string(content), nil
}

// cause strips an error of the address or path that it repeats.
func cause(err error) error {
	var address *url.Error
	if errors.As(err, &address) {
		return address.Err
	}
	return err
}
