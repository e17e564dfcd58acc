package oracle

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// How much one run tries; ORACLE_RUNS multiplies it.
const (
	documentSets  = 250
	filtersPerSet = 24
	updateTries   = 2500
)

// newGenerator prints its seed.
func newGenerator(t *testing.T) generator {
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("ORACLE_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("ORACLE_SEED=%d", seed)
	return generator{rand.New(rand.NewPCG(seed, 0))}
}

func times(t *testing.T, n int) int {
	if given := os.Getenv("ORACLE_RUNS"); given != "" {
		by, err := strconv.Atoi(given)
		if err != nil {
			t.Fatal(err)
		}
		return n * by
	}
	return n
}

// bench is both sides, with what they disagreed about.
type bench struct {
	t        *testing.T
	ours     side
	theirs   side
	differed int
	unknown  map[string]int
	rows     map[string]int // how often each row of the table decided
}

func newBench(t *testing.T, inMemory bool) *bench {
	return &bench{t: t, ours: openFazt(t), theirs: openFerret(t, inMemory), unknown: map[string]int{}, rows: map[string]int{}}
}

// settle looks a case up, as it is and as small as it gets.
func (b *bench) settle(c dispute, smallest func(dispute) dispute) {
	b.differed++
	row := decide(c)
	if row == "" {
		c = smallest(c)
		row = decide(c)
	}
	if row != "" {
		b.rows[row]++
		return
	}
	if b.unknown[c.String()]++; b.unknown[c.String()] == 1 {
		b.t.Logf("not decided: %s", c)
	}
}

func (b *bench) report(tried int, what string) {
	b.t.Logf("%d %s, %d disagreements", tried, what, b.differed)
	for row, n := range b.rows {
		b.t.Logf("%6d %s", n, row)
	}
	var lines []string
	for c, n := range b.unknown {
		lines = append(lines, fmt.Sprintf("%6d %s", n, c))
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	if len(lines) > 0 {
		b.t.Errorf("%d cases are not decided:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

func TestFilters(t *testing.T) {
	b, g := newBench(t, true), newGenerator(t)
	sets := times(t, documentSets)
	for range sets {
		docs := g.docs(10)
		b.ours.fill(t, docs)
		b.theirs.fill(t, docs)
		var open []func()
		for range filtersPerSet {
			filter := g.filter(2)
			mine, e := b.ours.find(t, filter)
			others, f := b.theirs.find(t, filter)
			for _, d := range docs {
				m, o := answer(mine, e, idOf(d)), answer(others, f, idOf(d))
				if c := (dispute{"filter", filter, d[1:], m, o}); m != o {
					open = append(open, func() { b.settle(c, b.smallest) })
					break
				}
			}
		}
		b.ours.fill(t, nil)
		b.theirs.fill(t, nil)
		for _, settle := range open {
			settle()
		}
	}
	b.report(sets*filtersPerSet, "filters")
}

// refused stands for an error.
const refused = "refused"

// answer is what a side says of one document.
func answer(ids []string, err error, id string) string {
	switch {
	case err != nil:
		return refused
	case slices.Contains(ids, id):
		return "matches"
	}
	return "does not"
}

// smallest keeps that one side refuses, or that both answer differently: the
// opposite of a case, as within $nor, is the same disagreement.
func (b *bench) smallest(c dispute) dispute {
	f, d := shrink(c.said, c.doc, func(f, d bson.D) bool {
		m, o := b.matched(f, d)
		return m != o && (m == refused) == (c.mine == refused) && (o == refused) == (c.others == refused)
	})
	mine, others := b.matched(f, d)
	return dispute{"filter", f, d, mine, others}
}

// matched is what each side says of one document.
func (b *bench) matched(filter, doc bson.D) (mine, others string) {
	one := slices.Insert(slices.Clone(doc), 0, bson.E{Key: "_id", Value: "d"})
	ask := func(s side) string {
		s.put(b.t, one)
		ids, err := s.find(b.t, filter)
		return answer(ids, err, "d")
	}
	return ask(b.ours), ask(b.theirs)
}

func TestUpdates(t *testing.T) {
	b, g := newBench(t, false), newGenerator(t)
	tries := times(t, updateTries)
	for range tries {
		doc, update := g.object(2), g.update()
		if mine, others := b.updated(doc, update); mine != others {
			b.settle(dispute{"update", update, doc, mine, others}, b.smallestUpdate)
		}
	}
	b.report(tries, "updates")
}

// updated is what each side makes of a document.
func (b *bench) updated(doc, update bson.D) (mine, others string) {
	one := slices.Insert(slices.Clone(doc), 0, bson.E{Key: "_id", Value: "d"})
	made := func(s side) string {
		s.put(b.t, one)
		after, err := s.update(b.t, "d", update)
		if err != nil {
			return refused
		}
		return string(text(ordered(after)))
	}
	return made(b.ours), made(b.theirs)
}

// ordered sorts the names at the top, whose order MongoDB does not promise of
// those that an update adds, and gives whole numbers one type.
func ordered(d bson.D) bson.D {
	d = slices.Clone(d)
	slices.SortFunc(d, func(a, b bson.E) int { return strings.Compare(a.Key, b.Key) })
	for i := range d {
		d[i].Value = whole(d[i].Value)
	}
	return d
}

func whole(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int32(v)) {
			return int32(v)
		}
	case int64:
		return int32(v)
	case bson.D:
		return ordered(v)
	case bson.A:
		a := slices.Clone(v)
		for i := range a {
			a[i] = whole(a[i])
		}
		return a
	}
	return v
}

// smallestUpdate keeps how the answers differ: who refuses, or that both
// change the document differently.
func (b *bench) smallestUpdate(c dispute) dispute {
	u, d := shrink(c.said, c.doc, func(u, d bson.D) bool {
		if !complete(u) {
			return false
		}
		m, o := b.updated(d, u)
		return m != o && (m == refused) == (c.mine == refused) && (o == refused) == (c.others == refused)
	})
	mine, others := b.updated(d, u)
	return dispute{"update", u, d, mine, others}
}

// complete says whether every operator has a path: fazt refuses one without on
// purpose.
func complete(update bson.D) bool {
	return !slices.ContainsFunc(update, func(e bson.E) bool {
		paths, ok := e.Value.(bson.D)
		return !ok || len(paths) == 0
	})
}
