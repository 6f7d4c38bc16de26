// Looks up TXT with Go's own resolver: lookup ADDRESS PATIENCE <NAMES. Each
// line of input is a name; each line of output says what became of one.
//
// Timeouts and attempts for a single query are those of /etc/resolv.conf, and
// only of that.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

type found struct {
	Name    string   `json:"name"`
	Class   string   `json:"class"`
	Records []string `json:"records"` // In hex.
	Says    string   `json:"says"`
}

func resolverAt(address string) *net.Resolver {
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

func lookUp(resolver *net.Resolver, name string, patience time.Duration) found {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	records, err := resolver.LookupTXT(ctx, name+".")
	result := found{Name: name, Class: "answer", Records: []string{}}
	for _, record := range records {
		result.Records = append(result.Records, hex.EncodeToString([]byte(record)))
	}
	var failure *net.DNSError
	if err != nil {
		result.Class, result.Says = "temporary", err.Error()
	}
	if errors.As(err, &failure) && failure.IsNotFound {
		result.Class = "no record"
	}
	return result
}

func main() {
	patience, err := time.ParseDuration(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	resolver := resolverAt(os.Args[1])
	var lookups sync.WaitGroup
	var printing sync.Mutex
	names := bufio.NewScanner(os.Stdin)
	for names.Scan() {
		name := names.Text()
		lookups.Add(1)
		go func() {
			defer lookups.Done()
			result := lookUp(resolver, name, patience)
			printing.Lock()
			defer printing.Unlock()
			json.NewEncoder(os.Stdout).Encode(result)
		}()
	}
	lookups.Wait()
}
