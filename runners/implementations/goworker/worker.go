// Package goworker serves docs/worker-protocol.md on stdin and stdout for
// programs written in Go.
package goworker

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
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

// DNSWay is how the keys reach the program.
type DNSWay string

const (
	Request DNSWay = "request" // In the zone of each request.
	Sandbox DNSWay = "sandbox" // From the name server of resolv.conf.
)

func (w *DNSWay) String() string { return string(*w) }

// Set makes it a flag.
func (w *DNSWay) Set(text string) error {
	*w = DNSWay(text)
	if *w != Request && *w != Sandbox {
		return fmt.Errorf("there are %s and %s", Request, Sandbox)
	}
	return nil
}

// Program is what is under test.
type Program struct {
	Name     string
	Library  string // Its module path: the version is taken from the build.
	Features []string
	DNS      DNSWay
	// Verify answers for one message; zone is nil unless DNS is Request. An
	// error means that there is no verdict; what the library thinks of a
	// message is never an error.
	Verify func(message []byte, zone Zone) ([]SignatureAnswer, error)
	// Sign gives the signed message. Nil for a program that does not sign.
	Sign func(message []byte, how How) ([]byte, error)
}

// How is the way in which a message is to be signed.
type How struct {
	Domain    string   `json:"domain"`
	Selector  string   `json:"selector"`
	KeyPEM    string   `json:"key_pem"`
	Algorithm string   `json:"algorithm"`
	Header    string   `json:"header_canonicalization"`
	Body      string   `json:"body_canonicalization"`
	Fields    []string `json:"signed_header_fields"`
}

// Key reads KeyPEM.
func (h *How) Key() (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(h.KeyPEM))
	if block == nil {
		return nil, errors.New("key_pem is not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return key.(crypto.Signer), nil
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
	How
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
	var zone Zone
	if p.DNS == Request {
		var err error
		if zone, err = readZone(r.Zone); err != nil {
			return nil, err
		}
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

func (p *Program) sign(r *request) (Object, error) {
	if r.Algorithm != "" && r.Algorithm != "rsa-sha256" {
		return Object{"unsupported": r.Algorithm}, nil
	}
	message, err := r.octets()
	if err != nil {
		return nil, err
	}
	signed, err := p.Sign(message, r.How)
	if err != nil {
		return nil, err
	}
	return Object{"message": signed}, nil
}

func (p *Program) start() Object {
	ops := []string{"verify"}
	if p.Sign != nil {
		ops = append(ops, "sign")
	}
	return Object{
		"protocol": 1,
		"name":     p.Name,
		"version":  p.version(),
		"language": "go",
		"ops":      ops,
		"features": p.Features,
		"takes":    []string{},
		"dns":      p.DNS,
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
	var reply Object
	var err error
	switch {
	case r.Op == "start":
		return p.start()
	case r.Op == "verify":
		reply, err = p.verify(&r)
	case r.Op == "sign" && p.Sign != nil:
		reply, err = p.sign(&r)
	default:
		err = fmt.Errorf("unknown op %q", r.Op)
	}
	if err != nil {
		reply = Object{"error": err.Error()}
	}
	reply["id"] = r.ID
	return reply
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
