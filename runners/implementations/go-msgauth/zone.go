package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"strings"
)

// entry is what the DNS holds for one name.
type entry struct {
	texts []string // One for each TXT record, its strings joined.
	word  string   // "nxdomain", "nodata", "servfail", "timeout", or empty.
	cname string
}

// zone has names in lower case, without final dot. DNS compares ASCII letters
// without case (RFC 4343).
type zone map[string]entry

func key(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSuffix(name, "."))
}

func readZone(raw map[string]json.RawMessage) (zone, error) {
	z := zone{}
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

// readRecord joins the strings of a record, as net.LookupTXT does.
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

// lookupTXT answers as net.LookupTXT does behind a recursive resolver.
func (z zone) lookupTXT(name string) ([]string, error) {
	notFound := &net.DNSError{
		Err: "no such host", Name: name, IsNotFound: true}
	at := key(name)
	for hops := 0; hops < 9; hops++ {
		e, ok := z[at]
		switch {
		case !ok, e.word == "nxdomain", e.word == "nodata":
			return nil, notFound
		case e.word == "timeout":
			return nil, &net.DNSError{Err: "i/o timeout", Name: name,
				IsTimeout: true, IsTemporary: true}
		case e.cname != "":
			at = key(e.cname)
			continue
		case e.word == "":
			return e.texts, nil
		}
		break
	}
	// SERVFAIL, which a resolver also says of an endless chain of aliases.
	return nil, &net.DNSError{
		Err: "server misbehaving", Name: name, IsTemporary: true}
}
