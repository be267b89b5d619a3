//go:build programs

// Package programs names what is built: istiod, the agent in its proxies, and the tool that writes its manifests.
package programs

import (
	_ "istio.io/istio/istioctl/cmd/istioctl"
	_ "istio.io/istio/pilot/cmd/pilot-agent"
	_ "istio.io/istio/pilot/cmd/pilot-discovery"
)
