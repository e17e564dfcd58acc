package server

import (
	"time"
	_ "time/tzdata" // a machine without a time zone database knows the names too

	"fazt/server/op"
	"fazt/storage"
)

// eventRange is the days that a query asks for, in a time zone.
type eventRange struct {
	from, to time.Time // to is the end of the last day
	zone     *time.Location
}

const (
	dateForm     = "2006-01-02"
	defaultDays  = 30
	maxEventDays = 3660
)

// rangeOf reads the days of a query; what is left out is the last 30 days.
func rangeOf(now time.Time, from, to, timezone string) (eventRange, error) {
	zone, err := zoneOf(timezone)
	if err != nil {
		return eventRange{}, err
	}
	last := dayOf(now.In(zone))
	if to != "" {
		if last, err = dateOf("to", to, zone); err != nil {
			return eventRange{}, err
		}
	}
	first := last.AddDate(0, 0, 1-defaultDays)
	if from != "" {
		if first, err = dateOf("from", from, zone); err != nil {
			return eventRange{}, err
		}
	}
	end := last.AddDate(0, 0, 1)
	switch {
	case !first.Before(end):
		return eventRange{}, op.Invalid("from", "from %s is after to %s", first.Format(dateForm), last.Format(dateForm)).
			WithHint("both are days of the range, the first and the last")
	case end.Sub(first) > maxEventDays*24*time.Hour:
		return eventRange{}, op.Invalid("from", "the range is longer than %d days", maxEventDays).WithHint("ask for less at once")
	}
	return eventRange{first, end, zone}, nil
}

// zoneOf finds a time zone by its name. Local would be the server's.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, op.Invalid("timezone", "%q is no time zone", clipText(name, 50)).
			WithHint("use a name of the IANA database, as in Europe/Berlin, or UTC")
	}
	return zone, nil
}

func dateOf(field, text string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(dateForm, text, zone)
	if err != nil {
		return day, op.Invalid(field, "%q is no day", clipText(text, 50)).WithHint("write a day as 2026-11-24")
	}
	return day, nil
}

// dayOf is when the day of a time begins, in its zone.
func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// query asks for sums of the range. Days of UTC are sums as they are; days of
// other zones are made of hours, where hours are kept.
func (r eventRange) query(dim storage.EventDim, byHour bool) storage.EventQuery {
	return storage.EventQuery{Dim: dim, From: r.from, To: r.to, ByHour: byHour}
}

// buckets are the beginnings of the hours or days of the range.
func (r eventRange) buckets(bucket string) []time.Time {
	var list []time.Time
	for at := r.from; at.Before(r.to); {
		list = append(list, at)
		if bucket == bucketHour {
			at = at.Add(time.Hour)
		} else {
			at = dayOf(at.AddDate(0, 0, 1))
		}
	}
	return list
}
