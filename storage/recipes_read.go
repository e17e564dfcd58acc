package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

type recipeReader struct {
	versions, usable *stmt
}

const recipeColumns = `v.id, v.name, v.hash, v.source, v.definition, v.author, v.author_name, v.author_kind,
	v.scopes, v.app, v.created_at, r.enabled IS v.id, r.pinned IS v.id`

func newRecipeReader(p *preparer) recipeReader {
	return recipeReader{
		versions: p.stmt(`SELECT ` + recipeColumns + ` FROM recipe_version v CROSS JOIN recipe r ON r.name = v.name
			WHERE v.name = ? ORDER BY v.id DESC LIMIT ?`),
		// Per recipe: the enabled version, and each author's newest one.
		usable: p.stmt(`SELECT ` + recipeColumns + ` FROM recipe r CROSS JOIN recipe_version v ON v.name = r.name
			WHERE r.name > ? AND (v.id = r.enabled OR v.id = (
				SELECT max(n.id) FROM recipe_version n WHERE n.name = v.name AND n.author = v.author))
			ORDER BY r.name, v.id DESC`),
	}
}

// maxVersions bounds one listing of a recipe's versions.
const maxVersions = 200

// RecipeVersions returns a recipe's versions, newest first, or
// KindRecipeNotFound.
func (db *DB) RecipeVersions(ctx context.Context, name string) (list []RecipeVersion, err error) {
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.recipes.versions.each(ctx, func(row []driver.Value) error {
			v, err := recipeVersion(row)
			list = append(list, v)
			return err
		}, name, int64(maxVersions))
	})
	if err == nil && len(list) == 0 {
		err = recipeNotFound(name)
	}
	return list, err
}

// UsableRecipes returns what somebody can run: of each recipe the enabled
// version and every author's newest one, by name, newest first.
func (db *DB) UsableRecipes(ctx context.Context) (list []RecipeVersion, err error) {
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.recipes.usable.each(ctx, func(row []driver.Value) error {
			v, err := recipeVersion(row)
			list = append(list, v)
			return err
		}, "")
	})
	return list, err
}

func recipeVersion(row []driver.Value) (RecipeVersion, error) {
	v := RecipeVersion{
		Seq: asInt(row[0]), Name: asText(row[1]), Hash: asText(row[2]), Source: string(asBytes(row[3])),
		Definition: append(json.RawMessage(nil), asBytes(row[4])...), Author: asText(row[5]), AuthorName: asText(row[6]),
		AuthorKind: asText(row[7]), App: asText(row[9]), CreatedAt: millis(row[10]), Enabled: asInt(row[11]) != 0,
		Pinned: asInt(row[12]) != 0,
	}
	if err := json.Unmarshal([]byte(asText(row[8])), &v.Scopes); err != nil {
		return v, fmt.Errorf("scopes of recipe %q: %w", v.Name, err)
	}
	return v, nil
}
