package run

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"fazt/server/op"
	"fazt/storage"
)

// EnabledVersion returns the saved version that everyone runs, nil when none is.
func (c *Catalogue) EnabledVersion(ctx context.Context, name string) (*storage.RecipeVersion, error) {
	versions, err := c.options.DB.RecipeVersions(ctx, name)
	if err != nil {
		return nil, c.options.ErrorOf(err)
	}
	if i := slices.IndexFunc(versions, func(v storage.RecipeVersion) bool { return v.Enabled }); i >= 0 {
		return &versions[i], nil
	}
	return nil, nil
}

// Diff is what differs between the sources of two versions, unified.
func Diff(from, to storage.RecipeVersion) string {
	label := func(v storage.RecipeVersion) string {
		if v.Hash == "" {
			return "nothing"
		}
		return v.Name + ".ts " + v.Hash[:min(len(v.Hash), 12)]
	}
	return udiff.Unified(label(from), label(to), from.Source, to.Source)
}

// Compared returns the versions that p wants compared: by default the enabled
// one, or nothing, with the newest.
func (c *Catalogue) Compared(ctx context.Context, p *op.Principal, name, from, to string) (older, newer storage.RecipeVersion, err error) {
	versions, err := c.Versions(ctx, p, name)
	if err != nil {
		return older, newer, err
	}
	if len(versions) == 0 {
		return older, newer, op.Errorf(op.CodeInvalidInput, "the recipe %q is part of the program and has no saved versions", name).
			WithHint("recipe_get %s shows its source", name)
	}
	newer = versions[0]
	if i := slices.IndexFunc(versions, func(v storage.RecipeVersion) bool { return v.Enabled }); i >= 0 {
		older = versions[i]
	}
	if from != "" {
		if older, err = oneOf(versions, name, "from", from); err != nil {
			return older, newer, err
		}
	}
	if to != "" {
		newer, err = oneOf(versions, name, "to", to)
	}
	return older, newer, err
}

func oneOf(versions []storage.RecipeVersion, name, field, hash string) (storage.RecipeVersion, error) {
	i := slices.IndexFunc(versions, func(v storage.RecipeVersion) bool { return v.Hash == hash })
	if i < 0 {
		return storage.RecipeVersion{}, op.NotFound("recipe", "the recipe %q has no version %s", name, clip(hash, 12)).
			WithField(field).WithHint("recipe_get %s lists its versions", name)
	}
	return versions[i], nil
}

// Search returns the versions that p may know of and that hold every word of
// the query; without one all of them, by name.
func (c *Catalogue) Search(p *op.Principal, query string) []*Entry {
	words := strings.Fields(strings.ToLower(query))
	list := c.List(p)
	if len(words) == 0 {
		return list
	}
	rank := map[*Entry]int{}
	list = slices.DeleteFunc(list, func(e *Entry) bool {
		rank[e] = rankOf(e, words)
		return rank[e] == 0
	})
	slices.SortStableFunc(list, func(a, b *Entry) int { return cmp.Compare(rank[b], rank[a]) })
	return list
}

// rankOf is how well a recipe fits the words, 0 when one of them is nowhere.
func rankOf(e *Entry, words []string) int {
	d := e.Definition
	places := []struct {
		text   string
		weight int
	}{
		{d.Name, 8}, {e.Title, 4}, {d.Description, 2}, {strings.Join(d.Scopes, " "), 2}, {e.Source, 1},
	}
	total := 0
	for _, word := range words {
		best := 0
		for _, place := range places {
			if place.weight > best && strings.Contains(strings.ToLower(place.text), word) {
				best = place.weight
			}
		}
		if best == 0 {
			return 0
		}
		total += best
	}
	return total
}

// ratedRuns is of how many of its newest runs a recipe's success is told.
const ratedRuns = 100

// Rates says how the newest runs of recipes ended, by name.
func (c *Catalogue) Rates(ctx context.Context, entries []*Entry) (map[string]storage.RunRate, error) {
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Definition.Name)
	}
	rates, err := c.options.DB.RunRates(ctx, slices.Compact(names), ratedRuns)
	return rates, c.options.ErrorOf(err)
}
