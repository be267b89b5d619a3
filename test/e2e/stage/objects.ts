// Kubernetes objects that tests make, fit for Pod Security `restricted`.

import { IMAGES } from '../../cluster/images.ts'

export interface Template {
  /** Its label `app`, and the name of its container. */
  readonly app: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where readiness is asked: a path of port 8080. */
  readonly ready?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly node?: string
  /** More of the pod's spec. */
  readonly spec?: object
}

export const INJECTED = { 'sidetrack.dev/inject': 'true' }

/** `metadata` and `spec` of a pod or of a workload's template. */
export function template({ app, image, command, args, env, ready, annotations, node, spec }: Template) {
  return {
    metadata: { labels: { app }, annotations: annotations ?? {} },
    spec: {
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      terminationGracePeriodSeconds: 2,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: app,
          image: image ?? IMAGES.shop.tag,
          command,
          args,
          env: Object.entries(env ?? {}).map(([name, value]) => ({ name, value })),
          ...(ready === undefined
            ? {}
            : { readinessProbe: { httpGet: { path: ready, port: 8080 }, periodSeconds: 1, timeoutSeconds: 5 } }),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      ...spec,
    },
  }
}

/** A Deployment or StatefulSet of one template, named like its app. */
export function workload(
  kind: 'Deployment' | 'StatefulSet',
  namespace: string,
  pods: Template,
  spec: object = {},
): object {
  const { app } = pods
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: app, namespace },
    spec: { selector: { matchLabels: { app } }, template: template(pods), ...spec },
  }
}

/** A Service of an app's pods, named like the app. */
export function service(namespace: string, app: string, port: object, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app, namespace },
    spec: { selector: { app }, ports: [port], ...spec },
  }
}
