// An open-loop HTTP/1.1 load generator: sends on a fixed schedule whatever the server does, and counts each latency from the
// moment at which the schedule wanted the request sent, so that a stall is seen by every request that it held up.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"time"
)

// wanted is one kind of request: the baggage that it carries and the variant that must answer it ("*": any).
type wanted struct {
	variant string
	baggage string
}

// percentiles are of exact values, not of buckets; in microseconds.
type percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

type report struct {
	Sent int `json:"sent"`
	// Answered by the right variant, with the id of the very request that was sent on that connection.
	OK    int `json:"ok"`
	Wrong int `json:"wrong"`
	// Connections that broke or answers that were no answer, with a request under way; and requests never answered.
	Errors int `json:"errors"`
	// Waited for a free connection; the wait is in their latency.
	Queued  int         `json:"queued"`
	Seconds float64     `json:"seconds"`
	Latency percentiles `json:"latency"`
	// How late the generator itself was: from the scheduled moment to the write, if a connection was free.
	Lateness percentiles `json:"lateness"`
	// The first few wrong answers and errors, in words.
	Samples []string `json:"samples"`
}

func main() {
	target := flag.String("target", "", "IP:PORT")
	rate := flag.Float64("rate", 1000, "requests per second")
	seconds := flag.Float64("seconds", 5, "how long to send")
	warm := flag.Float64("warm", 0.5, "seconds at the start that are sent but not counted in the percentiles")
	connections := flag.Int("connections", 64, "keep-alive connections")
	requests := flag.String("requests", "", "file of lines VARIANT TAB BAGGAGE, sent in turn")
	log := flag.String("log", "", "file for one line a request: intended, sent, received (CLOCK_MONOTONIC ns), variant, baggage index")
	flag.Parse()

	kinds, err := readKinds(*requests)
	if err != nil || *target == "" || *connections < 1 || *rate <= 0 || len(kinds) == 0 {
		fmt.Fprintln(os.Stderr, "open-loop: needs -target IP:PORT and -requests FILE:", err)
		os.Exit(64)
	}
	// One thread, no collector: the generator must not be what it measures.
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	run, err := newLoop(*target, *connections, kinds, int(*rate**seconds), time.Duration(float64(time.Second) / *rate))
	if err == nil {
		err = run.drive()
	}
	if err == nil && *log != "" {
		err = writeLog(*log, run)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "open-loop:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(summary(run, int(*warm**rate)))
}

func readKinds(path string) ([]wanted, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var kinds []wanted
	for lines := bufio.NewScanner(file); lines.Scan(); {
		variant, baggage, _ := strings.Cut(lines.Text(), "\t")
		kinds = append(kinds, wanted{variant, baggage})
	}
	return kinds, nil
}

func summary(run *loop, skip int) report {
	out := report{Sent: len(run.records), Queued: run.queued, Samples: run.samples, Wrong: run.wrong, OK: run.ok}
	out.Errors = out.Sent - out.OK - out.Wrong
	var latencies, lateness []int64
	for index, each := range run.records {
		if index >= skip && each.received > 0 {
			latencies = append(latencies, each.received-each.intended)
			if !each.queued {
				lateness = append(lateness, each.sent-each.intended)
			}
		}
	}
	out.Latency, out.Lateness = percentilesOf(latencies), percentilesOf(lateness)
	out.Seconds = float64(run.now()-run.records[0].intended) / 1e9
	return out
}

func percentilesOf(values []int64) percentiles {
	if len(values) == 0 {
		return percentiles{}
	}
	sort.Slice(values, func(a, b int) bool { return values[a] < values[b] })
	at := func(share float64) float64 {
		index := int(math.Ceil(share*float64(len(values)))) - 1
		return float64(values[index]) / 1000
	}
	return percentiles{at(0.5), at(0.9), at(0.99), at(0.999), at(1)}
}

func writeLog(path string, run *loop) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	for index, each := range run.records {
		variant := "-"
		if each.received > 0 {
			variant = run.variants[each.variant]
		}
		fmt.Fprintf(out, "%d %d %d %s %d\n", each.intended, each.sent, each.received, variant, index%len(run.kinds))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}
