// Command grpc-load is the gRPC server and the load of the HTTP/2 measurements: unary calls of 100 plain bytes each way, so that
// no generated code is needed.
//
//	grpc-load server PORT VARIANT                                  answers on the loopback
//	grpc-load client PORT CONNECTIONS STREAMS SECONDS KEY=VARIANT…  calls with the keys in turn, prints one line of JSON
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

const size = 100

// rawCodec passes *[]byte through.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (rawCodec) Name() string { return "raw" }

func main() {
	err := errors.New("usage: grpc-load server PORT VARIANT | client PORT CONNECTIONS STREAMS SECONDS KEY=VARIANT…")
	switch {
	case len(os.Args) == 4 && os.Args[1] == "server":
		err = serve(os.Args[2], os.Args[3])
	case len(os.Args) > 6 && os.Args[1] == "client":
		err = load(os.Args[2], os.Args[3:6], os.Args[6:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// filled is a message of the usual size that begins with the text.
func filled(text string) []byte {
	return append([]byte(text), bytes.Repeat([]byte("."), size-len(text))...)
}

// serve answers each call with its variant; the method Saw says in headers who answered and which baggage arrived.
func serve(port, variant string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	answer := filled(variant)
	handler := func(_ any, stream grpc.ServerStream) error {
		if method, _ := grpc.MethodFromServerStream(stream); strings.HasSuffix(method, "/Saw") {
			arrived, _ := metadata.FromIncomingContext(stream.Context())
			saw := metadata.Pairs("x-variant", variant, "x-saw", strings.Join(arrived.Get("baggage"), ","))
			if err := stream.SetHeader(saw); err != nil {
				return err
			}
		}
		var message []byte
		if err := stream.RecvMsg(&message); err != nil && err != io.EOF {
			return err
		}
		return stream.SendMsg(&answer)
	}
	return grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(handler)).Serve(listener)
}

// result is the line that load prints.
type result struct {
	Calls   int     `json:"calls"`
	Wrong   int     `json:"wrong"`
	Errors  int     `json:"errors"`
	Seconds float64 `json:"seconds"`
	Sample  string  `json:"sample"`
}

// wanted is a routing key, as the header that carries it, and who must answer.
type wanted struct {
	baggage string
	variant []byte
}

func load(port string, shape, keys []string) error {
	var numbers [3]int
	for index, text := range shape {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			return fmt.Errorf("not a number above 0: %q", text)
		}
		numbers[index] = number
	}
	connections, streams, seconds := numbers[0], numbers[1], numbers[2]
	var mix []wanted
	for _, each := range keys {
		key, variant, _ := strings.Cut(each, "=")
		mix = append(mix, wanted{"userId=alice,sidetrack=" + key, []byte(variant)})
	}
	var all sync.WaitGroup
	results := make(chan result, connections*streams)
	start := time.Now()
	until := start.Add(time.Duration(seconds) * time.Second)
	for range connections {
		conn, err := grpc.NewClient("passthrough:///127.0.0.1:"+port,
			grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})))
		if err != nil {
			return err
		}
		defer conn.Close()
		for turn := range streams {
			all.Go(func() { results <- callUntil(conn, mix, turn, until) })
		}
	}
	all.Wait()
	total := result{Seconds: time.Since(start).Seconds()}
	close(results)
	for each := range results {
		total.Calls += each.Calls
		total.Wrong += each.Wrong
		total.Errors += each.Errors
		if each.Sample != "" {
			total.Sample = each.Sample
		}
	}
	return json.NewEncoder(os.Stdout).Encode(total)
}

// callUntil calls one after the other, with the keys of the mix in turn: both are on their way on each connection at any time.
func callUntil(conn *grpc.ClientConn, mix []wanted, turn int, until time.Time) (r result) {
	message := filled("call")
	for ; time.Now().Before(until); turn++ {
		want := mix[turn%len(mix)]
		var answer []byte
		ctx := metadata.AppendToOutgoingContext(context.Background(), "baggage", want.baggage)
		err := conn.Invoke(ctx, "/bench.Echo/Unary", &message, &answer)
		r.Calls++
		switch {
		case err != nil:
			r.Errors++
			r.Sample = err.Error()
			// A proxy that refuses at once must not make this a busy loop.
			time.Sleep(time.Millisecond)
		case !bytes.HasPrefix(answer, want.variant) || len(answer) != size:
			r.Wrong++
			r.Sample = fmt.Sprintf("%s was answered by %.20q", want.baggage, answer)
		}
	}
	return r
}
