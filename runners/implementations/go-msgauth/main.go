// A worker around go-msgauth: docs/worker-protocol.md on stdin and stdout.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/emersion/go-msgauth/dkim"
)

const library = "github.com/emersion/go-msgauth"

type request struct {
	Op          string                     `json:"op"`
	ID          json.RawMessage            `json:"id"`
	Message     *[]byte                    `json:"message"` // base64.
	MessagePath string                     `json:"message_path"`
	Zone        map[string]json.RawMessage `json:"zone"`
}

type signatureAnswer struct {
	Domain string `json:"d,omitempty"`
	Result string `json:"result"`
	Says   string `json:"says,omitempty"`
}

type object = map[string]any

// result is the library's own classification; implementation.json has the
// RFC 8601 words.
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

func describe(verifications []*dkim.Verification) []signatureAnswer {
	answers := []signatureAnswer{}
	for _, v := range verifications {
		answer := signatureAnswer{Domain: v.Domain, Result: result(v.Err)}
		if v.Err != nil {
			answer.Says = v.Err.Error()
		}
		answers = append(answers, answer)
	}
	return answers
}

func (r *request) octets() ([]byte, error) {
	if r.MessagePath != "" {
		return os.ReadFile(r.MessagePath)
	}
	if r.Message == nil {
		return nil, errors.New("request has no message")
	}
	return *r.Message, nil
}

func verify(r *request) (object, error) {
	zone, err := readZone(r.Zone)
	if err != nil {
		return nil, err
	}
	message, err := r.octets()
	if err != nil {
		return nil, err
	}
	options := &dkim.VerifyOptions{LookupTXT: zone.lookupTXT}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), options)
	if err != nil {
		// The library refuses the message as a whole and tells nothing of
		// its signatures.
		return object{"silent": true, "says": err.Error()}, nil
	}
	return object{"signatures": describe(found)}, nil
}

func start() object {
	return object{
		"protocol": 1,
		"name":     "go-msgauth",
		"version":  version(),
		"language": "go",
		"ops":      []string{"verify"},
		"features": []string{"rsa-sha256", "ed25519-sha256"},
		"takes":    []string{},
		"dns":      "request",
		"reports":  "each",
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == library {
				return module.Version[1:] // Without "v".
			}
		}
	}
	return "unknown"
}

func answer(line []byte) object {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return object{"error": "request is not understood: " + err.Error()}
	}
	switch r.Op {
	case "start":
		return start()
	case "verify":
		reply, err := verify(&r)
		if err != nil {
			reply = object{"error": err.Error()}
		}
		reply["id"] = r.ID
		return reply
	}
	return object{"id": r.ID, "error": fmt.Sprintf("unknown op %q", r.Op)}
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout) // Writes a line each time.
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if out.Encode(answer(line)) != nil {
				os.Exit(1)
			}
		}
		if err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
