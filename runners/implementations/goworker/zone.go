package goworker

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// entry is what the DNS holds for one name.
type entry struct {
	texts []string // One for each TXT record, its strings joined.
	word  string   // "nxdomain", "nodata", "servfail", "timeout", or empty.
	cname string
}

// Zone is what the DNS holds. It has names in lower case, without final dot.
// DNS compares ASCII letters without case (RFC 4343).
type Zone map[string]entry

func key(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSuffix(name, "."))
}

func readZone(raw map[string]json.RawMessage) (Zone, error) {
	z := Zone{}
	for name, value := range raw {
		e, err := readEntry(value)
		if err != nil {
			return nil, fmt.Errorf("zone, %s: %w", name, err)
		}
		z[key(name)] = e
	}
	return z, nil
}

func readEntry(value json.RawMessage) (entry, error) {
	var word string
	if json.Unmarshal(value, &word) == nil {
		switch word {
		case "nxdomain", "nodata", "servfail", "timeout":
			return entry{word: word}, nil
		}
		return entry{}, fmt.Errorf("unknown word %q", word)
	}
	var alias struct {
		Cname string `json:"cname"`
	}
	if json.Unmarshal(value, &alias) == nil && alias.Cname != "" {
		return entry{cname: alias.Cname}, nil
	}
	var records []json.RawMessage
	if json.Unmarshal(value, &records) != nil {
		return entry{}, fmt.Errorf("cannot be served by a resolver hook")
	}
	var e entry
	for _, record := range records {
		text, err := readRecord(record)
		if err != nil {
			return entry{}, err
		}
		e.texts = append(e.texts, text)
	}
	return e, nil
}

// readRecord joins the strings of a record, as Go's resolvers do.
func readRecord(value json.RawMessage) (string, error) {
	parts := []json.RawMessage{value}
	if err := json.Unmarshal(value, &parts); err != nil {
		parts = []json.RawMessage{value}
	}
	var joined strings.Builder
	for _, part := range parts {
		var text string
		var octets struct {
			Hex *string `json:"hex"`
		}
		if json.Unmarshal(part, &text) == nil {
			joined.WriteString(text)
			continue
		}
		if json.Unmarshal(part, &octets) != nil || octets.Hex == nil {
			return "", fmt.Errorf("a string is neither text nor hex")
		}
		decoded, err := hex.DecodeString(*octets.Hex)
		if err != nil {
			return "", err
		}
		joined.Write(decoded)
	}
	return joined.String(), nil
}

// Outcome is how a look-up ended, as a stub resolver sees it.
type Outcome int

const (
	Found    Outcome = iota
	NotFound         // There is no such name, or it has no TXT record.
	ServFail
	Timeout
)

// hostName is what Go's resolvers ask for. Of other names they say, without
// asking, that there is no such host.
var hostName = func() *regexp.Regexp {
	const label = `\w([\w-]{0,61}\w)?`
	return regexp.MustCompile(`^` + label + `(\.` + label + `)*\.?$`)
}()

const maxName = 253 // Without final dot (RFC 1035 section 2.3.4).

// LookupTXT answers as Go's resolvers do behind a recursive one: one text for
// each record, its strings joined.
func (z Zone) LookupTXT(name string) ([]string, Outcome) {
	at := key(name)
	if len(at) > maxName || !hostName.MatchString(name) {
		return nil, NotFound
	}
	for hops := 0; hops < 9; hops++ {
		e, ok := z[at]
		switch {
		case !ok, e.word == "nxdomain", e.word == "nodata":
			return nil, NotFound
		case e.word == "timeout":
			return nil, Timeout
		case e.word == "servfail":
			return nil, ServFail
		case e.cname == "":
			return e.texts, Found
		}
		at = key(e.cname)
	}
	return nil, ServFail // As a resolver says of an endless chain.
}
