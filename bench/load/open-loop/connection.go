// One keep-alive connection: writes a request, reads its answer, and says whether it is the answer to that very request.
package main

import (
	"bytes"
	"strconv"
	"syscall"
)

type connection struct {
	fd     int
	buffer []byte
	filled int
	// The record that waits for an answer, or -1.
	current int
}

func (run *loop) connect() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := syscall.Connect(fd, &run.address); err != nil {
		syscall.Close(fd)
		return err
	}
	syscall.SetNonblock(fd, true)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	each := &connection{fd: fd, buffer: make([]byte, 16<<10), current: -1}
	run.all[int32(fd)] = each
	run.idle = append(run.idle, each)
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
	return syscall.EpollCtl(run.epoll, syscall.EPOLL_CTL_ADD, fd, &event)
}

func (run *loop) write(each *connection, index int) error {
	kind := run.kinds[index%len(run.kinds)]
	head := append(run.head[:0], "GET / HTTP/1.1\r\nuser-agent: open-loop\r\naccept: */*\r\nhost: "...)
	head = append(head, run.host...)
	if kind.baggage != "" {
		head = append(head, "\r\nbaggage: "...)
		head = append(head, kind.baggage...)
	}
	head = append(head, "\r\nx-request-id: "...)
	head = strconv.AppendInt(head, int64(index), 10)
	head = append(head, "\r\n\r\n"...)
	run.head = head
	each.current = index
	run.open++
	run.records[index].sent = run.now()
	if written, err := syscall.Write(each.fd, head); err != nil || written != len(head) {
		return run.broken(each, "write failed")
	}
	return nil
}

func (run *loop) readable(each *connection) error {
	count, err := syscall.Read(each.fd, each.buffer[each.filled:])
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return nil
	}
	if err != nil || count <= 0 {
		return run.broken(each, "connection closed")
	}
	each.filled += count
	answer := each.buffer[:each.filled]
	end := bytes.Index(answer, []byte("\r\n\r\n"))
	if end == -1 {
		if each.filled == len(each.buffer) {
			return run.broken(each, "answer too large")
		}
		return nil
	}
	length, err := strconv.Atoi(header(answer[:end], "content-length"))
	if err != nil || each.current == -1 {
		return run.broken(each, "answer without content-length, or without a request")
	}
	if each.filled < end+4+length {
		return nil
	}
	if each.filled > end+4+length {
		return run.broken(each, "more than one answer")
	}
	run.answered(each, answer[:end])
	return nil
}

func (run *loop) answered(each *connection, head []byte) {
	index := each.current
	record, kind := &run.records[index], run.kinds[index%len(run.kinds)]
	variant := header(head, "x-variant")
	record.received = run.now()
	record.variant = run.variant(variant)
	status := ""
	if len(head) > 12 {
		status = string(head[9:12])
	}
	if header(head, "x-id") != strconv.Itoa(index) || status != "200" || (kind.variant != "*" && kind.variant != variant) {
		run.wrong++
		run.sample("request %d with baggage %q: status %s from %q, id %q", index, kind.baggage, status, variant, header(head, "x-id"))
	} else {
		run.ok++
	}
	each.current, each.filled = -1, 0
	run.open--
	run.idle = append(run.idle, each)
}

// broken replaces the connection. A request under way is lost, and counted by having no answer.
func (run *loop) broken(each *connection, why string) error {
	syscall.Close(each.fd)
	delete(run.all, int32(each.fd))
	if each.current != -1 {
		run.open--
		run.sample("request %d: %s", each.current, why)
	}
	for index, other := range run.idle {
		if other == each {
			run.idle = append(run.idle[:index:index], run.idle[index+1:]...)
			break
		}
	}
	return run.connect()
}

// header is the value of the first line called `name` (in lower case), or "".
func header(head []byte, name string) string {
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\r\n"))
		head = rest
		if len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return string(bytes.TrimSpace(line[len(name)+1:]))
		}
	}
	return ""
}
