// The configuration of a node's programs: pure text.

import { existsSync } from 'node:fs'
import { DNS_SERVICE, POD_RANGES, podRanges } from './network.ts'
import type { KeyPair } from './pki.ts'
import { PAUSE_IMAGE } from './programs.ts'

const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni']

export interface KubeletOptions {
  /** Holds its pods. */
  readonly cgroup: string
  /** The certificate that its clients' certificates are signed with. */
  readonly authority: string
  readonly pair: KeyPair
}

/** Each pod on a link of its own, as most networks for Kubernetes do it: no bridge whose traffic goes round the node's rules. */
export function cniConfig(index: number): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipam: {
          type: 'host-local',
          ranges: podRanges(index).map((subnet) => [{ subnet }]),
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

export function containerdConfig(cni: string): string {
  // A host without CAP_SYS_RESOURCE cannot lower the score: runc would die with "can't get final child's PID from pipe".
  return `version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_FOLDERS.find((folder) => existsSync(folder)) ?? CNI_FOLDERS[0]}"
    conf_dir = "${cni}"
`
}

export function kubeletConfig({ cgroup, authority, pair }: KubeletOptions): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pair.certificate,
    tlsPrivateKeyFile: pair.key,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    clusterDNS: [DNS_SERVICE],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    maxPods: 200,
    // Tests kill containers more often than the five minutes take that it would wait in the end.
    featureGates: { KubeletCrashLoopBackOffMax: true },
    crashLoopBackOff: { maxContainerRestartPeriod: '10s' },
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    // The disk is the developer's own: how full it is says nothing about the node.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
  }
}

export function proxyConfig(name: string, kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig, qps: 100, burst: 200 },
    mode: 'nftables',
    clusterCIDR: POD_RANGES,
    hostnameOverride: name,
    conntrack: { maxPerCore: 0 },
  }
}
