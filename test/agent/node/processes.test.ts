// Which container a process is in, by the cgroups of containerd and CRI-O, v1 and v2.

import { spawn } from 'node:child_process'
import t from 'tap'
import { containerId, containerOf, innerUid, podOf, uidOf } from '../../../agent/node/processes.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)
const UID = '0a1b2c3d_0000_4000_8000_000000000001'
const DASHED = UID.replaceAll('_', '-')

for (const [fact, text, expected] of [
  ['v2, containerd, systemd', `0::/kubepods.slice/kubepods-pod${UID}.slice/cri-containerd-${A}.scope`, A],
  ['v2, containerd, cgroupfs', `0::/kubepods/burstable/pod${UID}/${A}`, A],
  ['v2, CRI-O', `0::/kubepods.slice/kubepods-pod${UID}.slice/crio-${A}.scope`, A],
  ['v2, CRI-O with a group of its own inside', `0::/kubepods.slice/crio-${A}.scope/container`, A],
  ['v2, seen from inside another container', `0::/../../kubepods-pod${UID}.slice/cri-containerd-${A}.scope`, A],
  ['v2, seen from the node’s sibling', `0::/../cri-containerd-${A}.scope`, A],
  ['v2, containerd with a prefix of its own', `0::/system.slice:cri-containerd:${A}`, A],
  ['v2, an application that made a group', `0::/kubepods/pod${UID}/${A}/init.scope`, A],
  ['v2, a container in a container', `0::/kubepods/pod${UID}/${A}/docker/${B}`, B],
  ['v2, a node that is itself a container', `0::/docker/${B}/kubelet/kubepods/pod${UID}/cri-containerd-${A}.scope`, A],
  ['v1', `11:memory:/kubepods/besteffort/pod${UID}/${A}\n1:name=systemd:/kubepods/besteffort/pod${UID}/${A}\n0::/`, A],
  ['v1, no pod groups', `9:name=systemd:/k8s.io/${A}\n4:memory:/k8s.io/${A}\n0::/`, A],
  ["CRI-O's monitor", `0::/kubepods.slice/crio-conmon-${A}.scope`, undefined],
  ['no container', '0::/system.slice/containerd.service', undefined],
  ['a longer number', `0::/x/${A}00`, undefined],
  ['nothing', '', undefined],
] as const) {
  t.test(`container of a process: ${fact}`, async (t) => {
    t.equal(containerOf(`${text}\n`), expected)
  })
}

t.test('container ids are taken from the status of pods', async (t) => {
  t.equal(containerId(`containerd://${A}`), A)
  t.equal(containerId(`cri-o://${A}`), A)
  t.equal(containerId(undefined), undefined)
  t.equal(containerId(''), undefined)
  t.equal(containerId('containerd://x'), undefined)
})

for (const [fact, text, expected] of [
  ['systemd', `0::/kubepods.slice/kubepods-pod${UID}.slice/cri-containerd-${A}.scope`, DASHED],
  ['systemd, of a class', `0::/kubepods.slice/kubepods-besteffort-pod${UID}.slice/crio-${A}.scope`, DASHED],
  ['cgroupfs', `0::/kubepods/burstable/pod${DASHED}/${A}`, DASHED],
  ['its own group, before a container has one', `0::/kubepods/pod${DASHED}`, DASHED],
  ['v1', `11:memory:/kubepods/besteffort/pod${DASHED}/${A}\n0::/`, DASHED],
  ['no groups for pods', `9:name=systemd:/k8s.io/${A}`, undefined],
  ['no pod', '0::/system.slice/podman.service', undefined],
] as const) {
  t.test(`pod of a process: ${fact}`, async (t) => {
    t.equal(podOf(`${text}\n`), expected)
  })
}

for (const [fact, outer, map, expected] of [
  ['the machine’s own', 1337, '         0          0 4294967295\n', 1337],
  ['shifted', 65_536 + 1337, '         0      65536      65536\n', 1337],
  ['in a second range', 200_005, '0 100000 1000\n1000 200000 1000\n', 1005],
  ['in none', 5, '0 100000 1000\n', 5],
  ['unknown', 5, '', 5],
] as const) {
  t.test(`uid as the pod's user namespace has it: ${fact}`, async (t) => {
    t.equal(innerUid(outer, map), expected)
  })
}

t.test('a living process tells its uid, a dead one nothing', async (t) => {
  t.equal(await uidOf(process.pid), process.geteuid?.())
  const child = spawn('true')
  await new Promise((resolve) => child.on('close', resolve))
  t.equal(await uidOf(child.pid ?? 0), undefined)
})
