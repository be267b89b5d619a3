// Command cluster is one binary that holds every program of a Kubernetes cluster but the container runtime: etcd, the control
// plane, kubelet, kube-proxy, CoreDNS and kubectl. It is the program whose name it is called under, so one build links them all once.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func command(c *cobra.Command) { os.Exit(cli.Run(c)) }

var programs = map[string]func(){
	"coredns":                 func() { caddy.Quiet = true; coremain.Run() },
	"etcd":                    func() { etcdmain.Main(os.Args) },
	"kube-apiserver":          func() { command(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() { command(manager.NewControllerManagerCommand()) },
	"kube-proxy":              func() { command(proxy.NewProxyCommand()) },
	"kube-scheduler":          func() { command(scheduler.NewSchedulerCommand()) },
	"kubectl":                 func() { command(kubectl.NewDefaultKubectlCommand()) },
	"kubelet":                 func() { command(kubelet.NewKubeletCommand(context.Background())) },
}

func main() {
	program, ok := programs[filepath.Base(os.Args[0])]
	if !ok {
		os.Stderr.WriteString("call this binary under the name of a program that it holds\n")
		os.Exit(2)
	}
	program()
}
