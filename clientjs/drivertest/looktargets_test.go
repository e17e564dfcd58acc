package drivertest_test

import (
	"regexp"
	"strings"
)

// The look as an agent reads it: what each line offers to act on.

var (
	roleLine  = regexp.MustCompile(`^([a-z][a-z0-9]*)(?: ("(?:[^"\\]|\\.)*"))?(?: ([a-z]\d+))?(?: |$|:)`)
	runLine   = regexp.MustCompile(`^(link|btn|tab|mi|michk|miradio|opt|radio|treeitem): (.*)$`)
	navLine   = regexp.MustCompile(`^(nav|tablist)(?: ([^:]*))?: (.*)$`)
	rowsLine  = regexp.MustCompile(`^(table|grid|treegrid|list)\b.*? ([tlg]\d+) (?:rows|items)=\d+`)
	rowLine   = regexp.MustCompile(`^#("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.:-]+)`)
	stateTail = regexp.MustCompile(`(\*| (current|selected|checked|pressed|disabled|expanded|collapsed|required|mixed))+$`)
)

var containers = map[string]bool{"table": true, "grid": true, "list": true, "dialog": true, "alertdialog": true, "group": true, "main": true, "nav": true,
	"region": true, "form": true, "frame": true, "banner": true, "footer": true, "aside": true, "toolbar": true, "tablist": true, "menu": true, "tabpanel": true, "panel": true,
	"radiogroup": true, "search": true, "status": true, "alert": true, "article": true, "tree": true, "progress": true, "meter": true, "log": true, "figure": true, "menubar": true}

// lineTargets returns the targets of one line, and for a collection its ref and
// what each of its rows offers.
func lineTargets(line string, path []string, each [][]string) (targets []string, ref string, offers []string) {
	if m := rowsLine.FindStringSubmatch(line); m != nil {
		return nil, m[2], eachOffers(line)
	}
	if m := rowLine.FindStringSubmatch(line); m != nil && len(path) > 0 {
		return rowTargets(line, path[len(path)-1]+"#"+m[1], each[len(each)-1]), "", nil
	}
	if m := runLine.FindStringSubmatch(line); m != nil {
		return runTargets(m[1], m[2], ""), "", nil
	}
	if m := navLine.FindStringSubmatch(line); m != nil {
		word := map[string]string{"nav": "link", "tablist": "tab"}[m[1]]
		return runTargets(word, m[3], " in "+m[1]+quotedName(m[2])), "", nil
	}
	if m := roleLine.FindStringSubmatch(line); m != nil && m[3] != "" && !containers[m[1]] {
		return []string{m[3]}, m[3], nil
	}
	return nil, "", nil
}

func quotedName(name string) string {
	name = strings.TrimSpace(name)
	if name == "" || strings.HasPrefix(name, `"`) {
		return strings.TrimRight(" "+name, " ")
	}
	return ` "` + name + `"`
}

func runTargets(word, list, where string) (targets []string) {
	for _, name := range strings.Split(list, " | ") {
		name = stateTail.ReplaceAllString(name, "")
		targets = append(targets, word+quotedName(name)+where)
	}
	return targets
}

func eachOffers(line string) (offers []string) {
	_, list, ok := strings.Cut(line, "each: ")
	if !ok {
		return nil
	}
	for _, group := range strings.Split(list, "; ") {
		word, names, named := strings.Cut(group, " ")
		if !named {
			offers = append(offers, word)
			continue
		}
		for _, name := range strings.Split(names, ", ") {
			offers = append(offers, word+quotedName(name))
		}
	}
	return offers
}

// rowTargets are a row's own: what each row offers, without what it lacks, and
// what it has beyond.
func rowTargets(line, path string, each []string) (targets []string) {
	have := map[string]bool{}
	for _, offer := range each {
		have[offer] = true
	}
	for _, part := range strings.Split(line, " | ")[0:] {
		if lacks, ok := strings.CutPrefix(part, "- "); ok {
			delete(have, lacks)
		}
		if extra, ok := strings.CutPrefix(part, "+ "); ok {
			have[stateTail.ReplaceAllString(extra, "")] = true
		}
	}
	for offer := range have {
		targets = append(targets, path+"/"+offer)
	}
	return targets
}
