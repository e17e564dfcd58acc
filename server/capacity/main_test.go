package capacity

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(overloadEnv) != "" {
		fmt.Fprintln(os.Stderr, serveOverload())
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}
