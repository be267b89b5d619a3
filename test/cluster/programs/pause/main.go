// Command pause is the process that holds a pod's namespaces open. As the first process of a shared process namespace it has to
// reap what is left behind there: a process that ignores SIGCHLD has the kernel do it.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGCHLD)
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	<-end
}
