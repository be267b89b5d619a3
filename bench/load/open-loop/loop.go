// The loop: one thread that waits for the next scheduled moment or the next answer, whichever comes first.
package main

import (
	"fmt"
	"net"
	"syscall"
	"time"
	"unsafe"
)

// epollPwait2 takes its timeout in nanoseconds (Linux 5.11); epoll_wait knows milliseconds only.
const epollPwait2 = 441
const prSetTimerslack = 29

// How long answers may take after the last request was sent.
const grace = 5 * time.Second

// record is one request. Times are CLOCK_MONOTONIC nanoseconds, as other processes of this machine see them; 0: not yet.
type record struct {
	intended int64
	sent     int64
	received int64
	variant  int
	// It had to wait for a free connection.
	queued bool
}

type loop struct {
	address  syscall.SockaddrInet4
	host     string
	epoll    int
	kinds    []wanted
	records  []record
	interval time.Duration
	base     time.Time
	baseNs   int64
	// Connections that wait for a request, oldest first, so that all of them stay in use.
	idle []*connection
	all  map[int32]*connection
	// The next request to be scheduled, and the next to be written: the ones between wait for a connection.
	due, next int
	open      int
	queued    int
	ok, wrong int
	variants  []string
	samples   []string
	// The buffer that heads are written in, one after the other.
	head []byte
}

func newLoop(target string, connections int, kinds []wanted, requests int, interval time.Duration) (*loop, error) {
	resolved, err := net.ResolveTCPAddr("tcp4", target)
	if err != nil {
		return nil, err
	}
	run := &loop{host: target, kinds: kinds, interval: interval, records: make([]record, requests)}
	run.address.Port = resolved.Port
	copy(run.address.Addr[:], resolved.IP.To4())
	run.all = make(map[int32]*connection, connections)
	run.base = time.Now()
	var spec syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&spec)), 0)
	run.baseNs = spec.Nano()
	// The kernel may otherwise wake this thread 50 microseconds late to save power.
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetTimerslack, 1, 0)
	if run.epoll, err = syscall.EpollCreate1(0); err != nil {
		return nil, err
	}
	for range make([]struct{}, connections) {
		if err := run.connect(); err != nil {
			return nil, fmt.Errorf("connecting to %s: %w", target, err)
		}
	}
	return run, nil
}

func (run *loop) now() int64 {
	return run.baseNs + int64(time.Since(run.base))
}

// drive sends all requests and reads their answers.
func (run *loop) drive() error {
	start := run.now() + int64(10*time.Millisecond)
	for index := range run.records {
		run.records[index].intended = start + int64(index)*int64(run.interval)
	}
	end := run.records[len(run.records)-1].intended + int64(grace)
	events := make([]syscall.EpollEvent, 256)
	for run.next < len(run.records) || run.open > 0 {
		now := run.now()
		if now > end {
			run.sample("%d requests were never answered", len(run.records)-run.next+run.open)
			return nil
		}
		wait := end - now
		if run.due < len(run.records) {
			wait = run.records[run.due].intended - now
		}
		count, err := run.wait(events, wait)
		if err != nil {
			return err
		}
		for index := range events[:count] {
			if each := run.all[events[index].Fd]; each != nil {
				if err := run.readable(each); err != nil {
					return err
				}
			}
		}
		if err := run.send(); err != nil {
			return err
		}
	}
	return nil
}

// wait blocks for at most `nanoseconds`, or not at all if that moment has passed.
func (run *loop) wait(events []syscall.EpollEvent, nanoseconds int64) (int, error) {
	if nanoseconds < 0 {
		nanoseconds = 0
	}
	spec := syscall.NsecToTimespec(nanoseconds)
	count, _, fault := syscall.RawSyscall6(epollPwait2, uintptr(run.epoll), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(unsafe.Pointer(&spec)), 0, 0)
	if fault == syscall.EINTR {
		return 0, nil
	}
	if fault != 0 {
		return 0, fmt.Errorf("epoll_pwait2: %w", fault)
	}
	return int(count), nil
}

// send writes every request that is due, as far as connections are free.
func (run *loop) send() error {
	now := run.now()
	for run.due < len(run.records) && run.records[run.due].intended <= now {
		run.due++
		if run.due-run.next > len(run.idle) {
			run.records[run.due-1].queued = true
			run.queued++
		}
	}
	for run.next < run.due && len(run.idle) > 0 {
		each := run.idle[0]
		run.idle = run.idle[1:]
		if err := run.write(each, run.next); err != nil {
			return err
		}
		run.next++
	}
	return nil
}

func (run *loop) sample(format string, values ...any) {
	if len(run.samples) < 5 {
		run.samples = append(run.samples, fmt.Sprintf(format, values...))
	}
}

// variant numbers the names of variants, so that records stay small.
func (run *loop) variant(name string) int {
	for index, each := range run.variants {
		if each == name {
			return index
		}
	}
	run.variants = append(run.variants, name)
	return len(run.variants) - 1
}
