package endpoint

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// addFixtureLists adds the suite's resources and prompts.
func addFixtureLists(e *Endpoint) {
	for _, r := range []struct {
		uri, name string
		contents  mcp.ResourceContents
	}{
		{"test://static-text", "Static text", mcp.TextResourceContents{
			URI: "test://static-text", MIMEType: "text/plain", Text: "This is the content of the static text resource.",
		}},
		{"test://static-binary", "Static image", mcp.BlobResourceContents{URI: "test://static-binary", MIMEType: "image/png", Blob: fixturePNG}},
		{"test://watched-resource", "Watched text", mcp.TextResourceContents{URI: "test://watched-resource", MIMEType: "text/plain", Text: "watched"}},
	} {
		e.mcp.AddResource(mcp.NewResource(r.uri, r.name, mcp.WithResourceDescription(r.name+" for tests")),
			func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return []mcp.ResourceContents{r.contents}, nil
			})
	}
	e.mcp.AddResourceTemplate(mcp.NewResourceTemplate("test://template/{id}/data", "Template", mcp.WithTemplateDescription("Template for tests")), readTemplate)
	e.addFixturePrompts()
}

func readTemplate(_ context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(request.Params.URI, "test://template/"), "/data")
	return []mcp.ResourceContents{mcp.TextResourceContents{
		URI: request.Params.URI, MIMEType: "application/json",
		Text: text(object{{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}}),
	}}, nil
}

func (e *Endpoint) addFixturePrompts() {
	add := func(name string, arguments []string, messages func(map[string]string) []mcp.PromptMessage) {
		options := []mcp.PromptOption{mcp.WithPromptDescription("Prompt for tests")}
		for _, argument := range arguments {
			options = append(options, mcp.WithArgument(argument, mcp.ArgumentDescription("an argument"), mcp.RequiredArgument()))
		}
		e.mcp.AddPrompt(mcp.NewPrompt(name, options...), func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{Messages: messages(request.Params.Arguments)}, nil
		})
	}
	add("test_simple_prompt", nil, func(map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{user(mcp.NewTextContent("This is a simple prompt for testing."))}
	})
	add("test_prompt_with_arguments", []string{"arg1", "arg2"}, func(args map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{user(mcp.NewTextContent("Prompt with arguments: arg1='" + args["arg1"] + "', arg2='" + args["arg2"] + "'"))}
	})
	add("test_prompt_with_embedded_resource", []string{"resourceUri"}, func(args map[string]string) []mcp.PromptMessage {
		resource := mcp.TextResourceContents{URI: args["resourceUri"], MIMEType: "text/plain", Text: "Embedded resource content for testing."}
		return []mcp.PromptMessage{user(mcp.NewEmbeddedResource(resource)), user(mcp.NewTextContent("Please process the embedded resource above."))}
	})
	add("test_prompt_with_image", nil, func(map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{user(mcp.NewImageContent(fixturePNG, "image/png")), user(mcp.NewTextContent("Please analyze the image above."))}
	})
	e.mcp.AddPrompt(mcp.NewPrompt("test_input_required_result_prompt", mcp.WithPromptDescription("Asks for its context")), e.askForContext)
}

func user(content mcp.Content) mcp.PromptMessage {
	return mcp.PromptMessage{Role: mcp.RoleUser, Content: content}
}

// askForContext is a prompt that needs an answer first.
func (e *Endpoint) askForContext(ctx context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	questions := []question{{key: "user_context", text: "What context should the prompt use?", field: "context", kind: "string"}}
	if err := canAsk(ctx, questions); err != nil {
		return nil, err
	}
	answers := request.Params.InputResponses
	if !complete(questions, answers) {
		return round{questions: questions}.builder(e, ctx, nil).PromptResult(), nil
	}
	return &mcp.GetPromptResult{Messages: []mcp.PromptMessage{user(mcp.NewTextContent("Context: " + answered(answers, "user_context", "context")))}}, nil
}
