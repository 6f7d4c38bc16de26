// A worker around the dkim package of mox.
package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"

	"dkimspec/goworker"
	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dns"
)

// resolver answers with the errors of mox's resolver. The package asks for TXT
// records only; anything else is a nil interface, and a panic.
type resolver struct {
	dns.Resolver
	zone goworker.Zone
}

func (r resolver) LookupTXT(_ context.Context, name string) (
	[]string, adns.Result, error) {
	texts, outcome := r.zone.LookupTXT(name)
	failure := &adns.DNSError{Name: name}
	switch outcome {
	case goworker.Found:
		return texts, adns.Result{}, nil
	case goworker.NotFound:
		failure.Err, failure.IsNotFound = "no such host", true
	case goworker.ServFail:
		failure.Err, failure.IsTemporary = "server misbehaving", true
	case goworker.Timeout:
		failure.Err, failure.IsTemporary = "i/o timeout", true
		failure.IsTimeout = true
	}
	return nil, adns.Result{}, failure
}

// accept leaves out mox's own policy (no l=, Subject signed), which callers of
// the package choose.
func accept(*dkim.Sig) error { return nil }

func verify(message []byte, zone goworker.Zone) (
	answers []goworker.SignatureAnswer, err error) {
	const smtputf8, ignoreTestMode = true, false
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	found, err := dkim.Verify(context.Background(), log, resolver{zone: zone},
		smtputf8, accept, bytes.NewReader(message), ignoreTestMode)
	if err != nil {
		return nil, goworker.Refusal{Err: err}
	}
	for _, r := range found {
		answer := goworker.SignatureAnswer{Result: string(r.Status)}
		if r.Sig != nil {
			answer.Domain = r.Sig.Domain.ASCII
			answer.Selector = r.Sig.Selector.ASCII
		}
		if r.Err != nil {
			answer.Says = r.Err.Error()
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

// signedFields is what is signed where the request does not say.
var signedFields = []string{
	"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To"}

func sign(message []byte, how goworker.How) ([]byte, error) {
	key, err := how.Key()
	if err != nil {
		return nil, err
	}
	domain, err := dns.ParseDomain(how.Domain)
	if err != nil {
		return nil, err
	}
	selector, err := dns.ParseDomain(how.Selector)
	if err != nil {
		return nil, err
	}
	fields := how.Fields
	if fields == nil {
		fields = signedFields
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	const localpart, smtputf8 = "a", false
	header, err := dkim.Sign(context.Background(), log, localpart, domain,
		[]dkim.Selector{{
			Hash:          "sha256",
			HeaderRelaxed: how.Header == "relaxed",
			BodyRelaxed:   how.Body == "relaxed",
			Headers:       fields,
			PrivateKey:    key,
			Domain:        selector,
		}}, smtputf8, bytes.NewReader(message))
	return append([]byte(header), message...), err
}

func main() {
	program := goworker.Program{
		Name:     "mox",
		Library:  "github.com/mjl-/mox",
		DNS:      goworker.Request,
		Features: []string{"rsa-sha1", "rsa-sha256", "ed25519-sha256", "eai"},
		Verify:   verify,
		Sign:     sign,
	}
	program.Serve()
}
