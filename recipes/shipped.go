package recipes

import "embed"

// Shipped holds the recipes of the program, one a file, and the modules that
// they share, whose names begin with "_". README.md says what they expect of
// the admin page.
//
//go:embed *.ts
var Shipped embed.FS
