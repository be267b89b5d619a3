// How the programs of a control plane are started, on a node or by themselves: their command lines, nothing else.

import { API_SERVICE, SERVICE_RANGES } from './network.ts'
import type { Pki, KeyPair } from './pki.ts'

/** What an API server shows to its clients, and what it shows to kubelets. */
export interface ControlPlaneKeys {
  readonly pki: Pki
  readonly server: KeyPair
  readonly admin: KeyPair
}

/** `addresses` are what its clients reach the API server at, beside the loopback and the Service `kubernetes`. */
export async function controlPlaneKeys(pki: Pki, addresses: readonly string[]): Promise<ControlPlaneKeys> {
  const names = ['DNS:localhost', 'DNS:kubernetes.default.svc', 'IP:127.0.0.1', `IP:${API_SERVICE}`]
  const [server, admin] = await Promise.all([
    pki.issue('apiserver', { user: 'kube-apiserver', names: [...names, ...addresses.map((each) => `IP:${each}`)] }),
    pki.issue('admin', { user: 'admin', group: 'system:masters' }),
  ])
  return { pki, server, admin }
}

/** It keeps nothing that a crash of the machine must not lose. URLs are of TCP or of a Unix socket. */
export function etcdCommand(folder: string, clientUrl: string, peerUrl: string): readonly string[] {
  return [
    'etcd',
    `--data-dir=${folder}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ]
}

export interface ApiServerOptions {
  readonly etcd: string
  readonly port: number
  /** What the Service `kubernetes` leads to. */
  readonly address: string
  readonly keys: ControlPlaneKeys
}

/** The admission plugins are the default ones and NodeRestriction, as kubeadm has it. */
export function apiServerCommand({ etcd, port, address, keys }: ApiServerOptions): readonly string[] {
  const { pki, server, admin } = keys
  return [
    'kube-apiserver',
    `--etcd-servers=${etcd}`,
    `--secure-port=${port}`,
    `--advertise-address=${address}`,
    `--service-cluster-ip-range=${SERVICE_RANGES}`,
    `--tls-cert-file=${server.certificate}`,
    `--tls-private-key-file=${server.key}`,
    `--client-ca-file=${pki.authority.certificate}`,
    `--kubelet-certificate-authority=${pki.authority.certificate}`,
    `--kubelet-client-certificate=${admin.certificate}`,
    `--kubelet-client-key=${admin.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-key-file=${pki.tokenKey}`,
    `--service-account-signing-key-file=${pki.tokenKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
  ]
}

export function controllerManagerCommand(kubeconfig: string, pki: Pki): readonly string[] {
  return [
    'kube-controller-manager',
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--use-service-account-credentials',
    `--service-account-private-key-file=${pki.tokenKey}`,
    `--root-ca-file=${pki.authority.certificate}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ]
}

export function schedulerCommand(kubeconfig: string): readonly string[] {
  return [
    'kube-scheduler',
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ]
}
