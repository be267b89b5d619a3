// The part of an nginx configuration that is the same for the upstreams and for the peer.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes the configuration with the given `http` block into `folder`; returns the arguments for nginx. */
export async function writeNginx(folder: string, http: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${join(folder, name)};`)
    .join('\n')
  await writeFile(
    file,
    `
daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
pcre_jit on;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
${temporary}
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 1h;
  tcp_nodelay on;
${http}
}
`,
  )
  // -e keeps it from opening the system's own log before it has read this file.
  return ['-e', 'stderr', '-p', folder, '-c', file]
}
