package clientjs_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"fazt/clientjs/browsertest"
)

var chromium browsertest.Shared

func TestMain(m *testing.M) { os.Exit(chromium.Main(m, func() error { return goleak.Find() })) }
