package endpoint

import "github.com/mark3labs/mcp-go/server"

func fixtureOptions() []server.ServerOption { return nil }
func addFixtures(*Endpoint)                 {}
