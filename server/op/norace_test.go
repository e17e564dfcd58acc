//go:build !race

package op_test

// raceEnabled: the race detector makes sync.Pool drop items at random, so
// allocations are not counted under it.
const raceEnabled = false
