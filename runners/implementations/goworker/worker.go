// Package goworker serves docs/worker-protocol.md on stdin and stdout for
// programs written in Go.
package goworker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// Object is an answer: its members.
type Object = map[string]any

// SignatureAnswer is what became of one signature. Result is the library's own
// word; implementation.json has the RFC 8601 words.
type SignatureAnswer struct {
	Domain   string `json:"d,omitempty"`
	Selector string `json:"s,omitempty"`
	Result   string `json:"result"`
	Says     string `json:"says,omitempty"`
}

// Program is what is under test.
type Program struct {
	Name     string
	Library  string // Its module path: the version is taken from the build.
	Features []string
	// Verify answers for one message. An error means that there is no
	// verdict; what the library thinks of a message is never an error.
	Verify func(message []byte, zone Zone) ([]SignatureAnswer, error)
}

// Refusal is the error of a library that refuses a message as a whole and tells
// nothing of its signatures: the answer is "silent".
type Refusal struct{ Err error }

func (r Refusal) Error() string { return r.Err.Error() }

type request struct {
	Op          string                     `json:"op"`
	ID          json.RawMessage            `json:"id"`
	Message     *[]byte                    `json:"message"` // base64.
	MessagePath string                     `json:"message_path"`
	Zone        map[string]json.RawMessage `json:"zone"`
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

func (p *Program) verify(r *request) (Object, error) {
	zone, err := readZone(r.Zone)
	if err != nil {
		return nil, err
	}
	message, err := r.octets()
	if err != nil {
		return nil, err
	}
	answers, err := p.Verify(message, zone)
	var refusal Refusal
	if errors.As(err, &refusal) {
		return Object{"silent": true, "says": refusal.Error()}, nil
	} else if err != nil {
		return nil, err
	}
	if answers == nil {
		answers = []SignatureAnswer{}
	}
	return Object{"signatures": answers}, nil
}

func (p *Program) start() Object {
	return Object{
		"protocol": 1,
		"name":     p.Name,
		"version":  p.version(),
		"language": "go",
		"ops":      []string{"verify"},
		"features": p.Features,
		"takes":    []string{},
		"dns":      "request",
		"reports":  "each",
	}
}

func (p *Program) version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == p.Library {
				return module.Version[1:] // Without "v".
			}
		}
	}
	return "unknown"
}

func (p *Program) answer(line []byte) Object {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return Object{"error": "request is not understood: " + err.Error()}
	}
	switch r.Op {
	case "start":
		return p.start()
	case "verify":
		reply, err := p.verify(&r)
		if err != nil {
			reply = Object{"error": err.Error()}
		}
		reply["id"] = r.ID
		return reply
	}
	return Object{"id": r.ID, "error": fmt.Sprintf("unknown op %q", r.Op)}
}

// Serve answers until stdin ends. A panic of the library ends the process: that
// is what happened, and the runner sees it.
func (p *Program) Serve() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout) // Writes a line each time.
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if out.Encode(p.answer(line)) != nil {
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
