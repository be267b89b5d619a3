// Where the API server is, and what to show it: the contract of two implementations, a pod's service account and a person's kubeconfig.

export interface Credentials {
  /** `https://10.96.0.1:443`, without a slash at its end; may have a path. */
  readonly server: string
  /** The HTTP proxy that leads there: `http://proxy:3128`. */
  readonly proxy?: string | undefined
  /** Where to look if nobody says so. */
  readonly namespace: string
  /** What to show with the next request. `tls` is the same object for as long as it holds the same. */
  current(): Promise<Shown>
  /** Reads again, unless that has been done since `refused` was shown. True if there is something else to show now. */
  renew(refused: Shown): Promise<boolean>
}

export interface Shown {
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsMaterial
}

/** As `tls.connect` takes it; PEM. */
export interface TlsMaterial {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}
