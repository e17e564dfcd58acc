package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"fazt/storage"
)

// side is an implementation of the language, with one collection.
type side interface {
	// fill makes docs the collection; they have ids.
	fill(t *testing.T, docs []bson.D)
	// put adds a document, or puts it in the place of the one of its id.
	put(t *testing.T, doc bson.D)
	// find returns the ids of those that match.
	find(t *testing.T, filter bson.D) ([]string, error)
	// update changes the document of an id and returns it.
	update(t *testing.T, id string, update bson.D) (bson.D, error)
}

type faztSide struct{ db *storage.DB }

const collection = "c"

func openFazt(t *testing.T) side {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{
		Path: filepath.Join(t.TempDir(), "fazt.db"), Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	f := &faztSide{db}
	f.write(t, "", storage.AppCreate{ID: "a", Title: "A"})
	f.write(t, "a", storage.CollectionSet{Collection: collection, Indexes: &[]storage.IndexSpec{{Fields: []string{"b"}}}})
	return f
}

func (f *faztSide) write(t *testing.T, app string, m ...storage.Mutation) {
	t.Helper()
	if _, err := f.db.Write(t.Context(), &storage.Batch{App: app, Mutations: m}); err != nil {
		t.Fatal(err)
	}
}

func (f *faztSide) fill(t *testing.T, docs []bson.D) {
	t.Helper()
	m := []storage.Mutation{storage.DocDeleteWhere{Collection: collection, All: true}}
	for _, d := range docs {
		m = append(m, storage.DocInsert{Collection: collection, ID: idOf(d), Doc: text(d[1:])})
	}
	f.write(t, "a", m...)
}

func (f *faztSide) put(t *testing.T, doc bson.D) {
	t.Helper()
	f.write(t, "a", storage.DocReplace{Collection: collection, ID: idOf(doc), Doc: text(doc[1:])})
}

func (f *faztSide) find(t *testing.T, filter bson.D) (ids []string, err error) {
	q := storage.DocQuery{Collection: collection, Filter: text(filter), Limit: 1000}
	page, _, err := f.db.DocFind(t.Context(), "a", q)
	for _, d := range page {
		ids = append(ids, d.ID)
	}
	return ids, err
}

func (f *faztSide) update(t *testing.T, id string, update bson.D) (doc bson.D, err error) {
	b := &storage.Batch{App: "a", Mutations: []storage.Mutation{storage.DocUpdate{Collection: collection, ID: id, Update: text(update)}}}
	o, err := f.db.Write(t.Context(), b)
	if err != nil {
		return nil, err
	}
	if err := bson.UnmarshalExtJSON(o.Results[0].Value, false, &doc); err != nil {
		t.Fatal(err)
	}
	return doc[1:], nil
}

type ferretSide struct{ c *mongo.Collection }

// openFerret starts FerretDB. In memory it is fast, and its one connection
// waits for itself on an update.
func openFerret(t *testing.T, inMemory bool) side {
	t.Helper()
	place := "file:" + t.TempDir() + "/"
	if inMemory {
		place += "?mode=memory"
	}
	f, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"}, Logger: slog.New(slog.DiscardHandler),
		Handler: "sqlite", SQLiteURL: place,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	client, err := mongo.Connect(options.Client().ApplyURI(f.MongoDBURI()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := client.Disconnect(context.Background())
		cancel()
		if err := errors.Join(err, <-ended); err != nil {
			t.Error(err)
		}
	})
	return &ferretSide{client.Database("d").Collection(collection)}
}

func (f *ferretSide) fill(t *testing.T, docs []bson.D) {
	t.Helper()
	if _, err := f.c.DeleteMany(t.Context(), bson.D{}); err != nil {
		t.Fatal(err)
	}
	if len(docs) == 0 {
		return
	}
	if _, err := f.c.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func (f *ferretSide) put(t *testing.T, doc bson.D) {
	t.Helper()
	one := bson.D{{Key: "_id", Value: idOf(doc)}}
	_, err := f.c.DeleteOne(t.Context(), one)
	if err == nil {
		_, err = f.c.InsertOne(t.Context(), doc)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (f *ferretSide) find(t *testing.T, filter bson.D) (ids []string, err error) {
	cursor, err := f.c.Find(t.Context(), filter)
	if err != nil {
		return nil, err
	}
	var docs []bson.D
	err = cursor.All(t.Context(), &docs)
	for _, d := range docs {
		ids = append(ids, idOf(d))
	}
	return ids, err
}

func (f *ferretSide) update(t *testing.T, id string, update bson.D) (doc bson.D, err error) {
	one := bson.D{{Key: "_id", Value: id}}
	after := options.FindOneAndUpdate().SetReturnDocument(options.After)
	if err := f.c.FindOneAndUpdate(t.Context(), one, update, after).Decode(&doc); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "_id" }), nil
}

func idOf(d bson.D) string {
	for _, e := range d {
		if id, ok := e.Value.(string); ok && e.Key == "_id" {
			return id
		}
	}
	return ""
}

// text is a document or filter as JSON, members in order.
func text(d bson.D) json.RawMessage {
	if d == nil {
		d = bson.D{}
	}
	raw, err := bson.MarshalExtJSON(d, false, false)
	if err != nil {
		return json.RawMessage(err.Error()) // a value that no generator makes
	}
	return raw
}
