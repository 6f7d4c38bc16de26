// A worker around go-msgauth.
package main

import (
	"bytes"
	"flag"
	"net"

	"dkimspec/goworker"
	"github.com/emersion/go-msgauth/dkim"
)

// lookup answers with the errors of net.LookupTXT.
func lookup(zone goworker.Zone) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		texts, outcome := zone.LookupTXT(name)
		failure := &net.DNSError{Name: name}
		switch outcome {
		case goworker.Found:
			return texts, nil
		case goworker.NotFound:
			failure.Err, failure.IsNotFound = "no such host", true
		case goworker.ServFail:
			failure.Err, failure.IsTemporary = "server misbehaving", true
		case goworker.Timeout:
			failure.Err, failure.IsTemporary = "i/o timeout", true
			failure.IsTimeout = true
		}
		return nil, failure
	}
}

func result(err error) string {
	switch {
	case err == nil:
		return "pass"
	case dkim.IsTempFail(err):
		return "tempfail"
	case dkim.IsPermFail(err):
		return "permfail"
	}
	return "fail"
}

func verify(message []byte, zone goworker.Zone) (
	answers []goworker.SignatureAnswer, err error) {
	options := &dkim.VerifyOptions{} // Then it uses Go's resolver.
	if zone != nil {
		options.LookupTXT = lookup(zone)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), options)
	if err != nil {
		return nil, goworker.Refusal{Err: err}
	}
	for _, v := range found {
		answer := goworker.SignatureAnswer{
			Domain: v.Domain, Result: result(v.Err)}
		if v.Err != nil {
			answer.Says = v.Err.Error()
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

func sign(message []byte, how goworker.How) ([]byte, error) {
	key, err := how.Key()
	if err != nil {
		return nil, err
	}
	var signed bytes.Buffer
	err = dkim.Sign(&signed, bytes.NewReader(message), &dkim.SignOptions{
		Domain:                 how.Domain,
		Selector:               how.Selector,
		Signer:                 key,
		HeaderCanonicalization: dkim.Canonicalization(how.Header),
		BodyCanonicalization:   dkim.Canonicalization(how.Body),
		HeaderKeys:             how.Fields,
	})
	return signed.Bytes(), err
}

func main() {
	dns := goworker.Request
	flag.Var(&dns, "dns", "how keys are looked up: request or sandbox")
	flag.Parse()
	program := goworker.Program{
		Name:     "go-msgauth",
		Library:  "github.com/emersion/go-msgauth",
		Features: []string{"rsa-sha256", "ed25519-sha256"},
		DNS:      dns,
		Verify:   verify,
		Sign:     sign,
	}
	program.Serve()
}
