package op

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// How much a word counts by the place where it stands. A name says what an
// operation is; a field's name says only what it takes.
const (
	weightName        = 12
	weightSummary     = 5
	weightDescription = 2
	weightField       = 2
	weightFieldDoc    = 1
	// weightPrefix scales a hit on the beginning of a word: "doc" in "document".
	weightPrefix = 0.6
	// bonusExact is for the name itself, however it is spelled.
	bonusExact = 1000
)

// Search returns the operations and recipes that fit the words of a query,
// best first. An empty query gives all by name; limit 0 means all. The order
// depends on nothing but the registry and the query.
func Search(r *Registry, query string, limit int) []*Operation {
	all := r.All()
	words := queryWords(query)
	var found []*Operation
	switch {
	case len(words) == 0 && strings.TrimSpace(query) == "":
		found = slices.Clone(all)
	default:
		found = rank(all, words)
		if len(found) == 0 {
			found = rank(all, corrected(all, words))
		}
	}
	if limit > 0 && len(found) > limit {
		found = found[:limit]
	}
	return found
}

type scored struct {
	operation *Operation
	score     float64
}

func rank(all []*Operation, words []string) []*Operation {
	indexes := make([]searchIndex, len(all))
	for i, o := range all {
		indexes[i] = indexOf(o)
	}
	rarity := make([]float64, len(words))
	for i, word := range words {
		rarity[i] = rarityOf(indexes, word)
	}
	var hits []scored
	for i, o := range all {
		if score := indexes[i].score(words, rarity); score > 0 {
			hits = append(hits, scored{o, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	found := make([]*Operation, len(hits))
	for i, hit := range hits {
		found[i] = hit.operation
	}
	return found
}

// searchIndex is what an operation says, by place.
type searchIndex struct {
	name   []string
	places []searchPlace
}

type searchPlace struct {
	weight float64
	words  []string
}

func indexOf(o *Operation) searchIndex {
	names, docs := "", ""
	for _, f := range o.Fields() {
		names += " " + f.Name
		docs += " " + f.Doc
	}
	name := searchWords(o.Name)
	return searchIndex{name: name, places: []searchPlace{
		{weightName, append(name, synonyms[o.Verb()]...)},
		{weightSummary, searchWords(o.Summary)},
		{weightDescription, searchWords(o.Description + " " + nounTitle(o.Noun()))},
		{weightField, searchWords(names)},
		{weightFieldDoc, searchWords(docs)},
	}}
}

// synonyms are the words people use for the verbs of operations.
var synonyms = map[string][]string{
	"set": {"store", "save", "put", "write"}, "put": {"store", "save", "upload", "write"},
	"get": {"read", "fetch", "show"}, "list": {"show", "all"}, "find": {"query", "search"},
	"create": {"new", "add", "make"}, "delete": {"remove", "drop", "destroy"},
	"update": {"change", "edit", "modify"}, "insert": {"add", "create", "new"},
	"do": {"act", "click", "fill"}, "look": {"see", "read", "snapshot"}, "watch": {"follow", "subscribe", "stream"},
	"deploy": {"publish", "upload"}, "revoke": {"remove", "delete"},
}

// score adds up the words. All words found count more than one found often.
func (index searchIndex) score(words []string, rarity []float64) float64 {
	if slices.Equal(index.name, words) {
		return bonusExact
	}
	total, matched := 0.0, 0
	for i, word := range words {
		best := index.best(word)
		if best > 0 {
			matched++
			total += best * rarity[i]
		}
	}
	return total * float64(matched) / float64(max(len(words), 1))
}

func (index searchIndex) best(word string) float64 {
	best := 0.0
	for _, place := range index.places {
		for _, w := range place.words {
			switch {
			case w == word:
				best = max(best, place.weight)
			case len(word) >= 3 && strings.HasPrefix(w, word):
				best = max(best, place.weight*weightPrefix)
			}
		}
	}
	return best
}

// rarityOf is higher for a word that few operations have.
func rarityOf(indexes []searchIndex, word string) float64 {
	n := 0
	for _, index := range indexes {
		if index.best(word) > 0 {
			n++
		}
	}
	return 1 + math.Log(float64(len(indexes)+1)/float64(n+1))
}

// smallWords say nothing about what is looked for.
var smallWords = []string{
	"a", "an", "the", "to", "of", "in", "on", "for", "with", "and", "or", "my", "me", "i", "how", "do", "can", "is",
	"it", "this", "that", "from", "by", "into", "what", "all", "some", "please", "want",
}

// queryWords are a query's words, without the small ones unless it has no
// others.
func queryWords(query string) []string {
	words := searchWords(query)
	telling := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(smallWords, w) })
	if len(telling) == 0 || len(words) == 2 { // tab_do, code_run: a name in full
		return words
	}
	return telling
}

// maxQueryWords bounds the work on a query that came from outside.
const maxQueryWords = 32

// searchWords splits text at whatever is no letter or digit and where camelCase
// turns, and takes the plural s off.
func searchWords(text string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 && len(words) < 40*maxQueryWords {
			words = append(words, singular(strings.ToLower(string(word))))
		}
		word = word[:0]
	}
	lower := false
	for _, c := range text {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) || lower && unicode.IsUpper(c) {
			end()
		}
		lower = unicode.IsLower(c)
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			word = append(word, c)
		}
	}
	end()
	return words
}

func singular(word string) string {
	switch {
	case len(word) > 4 && strings.HasSuffix(word, "ies"):
		return word[:len(word)-3] + "y"
	case len(word) > 3 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us"):
		return word[:len(word)-1]
	}
	return word
}

// corrected replaces words that nothing has by the nearest word of a name.
func corrected(all []*Operation, words []string) []string {
	var known []string
	for _, o := range all {
		known = append(known, indexOf(o).name...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	var list []string
	for _, word := range words {
		if nearest, ok := Nearest(word, known); ok {
			list = append(list, nearest)
		}
	}
	return list
}
